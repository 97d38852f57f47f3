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


def test_the_reference_has_no_page_that_is_not_generated() -> None:
    assert {path for path, _ in reference.files()} == set(reference.FOLDER.iterdir())
