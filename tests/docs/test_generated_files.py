"""The generated files are what the code and the contracts say."""

from pathlib import Path

import pytest

from docs_tools import reference
from docs_tools.generated_files import generated_files, is_current


@pytest.mark.parametrize(
    ("path", "text"),
    [pytest.param(*file, id=file[0].name) for file in generated_files()],
)
def test_a_generated_file_is_current(path: Path, text: str) -> None:
    assert is_current(path, text), f"{path} is out of date: run `python -m docs_tools`."


def test_a_page_of_the_reference_that_says_it_is_generated_is() -> None:
    written = {
        path
        for path in reference.FOLDER.glob("*.md")
        if reference.WRITTEN_BY in path.read_text(encoding="utf-8")
    }

    assert {path for path, _ in reference.files()} == written
