"""The daily count equals a recount from raw reports, rounded, and costs a bounded amount."""

import json
from collections.abc import Mapping

import pytest

from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, count_reports, select_all
from tests.worker.failing_database import failing
from tests.worker.population import (
    Row,
    generate_reports,
    identical_reports,
    store,
    store_identical,
)
from tests.worker.statistics import (
    WINDOWS,
    numbers,
    publish,
    read_publications,
    read_secret,
    round_count,
    rounded,
)
from worker.local.harness import Harness

# The end of the first edition.
TODAY = midnight(2026, 5, 18)
# The round trips of a run before the purge: its state, exact counts of an earlier
# release, the count, the publications.
TRIPS = 4


def test_every_number_of_an_edition_is_a_rounded_recount_of_raw_reports(
    counted: Harness, year_of_reports: list[Row]
) -> None:
    publications = read_publications(counted)

    for period, days in WINDOWS.items():
        edition = publications[period]
        begin = TODAY - days * DAY
        assert (edition["from"], edition["until"]) == (iso(begin), iso(TODAY))
        expected = rounded(counted, year_of_reports, begin, TODAY)
        assert numbers(edition) == expected
        assert expected[1]


def test_the_order_of_equal_numbers_reveals_no_count(counted: Harness) -> None:
    """The largest numbers come first, and equal ones are sorted by their values."""
    for edition in read_publications(counted).values():
        cells = [
            (name[0], -count, name[1]) for name, count in numbers(edition)[1].items()
        ]
        for field in edition["fields"]:
            order = [cell for cell in cells if cell[0] == field]
            assert order == sorted(order)


def test_commits_are_published_for_betas_only(worker: Harness) -> None:
    day = DUE - DAY
    store_identical(worker, 30, day, "a", channel="stable", commit="aaaaaaaaa")
    store_identical(worker, 25, day, "b", channel="beta", commit="bbbbbbbbb")
    store_identical(worker, 15, day, "c", channel="beta")

    edition = publish(worker)["30d"]

    assert "commit" not in edition["fields"]
    values = [it["value"] for it in edition["betas"]["fields"]["commit"]["cells"]]
    assert values == ["bbbbbbbbb", None]
    betas = {cell["value"]: cell for cell in edition["fields"]["channel"]["cells"]}
    assert edition["betas"]["total"] == betas["beta"]["installs"]


def test_commits_are_withheld_if_the_number_of_betas_is(worker: Harness) -> None:
    store_identical(worker, 30, DUE - DAY, "a", channel="stable")
    store_identical(worker, 10, DUE - DAY, "b", channel="beta", commit="bbbbbbbbb")

    edition = publish(worker)["30d"]

    cells = edition["fields"]["channel"]["cells"]
    assert [cell["value"] for cell in cells] == ["stable"]
    assert edition["betas"] is None


def test_an_installation_counts_once_with_its_latest_report(worker: Harness) -> None:
    store_identical(worker, 20, DUE - 20 * DAY, version="2.15.0")
    store_identical(worker, 20, DUE - 10 * DAY, version="3.0.0")

    edition = publish(worker)["30d"]

    (cell,) = edition["fields"]["version"]["cells"]
    assert cell["value"] == "3.0.0"
    assert edition["total"] == round_count(read_secret(worker), 20, "total")


@pytest.mark.parametrize(
    ("installs", "appears"), [(10, {False}), (11, {False, True}), (15, {True})]
)
def test_a_number_appears_only_where_its_rounded_value_is_15_or_more(
    worker: Harness, installs: int, appears: set[bool]
) -> None:
    """Twenty architectures have twenty offsets."""
    machines = [f"{major}.{minor}.0" for major in range(4) for minor in range(5)]
    for prefix, version in zip("abcdefghijklmnopqrst", machines, strict=True):
        store_identical(worker, installs, DUE - DAY, prefix, version=version)

    cells = publish(worker)["7d"]["fields"]["version"]["cells"]

    shown = {cell["value"] for cell in cells}
    assert {version in shown for version in machines} == appears
    assert all(cell["installs"] >= 15 for cell in cells)


def test_an_excluded_installation_is_in_no_number(worker: Harness) -> None:
    """Neither with its latest report nor with the one that was the latest in a month."""
    kept = store_identical(worker, 40, midnight(2026, 4, 20), "a", arch="x86_64")
    store_identical(worker, 40, midnight(2026, 4, 20), "b", arch="riscv64")
    store_identical(worker, 40, DUE - DAY, "b", arch="riscv64")
    worker.query("UPDATE installations SET excluded = 1 WHERE uuid LIKE 'b%'")

    editions = publish(worker)

    windows = {name: TODAY - days * DAY for name, days in WINDOWS.items()}
    for period, begin in {**windows, "2026-04": midnight(2026, 4, 1)}.items():
        end = midnight(2026, 5, 1) if period == "2026-04" else TODAY
        assert numbers(editions[period]) == rounded(worker, kept, begin, end)


def test_a_second_run_changes_nothing(counted: Harness) -> None:
    before = read_publications(counted)
    store_identical(counted, 50, DUE, "late")

    assert publish(counted) == before


@pytest.mark.both
@pytest.mark.parametrize("failure", ["publication refused", "publication undone"])
def test_a_run_that_fails_halfway_changes_no_window_and_the_next_makes_up_for_it(
    worker: Harness, year_of_reports: list[Row], failure: str
) -> None:
    store(worker, year_of_reports[: len(year_of_reports) // 2])
    before = publish(worker, DUE - 8 * DAY)
    clear(worker, "reports")
    store(worker, year_of_reports)

    with failing(worker, failure):
        assert worker.run_cron(DUE) == "exception"

    assert {name: read_publications(worker)[name] for name in WINDOWS} == {
        name: before[name] for name in WINDOWS
    }
    edition = publish(worker)["30d"]
    sunday = TODAY - DAY
    assert edition["as_of"] == iso(DUE)
    assert numbers(edition) == rounded(
        worker, year_of_reports, sunday - 30 * DAY, sunday
    )


@pytest.mark.both
def test_a_run_that_cannot_count_still_purges(worker: Harness) -> None:
    """The retention is a promise, whatever happens to the statistics."""
    store_identical(worker, 20, DUE - 400 * DAY)
    store_identical(worker, 20, DUE - DAY, "b")

    with failing(worker, "publication refused"):
        assert worker.run_cron(DUE) == "exception"

    assert count_reports(worker) == 20


def flood(worker: Harness, installs: int, templates: list[Row]) -> None:
    """Store *installs* installations with the values of *templates*, without reports."""
    store(
        worker,
        [
            {
                **templates[number % len(templates)],
                "uuid": f"{number:x}"[::-1].ljust(32, "0"),
            }
            for number in range(1, installs + 1)
        ],
    )
    clear(worker, "reports")
    worker.read_log()


def read_cost(worker: Harness) -> list[Mapping[str, int]]:
    """D1's metadata of each statement of the last run before its purge."""
    *_, trips = worker.read_log()
    return [meta for trip in json.loads(trips)[:TRIPS] for meta in trip]


@pytest.mark.cloudflare
@pytest.mark.parametrize("installs", [1000, 8000])
def test_a_run_reads_each_installation_a_few_times_and_writes_only_publications(
    instrumented: Harness, installs: int
) -> None:
    flood(instrumented, installs, generate_reports(1, 50, DUE - 300 * DAY, DUE - DAY))

    publish(instrumented)

    counting = read_cost(instrumented)
    # Twice each, to read and to group; the rest is for the groups and cells.
    assert sum(meta["rows_read"] for meta in counting) <= 4 * installs + 6_000
    # Of the 50 statements of a run on the free plan: docs/explanation/cost-and-scale.md says what is left.
    assert len(counting) == 12
    assert sum(meta["rows_written"] for meta in counting) <= 5


@pytest.mark.cloudflare
def test_a_flood_of_made_up_values_writes_no_more_rows_on_any_day(
    instrumented: Harness,
) -> None:
    """4,000 installations, each with values that nobody else has in every open field."""
    rows = [
        {
            **row,
            "version": f"{number % 9999}.{number // 9999}.1",
            "channel": "beta",
            "commit": f"{number:09x}",
            "arch": f"a{number}",
            "python": f"3.12.{number % 999}b{number}",
        }
        for number, row in enumerate(identical_reports(4000, DUE - 8 * DAY))
    ]
    store(instrumented, rows)

    for days in (0, 1, 6, 7, 14, 40):
        instrumented.read_log()
        publish(instrumented, DUE + days * DAY)
        cost = read_cost(instrumented)
        assert sum(meta["rows_written"] for meta in cost) <= 6
        assert sum(meta["rows_read"] for meta in cost) <= 16 * len(rows)
    assert select_all(instrumented, "cells") == []


def test_a_flood_of_common_values_publishes_at_most_500_of_a_field(
    worker: Harness,
) -> None:
    rows = identical_reports(600 * 16, DUE - DAY)
    store(
        worker,
        [
            {**row, "version": f"{number % 600}.0.0", "channel": "stable"}
            for number, row in enumerate(rows)
        ],
    )
    store_identical(worker, 40, DUE - DAY, "z", version="2.15.0")

    cells = publish(worker)["7d"]["fields"]["version"]["cells"]

    assert len(cells) <= 500
    assert cells[0]["value"] == "2.15.0"


def test_every_value_that_is_not_published_counts_as_other(worker: Harness) -> None:
    """However rare it is: the number must not depend on which values are common."""
    rows = identical_reports(3000, DUE - DAY)
    store(worker, [{**row, "python": f"{3}.1.1-made-up-{row['uuid']}"} for row in rows])
    store_identical(worker, 20, DUE - DAY, "z", python="3.13.0rc2")

    cells = publish(worker)["30d"]["fields"]["python"]["cells"]

    secret = read_secret(worker)
    expected = {
        value: round_count(secret, count, "python", json.dumps(value))
        for value, count in (("other", 3000), ("3.13.0rc2", 20))
    }
    assert {cell["value"]: cell["installs"] for cell in cells} == expected


def test_the_log_names_the_counted_periods_and_nothing_else(worker: Harness) -> None:
    store_identical(worker, 20, midnight(2026, 5, 10))
    worker.read_log()

    publish(worker, midnight(2026, 6, 2))

    assert worker.read_log() == [
        "report: counted for 2026-05",
        "report: counted for 7d, 30d, 365d",
        "report: purged 0, older than 366 days",
        "report: counted the active installations of 2026-06-01",
    ]
