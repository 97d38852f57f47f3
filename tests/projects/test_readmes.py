"""The README of each project leads to its published and its operator's numbers."""

import json
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.pages import ROOT
from tests.support.readme import run_readme

# The other pages have the same commands, and each needs half a minute.
BY_DAY = "projects/paperless-ngx/README.md"
READMES = [
    pytest.param(page, marks=[] if page == BY_DAY else pytest.mark.nightly)
    for page in sorted(
        it.relative_to(ROOT).as_posix() for it in ROOT.glob("projects/*/README.md")
    )
]


@pytest.mark.slow
@needs("bash", "curl")
@pytest.mark.parametrize("page", READMES, ids=lambda page: Path(page).parts[-2])
def test_the_commands_of_the_readme_lead_to_published_and_operators_numbers(
    page: str, tmp_path: Path
) -> None:
    printed = run_readme(page, tmp_path)

    (statistics,) = (printed[it] for it in printed if it.endswith("/stats"))
    numbers = json.loads(statistics)
    # Manyfold's server has a name of its own for the total.
    assert numbers.get("total", numbers.get("instances")) >= 15
    operators = [it for it in printed if "/operator/" in it]
    assert operators
    for command in operators:
        assert json.loads(printed[command]), command
