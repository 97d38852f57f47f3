import pytest

from build_hooks.tags import DEFAULT_PATTERN
from build_hooks.unread_tags import Remarks, explain_all

VERSION = "1.4.0"


def explained(*names: str, pattern: str = DEFAULT_PATTERN, **other: bool) -> Remarks:
    return explain_all(names, pattern, VERSION, **{"released": False, **other})


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("release-1.4.0", "release-(?P<version>.+)"),
        ("shelf-v1.4.0", "shelf-v(?P<version>.+)"),
        ("shelf/v1.4.0", "shelf/v(?P<version>.+)"),
        ("shelf1.4.0", "shelf(?P<version>.+)"),
        ("v.1.4.0", r"v\.(?P<version>.+)"),
        ("c++-1.4.0", r"c\+\+-(?P<version>.+)"),
        ("2to4-1.4.0", "2to4-(?P<version>.+)"),
        ("release/14", "release/(?P<version>.+)"),
    ],
)
def test_a_tag_with_a_word_is_explained_with_the_pattern_that_reads_it(
    name: str, pattern: str
) -> None:
    (warning,) = explained(name).warnings

    assert f"Tag {name} is not read" in warning
    assert f"tag-pattern = '{pattern}'" in warning
    assert explained(name, pattern=pattern + "x").warnings == ()


@pytest.mark.parametrize(
    "name", ["v1.4.0-foo", "1.4.0.Final", "1.4.0-SNAPSHOT", "v1.4.x", "REL_1_4_0"]
)
def test_a_version_that_pep_440_does_not_know_is_explained(name: str) -> None:
    (warning,) = explained(name).warnings

    assert f"Tag {name} is not read" in warning
    assert "not written as PEP 440 says" in warning


def test_a_local_part_is_explained_with_the_tag_to_use() -> None:
    (warning,) = explained("v1.4.0+build.7").warnings

    assert "Tag the commit v1.4.0 instead" in warning


@pytest.mark.parametrize(
    "name", ["nightly", "latest", "build-123", "deploy-20260518", "before-rewrite"]
)
def test_a_tag_that_is_not_meant_as_a_release_needs_no_word(name: str) -> None:
    assert explained(name) == Remarks()


def test_the_older_version_of_another_name_is_a_note() -> None:
    remarks = explained("other-1.3.0", "other-1.4.0")

    assert [it.split()[1] for it in remarks.notes] == ["other-1.3.0"]
    assert [it.split()[1] for it in remarks.warnings] == ["other-1.4.0"]


def test_next_to_a_release_any_other_tag_is_a_note() -> None:
    remarks = explained("v1.4.0-foo", "other-1.4.0", released=True)

    assert remarks.warnings == ()
    assert len(remarks.notes) == 2


def test_a_pattern_leaves_out_the_tags_of_other_packages() -> None:
    pattern = "shelf-v(?P<version>.+)"

    assert explained("lamp-v2.0.0", pattern=pattern) == Remarks()
    assert explained("v2.0.0", pattern=pattern, released=True) == Remarks()


def test_a_release_that_the_pattern_leaves_out_is_explained() -> None:
    (warning,) = explained("v1.4.0rc1", pattern=r"v(?P<version>\d\.\d\.\d)").warnings

    assert "does not match tag-pattern" in warning


def test_a_tag_of_the_pattern_without_a_version_is_explained() -> None:
    pattern = "shelf-v(?P<version>.+)"

    (warning,) = explained("shelf-vnext", pattern=pattern).warnings

    assert "shelf-vnext" in warning
