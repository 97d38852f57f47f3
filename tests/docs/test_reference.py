"""The reference is what the code says."""

from pathlib import Path

import pytest

from docs import reference


@pytest.mark.parametrize(
    ("path", "text"), [pytest.param(*it, id=it[0].name) for it in reference.pages()]
)
def test_a_page_is_what_it_is_made_of(path: Path, text: str) -> None:
    """If this fails: `nox -s docs`."""
    assert path.read_text(encoding="utf-8") == text


def test_no_page_is_left_over() -> None:
    assert {path for path, _ in reference.pages()} == set(reference.FOLDER.iterdir())
