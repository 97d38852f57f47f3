"""The recipes of docs/how-to/use-the-numbers.md work as described."""

import os
import subprocess

from tests.support import pages
from tests.support.needs import needs
from tests.worker.clock import DAY, DUE
from tests.worker.population import generate_reports, store
from tests.worker.statistics import get_statistics
from worker.local.harness import Harness

VERSIONS, COMMITS, SHARE = pages.commands("docs/how-to/use-the-numbers.md")
needs_recipe_tools = needs("sh", "jq", "curl")


def run_recipe(worker: Harness, recipe: str) -> list[list[str]]:
    """The columns of every line that *recipe* prints."""
    done = subprocess.run(
        ("sh", "-eu", "-c", recipe),
        env={**os.environ, "STATS": worker.url, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


@needs_recipe_tools
def test_the_first_recipe_lists_versions(counted: Harness) -> None:
    cells = get_statistics(counted)["fields"]["version"]["cells"]

    assert cells
    assert run_recipe(counted, VERSIONS) == [
        [str(cell["installs"]), cell["value"]] for cell in cells
    ]


@needs_recipe_tools
def test_the_second_recipe_lists_betas_by_commit(worker: Harness) -> None:
    assert run_recipe(worker, COMMITS) == []
    store(worker, generate_reports(2, 900, DUE - 6 * DAY, DUE - DAY))
    worker.run_cron(DUE)
    betas = get_statistics(worker, "/stats?period=7d")["betas"]
    cells = betas["fields"]["commit"]["cells"]

    assert cells
    assert run_recipe(worker, COMMITS) == [
        [str(cell["installs"]), cell["value"] or "unknown"] for cell in cells
    ]


@needs_recipe_tools
def test_the_third_recipe_follows_a_version_from_month_to_month(
    counted: Harness,
) -> None:
    lines = run_recipe(counted, SHARE)

    assert [month for month, _, _ in lines] == [
        *(f"2025-{number:02}" for number in range(7, 13)),
        *(f"2026-{number:02}" for number in range(1, 5)),
    ]
    for month, total, share in lines:
        statistics = get_statistics(counted, f"/stats?period={month}")
        cells = statistics["fields"]["version"]["cells"]
        installs = {cell["value"]: cell["installs"] for cell in cells}
        assert total == str(statistics["total"] or "withheld")
        assert share == str(installs.get("2.15.0", "withheld"))
