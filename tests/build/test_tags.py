import itertools
from collections import Counter
from pathlib import Path

import pytest

from build_hooks import tags

CHANNELS = {
    "v2.15.0": "stable",
    "2.7.0": "stable",
    "v1.2.3.post1": "stable",
    "v2.15.0-beta.rc1": "beta",
    "v2.0.0-beta.1": "beta",
    "v1.2.3-alpha": "beta",
    "v1.2.3-rc.1": "beta",
    "v1.2.3a1": "beta",
    "v1.2.3b2": "beta",
    "v1.2.3rc1": "beta",
    "v1.2.3.dev4": "dev",
    "v1.2.3rc1.dev2": "dev",
    # Whatever PEP 440 calls equal to one of these.
    "v1.4": "stable",
    "v2026.11": "stable",
    "v1.2.3.4": "stable",
    "v1!2.0": "stable",
    "v2026.05.03": "stable",
    "V1.4.0": "stable",
    "v1.4.0-post1": "stable",
    "v1.4.0-1": "stable",
    "v1.4.0.r2": "stable",
    "v1.4.0RC1": "beta",
    "v1.4.0c1": "beta",
    "v1.4.0-pre.1": "beta",
    "v1.4.0_preview_2": "beta",
    "v1.4-beta.rc2": "beta",
    "v1.4.0-DEV": "dev",
}
NOT_RELEASES = (
    "beta-1.7.0-rc1",
    "ngx-1.7.0-rc1",
    "ng-0.9.10",
    "jw-1.0.0",
    "v2.15.0+build.7",
    "v.2.15.0",
    "v2.15.0-hotfix",
    "v2.15.0-beta.rc1-arm",
    "nightly",
    "v\N{ARABIC-INDIC DIGIT TWO}.1.0",
    "",
)
ASCENDING = (
    "v1.9.9",
    "v1.10.0.dev1",
    "v1.10.0a1",
    "v1.10.0-beta.2",
    "v1.10.0-beta.rc1",
    "v1.10.0-beta.rc2",
    "v1.10.0-beta.rc10",
    "v1.10.0rc1.dev1",
    "v1.10.0rc1",
    "v1.10.0",
    "v1.10.0.post1",
    "v2.0.0",
    "v2026.1",
    "v2026.02.1",
    "v1!1.0",
)


@pytest.mark.parametrize(("name", "channel"), CHANNELS.items())
def test_a_release_tag_names_its_channel(name: str, channel: str) -> None:
    tag = tags.parse(name)

    assert tag is not None
    assert tag.channel == channel


@pytest.mark.parametrize("name", NOT_RELEASES)
def test_any_other_tag_is_not_a_release(name: str) -> None:
    assert tags.parse(name) is None


@pytest.mark.parametrize(("lower", "higher"), list(itertools.pairwise(ASCENDING)))
def test_the_highest_version_comes_first_in_either_order(
    lower: str, higher: str
) -> None:
    for names in ((lower, higher), (higher, lower)):
        assert [tag.name for tag in tags.find_releases(names)] == [higher, lower]


def test_without_a_release_tag_there_is_no_highest() -> None:
    assert tags.find_releases(NOT_RELEASES) == []


@pytest.mark.parametrize(
    ("tag", "version", "fits"),
    [
        ("v2.15.0", "2.15.0", True),
        ("v2.15.0-beta.rc1", "2.15.0", True),
        ("v2.15.0rc1", "2.15.0rc1", True),
        ("v2.15.0-rc.1", "2.15.0rc1", True),
        ("v3.0.0-beta.rc1", "2.20.15", False),
        ("v2.15.0", "2.15.0rc1", False),
        ("v2.15.0rc2", "2.15.0rc1", False),
        ("v2.15.0", "2.15", True),
        ("v2026.05", "2026.5.0", True),
        ("v1.4.0-1", "1.4.0.post1", True),
        ("v1.4.0.post1", "1.4.0", True),
        ("v1.4.0", "1.4.0.post1", False),
        ("v1.4.0", "1.4.0+cu128", True),
        ("v1.4.0", "1.4.1.dev0+g0123456", False),
        ("v1!1.4.0", "1.4.0", False),
        ("v1.4.0", "", False),
        ("v1.4.0", "unknown", False),
    ],
)
def test_a_tag_fits_its_version_and_no_other(
    tag: str, version: str, *, fits: bool
) -> None:
    parsed = tags.parse(tag)

    assert parsed is not None
    assert parsed.fits(version) is fits


def test_the_tags_of_paperless_ngx_are_170_stable_14_beta_and_43_ignored() -> None:
    names = Path(__file__).with_name("paperless_tags.txt").read_text().split()
    channels = Counter(
        tag.channel if (tag := tags.parse(name)) else None for name in names
    )

    assert channels == {"stable": 170, "beta": 14, None: 43}


@pytest.mark.parametrize(
    ("pattern", "name", "version"),
    [
        (r"release-(?P<version>.+)", "release-2.15.0", "2.15.0"),
        (r"release-(?P<version>.+)", "v2.15.0", None),
        (r"(?P<version>.+)-lts", "2.15.0-beta.rc1-lts", "2.15.0-beta.rc1"),
        (r"v(x|(?P<version>.+))", "vx", None),
    ],
)
def test_a_pattern_matches_the_text_around_the_version(
    pattern: str, name: str, version: str | None
) -> None:
    tag = tags.parse(name, pattern)

    assert (tag.version if tag else None) == version
