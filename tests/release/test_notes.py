import pytest

from build_hooks import tags
from release import notes
from release.errors import NotesError

CHANGELOG = """\
# Changelog

## Unreleased

- Nothing yet tagged.

## [0.2.0] - 2026-06-01

### Added

- A thing.

## 0.1.0rc2

- Fixed.

## 0.1.0

- All of it.

## 0.0.9
"""


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("v0.2.0", "### Added\n\n- A thing."),
        ("v0.2.0rc1", "### Added\n\n- A thing."),
        ("v0.1.0rc2", "- Fixed."),
        ("v0.1.0rc1", "- All of it."),
        ("v0.1.0", "- All of it."),
        ("v0.3.0-beta.rc1", "- Nothing yet tagged."),
    ],
)
def test_a_tag_gets_its_section(tag: str, text: str) -> None:
    parsed = tags.parse(tag)
    assert parsed is not None

    assert notes.find_notes(CHANGELOG, parsed) == text


@pytest.mark.parametrize("tag", ["v0.3.0", "v0.2.0.post1", "v0.0.9"])
def test_a_final_without_a_section_is_refused(tag: str) -> None:
    parsed = tags.parse(tag)
    assert parsed is not None

    with pytest.raises(NotesError, match=f'has no notes for {tag}: .* "## '):
        notes.find_notes(CHANGELOG, parsed)
