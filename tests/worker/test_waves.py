"""The recipes of docs/how-to/moderate.md find a wave of made-up installations, and exclude it."""

import datetime as dt
import shlex

import pytest

from tests.support import pages
from tests.worker.clock import DAY, DUE
from tests.worker.database import select_all
from tests.worker.population import identical_reports, store
from tests.worker.statistics import publish
from worker.local.harness import Harness

RECIPES = [
    shlex.split(it)[-1]
    for it in pages.commands("docs/how-to/moderate.md")
    if "excluded" in it
]
FIND, EXCLUDE, READMIT = RECIPES
# The wave of the page. It lies in two hours of the clock.
SINCE = dt.datetime(2026, 5, 14, 21, 40, tzinfo=dt.UTC)
WAVE = {"version": "9.9.9", "arch": "riscv64", "channel": "stable"}
HONEST = {"version": "2.15.0", "arch": "x86_64", "channel": "stable"}


@pytest.fixture
def flooded(worker: Harness) -> Harness:
    """The Worker with forty honest installations and a wave of thirty others."""
    rows = []
    for number in range(40):
        time = SINCE - number * dt.timedelta(hours=5)
        rows += identical_reports(1, time, f"a{number}", **HONEST)
    for number in range(30):
        time = SINCE + number * dt.timedelta(seconds=80)
        rows += identical_reports(1, time, f"b{number}", **WAVE)
    # Alike in everything that marks the wave, but first seen on another day.
    rows += identical_reports(5, SINCE + DAY, "c", **WAVE)
    store(worker, sorted(rows, key=lambda row: row["received"]))
    return worker


def run(worker: Harness, recipe: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for statement in recipe.split(";"):
        rows += worker.query(statement)
    return rows


def excluded(worker: Harness) -> set[str]:
    rows = select_all(worker, "installations")
    return {row["uuid"][0] for row in rows if row["excluded"]}


def test_the_recipe_finds_a_wave_and_nothing_else(flooded: Harness) -> None:
    (wave,) = run(flooded, FIND)

    assert wave["installs"] == 30
    assert wave["since"] == "2026-05-14T21:40:00.000Z"
    assert wave["until"] == "2026-05-14T22:18:40.000Z"
    assert {name: wave[name] for name in WAVE} == WAVE


def test_an_excluded_wave_is_in_no_number_until_it_is_readmitted(
    flooded: Harness,
) -> None:
    def versions(weeks: int) -> dict[str, int]:
        cells = publish(flooded, DUE + 7 * weeks * DAY)["30d"]["fields"]["version"]
        return {cell["value"]: cell["installs"] for cell in cells["cells"]}

    before = versions(0)
    assert set(before) == {"2.15.0", "9.9.9"}

    run(flooded, EXCLUDE)

    assert excluded(flooded) == {"b"}
    assert run(flooded, FIND) == []
    assert versions(1) == {"2.15.0": before["2.15.0"]}

    run(flooded, READMIT)

    assert excluded(flooded) == set()
    assert versions(2) == before
