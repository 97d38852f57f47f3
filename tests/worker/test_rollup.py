"""The daily count on the real runtime, held against a recount from raw reports."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest

from tests.worker.faults import fault
from tests.worker.population import DAY, Cells, Row, alike, generate, iso, put, recount
from tests.worker.wire import post
from worker.local.harness import Harness

DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
BEGIN = DUE - 300 * DAY
# The run's round trips before the purge's: its state, the count, one look at each of
# four periods, the publications.
TRIPS = 7


def day(month: int, number: int, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, number, tzinfo=dt.UTC)


def cells(worker: Harness, period: str) -> Cells:
    rows = worker.query(
        "SELECT field, value, installs FROM cells WHERE period = ?1", period
    )
    return Counter({(it["field"], it["value"]): it["installs"] for it in rows})


def publications(worker: Harness) -> dict[str, dict[str, Any]]:
    return {
        it["period"]: {"as_of": it["as_of"], **json.loads(it["body"])}
        for it in worker.query("SELECT * FROM publications ORDER BY period")
    }


def run(worker: Harness, due: dt.datetime = DUE) -> None:
    assert worker.run_cron(due) == "ok"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return generate(6, 400, BEGIN, DUE)


def test_every_count_is_that_of_a_recount_from_raw_reports(
    worker: Harness, rows: list[Row]
) -> None:
    put(worker, rows)

    run(worker)

    for days in (7, 30, 365):
        assert cells(worker, f"{days}d") == recount(rows, DUE - days * DAY)
    assert cells(worker, "2026-05") == recount(rows, day(5, 1))


def test_every_month_that_is_over_counts_as_it_was_when_it_ended(
    worker: Harness, rows: list[Row]
) -> None:
    """Nobody counted then: the reports since have to be told apart."""
    put(worker, rows)

    run(worker)

    months = [*((2025, it) for it in range(8, 13)), *((2026, it) for it in range(1, 5))]
    for year, month in months:
        end = day(month % 12 + 1, 1, year + month // 12)
        counted = cells(worker, f"{year}-{month:02}")
        assert counted
        assert counted == recount(rows, day(month, 1, year), end)


def test_totals_are_those_of_the_recount_too(worker: Harness, rows: list[Row]) -> None:
    put(worker, rows)

    run(worker)

    for period, told in publications(worker).items():
        counted = cells(worker, period)
        total = sum(it for (name, _), it in counted.items() if name == "arch")
        assert told["total"] == (total if total >= 10 else None)
        for name, field in told["fields"].items():
            shown = sum(it["installs"] for it in field["cells"])
            assert field["withheld"] or shown == total
            for cell in field["cells"]:
                value = cell["value"]
                stored = int(value) if isinstance(value, bool) else value
                assert cell["installs"] == counted[name, json.dumps(stored)] >= 10


def test_commits_are_told_of_betas_alone(worker: Harness) -> None:
    put(
        worker,
        [
            *alike(30, DUE - DAY, "a", channel="stable", commit="aaaaaaaaa"),
            *alike(20, DUE - DAY, "b", channel="beta", commit="bbbbbbbbb"),
            *alike(11, DUE - DAY, "c", channel="beta"),
        ],
    )

    run(worker)

    told = publications(worker)["30d"]
    assert "commit" not in told["fields"]
    assert told["betas"] == {
        "total": 31,
        "fields": {
            "commit": {
                "cells": [
                    {"value": "bbbbbbbbb", "installs": 20},
                    {"value": None, "installs": 11},
                ],
                "withheld": False,
            }
        },
    }


def test_commits_of_betas_that_are_withheld_are_not_told(worker: Harness) -> None:
    put(
        worker,
        [
            *alike(30, DUE - DAY, "a", channel="stable"),
            # Withheld beside the nine of dev, so that those cannot be worked out.
            *alike(20, DUE - DAY, "b", channel="beta", commit="bbbbbbbbb"),
            *alike(9, DUE - DAY, "c", channel="dev"),
        ],
    )

    run(worker)

    told = publications(worker)["30d"]
    assert told["fields"]["channel"] == {
        "cells": [{"value": "stable", "installs": 30}],
        "withheld": True,
    }
    assert told["betas"] is None


def test_an_installation_counts_once_and_as_it_reported_last(worker: Harness) -> None:
    put(
        worker,
        [
            *alike(12, DUE - 20 * DAY, version="2.15.0"),
            *alike(12, DUE - 10 * DAY, version="3.0.0"),
        ],
    )

    run(worker)

    told = publications(worker)["30d"]
    assert told["total"] == 12
    assert told["fields"]["version"]["cells"] == [{"value": "3.0.0", "installs": 12}]


def test_ten_installations_are_a_number_and_nine_are_none(worker: Harness) -> None:
    put(worker, alike(10, DUE - DAY, arch="x86_64"))
    run(worker)
    assert publications(worker)["7d"]["total"] == 10

    worker.query("DELETE FROM installations WHERE uuid = '00000000'")
    run(worker)
    told = publications(worker)["7d"]

    assert told["total"] is None
    assert told["betas"] is None
    for field in told["fields"].values():
        assert field == {"cells": [], "withheld": True}


def test_who_is_forgotten_is_gone_from_the_next_count(
    worker: Harness, report: dict[str, object]
) -> None:
    post(worker, report)
    run(worker, dt.datetime.now(dt.UTC))
    assert cells(worker, "30d")["version", json.dumps(report["version"])] == 1

    post(worker, {"uuid": report["uuid"]}, "/forget")
    run(worker, dt.datetime.now(dt.UTC))

    assert worker.query("SELECT * FROM cells") == []


def test_a_second_run_changes_nothing(worker: Harness, rows: list[Row]) -> None:
    put(worker, rows)
    run(worker)
    before = publications(worker), worker.query("SELECT * FROM cells")

    run(worker)

    assert (publications(worker), worker.query("SELECT * FROM cells")) == before


@pytest.mark.parametrize(
    "name", ["counts refused", "counts undone", "publication undone"]
)
def test_a_run_that_fails_half_way_leaves_what_was_published(
    worker: Harness, rows: list[Row], name: str
) -> None:
    """The one after it does all of it."""
    put(worker, rows[: len(rows) // 2])
    run(worker, DUE - DAY)
    before = publications(worker)
    counts = worker.query("SELECT * FROM cells")
    worker.query("DELETE FROM reports")
    put(worker, rows)

    with fault(worker, name):
        assert worker.run_cron(DUE) == "exception"

    assert publications(worker) == before
    if name != "publication undone":
        assert worker.query("SELECT * FROM cells") == counts
    run(worker)
    assert cells(worker, "30d") == recount(rows, DUE - 30 * DAY)
    assert publications(worker)["30d"]["as_of"] == iso(DUE)


def test_a_run_that_cannot_count_still_purges(worker: Harness) -> None:
    """How long reports are kept is a promise."""
    put(worker, alike(20, DUE - 400 * DAY))

    with fault(worker, "counts refused"):
        # Something to count, so that something fails.
        put(worker, alike(20, DUE - DAY, "b"))
        assert worker.run_cron(DUE) == "exception"

    (left,) = worker.query("SELECT COUNT(*) AS n FROM reports")
    assert left["n"] == 20


def test_a_month_is_counted_once_it_is_over_and_then_never_again(
    worker: Harness,
) -> None:
    end = day(6, 1)
    put(worker, alike(15, end - DAY, "a", version="2.15.0"))
    run(worker, end - dt.timedelta(hours=1))
    put(worker, alike(5, end - dt.timedelta(minutes=30), "b", version="2.15.0"))
    # Eight have reported again before the cron comes.
    put(worker, alike(8, end + dt.timedelta(hours=2), "a", version="3.0.0"))
    run(worker, end + dt.timedelta(hours=3))

    told = publications(worker)
    assert told["2026-05"]["total"] == 20
    assert told["2026-05"]["until"] == iso(end)
    assert told["2026-05"]["fields"]["version"]["cells"] == [
        {"value": "2.15.0", "installs": 20}
    ]
    assert told["2026-06"]["total"] is None

    run(worker, end + 40 * DAY)
    run(worker, end + 900 * DAY)
    after = publications(worker)
    assert worker.query("SELECT * FROM reports") == []
    assert after["2026-05"] == told["2026-05"]
    assert after["30d"]["total"] is None


def test_a_month_counts_as_it_ended_though_the_cron_was_down_for_weeks(
    worker: Harness, rows: list[Row]
) -> None:
    put(worker, rows)
    run(worker, day(4, 20))
    run(worker, DUE)

    told = publications(worker)["2026-04"]
    assert told["as_of"] == iso(DUE)
    assert cells(worker, "2026-04") == recount(rows, day(4, 1), day(5, 1))


def test_a_month_counts_as_it_ended_though_a_clock_was_slow(worker: Harness) -> None:
    """One report was stored after June's first, with a time in May."""
    end = day(6, 1)
    rows = [
        *alike(20, end - 9 * DAY, "a"),
        *alike(20, end + dt.timedelta(minutes=10), "a"),
        *alike(1, end - dt.timedelta(minutes=30), "b"),
    ]
    put(worker, rows)

    run(worker, end + DAY)

    assert publications(worker)["2026-05"]["total"] == 21
    assert cells(worker, "2026-05") == recount(rows, day(5, 1), end)


def test_a_period_begins_with_its_first_moment_and_ends_before_the_next(
    worker: Harness,
) -> None:
    """The run itself may be due at that moment."""
    begin, end = day(5, 1), day(6, 1)
    rows = [*alike(20, begin, "a"), *alike(12, end, "a")]
    put(worker, rows)

    run(worker, end)

    assert cells(worker, "2026-05") == recount(rows, begin, end)
    told = publications(worker)
    assert told["2026-05"]["total"] == 20
    assert (told["2026-05"]["from"], told["2026-05"]["until"]) == (iso(begin), iso(end))
    assert told["2026-06"]["total"] == 12
    run(worker, end + DAY)
    assert publications(worker)["2026-05"] == told["2026-05"]


def test_a_month_that_goes_on_is_told_until_when_it_was_counted(
    worker: Harness,
) -> None:
    run(worker)

    told = publications(worker)["2026-05"]
    assert (told["from"], told["until"]) == (iso(day(5, 1)), iso(DUE))


def test_of_several_months_those_that_are_done_stay_done(
    worker: Harness, rows: list[Row]
) -> None:
    put(worker, rows)
    with fault(worker, "one month undone"):
        assert worker.run_cron(DUE) == "exception"

    assert {"30d", "2025-12", "2026-04", "2026-05"} <= set(publications(worker))
    assert "2026-01" not in publications(worker)
    run(worker, DUE + DAY)
    assert publications(worker)["2025-12"]["as_of"] == iso(DUE)
    assert publications(worker)["2026-01"]["as_of"] == iso(DUE + DAY)


def test_a_month_whose_reports_are_all_forgotten_ends_empty(worker: Harness) -> None:
    put(worker, alike(15, day(5, 10)))
    run(worker, day(5, 20))
    for table in ("reports", "installations"):
        worker.query(f"DELETE FROM {table}")  # noqa: S608  # our own tables

    run(worker, day(6, 2))

    assert publications(worker)["2026-05"]["total"] is None


def test_what_is_not_kept_any_more_does_not_count(observed: Harness) -> None:
    """And the answer says since when it counts."""
    put(observed, alike(15, DUE - 40 * DAY, "a") + alike(12, DUE - 5 * DAY, "b"))

    assert observed.run_cron(DUE, cron="30") == "ok"

    told = publications(observed)
    assert told["365d"]["total"] == 12
    assert told["365d"]["from"] == iso(DUE - 30 * DAY)
    assert told["2026-04"]["total"] is None
    assert told["2026-04"]["from"] == iso(DUE - 30 * DAY)


def test_with_no_data_it_publishes_that_there_is_none(worker: Harness) -> None:
    run(worker)

    told = publications(worker)
    assert set(told) == {"7d", "30d", "365d", "2026-05"}
    assert all(it["total"] is None for it in told.values())
    assert worker.query("SELECT * FROM cells") == []


def test_values_that_were_made_up_by_the_thousand_cost_the_worker_nothing(
    observed: Harness,
) -> None:
    """What is below ten comes to it as one cell a field."""
    rows = alike(3000, DUE - DAY, arch="x86_64")
    put(observed, [{**it, "arch": f"made-up-{it['uuid']}"} for it in rows])
    put(observed, alike(12, DUE - DAY, "z", arch="x86_64"))
    observed.logged()

    run(observed)

    assert publications(observed)["30d"]["fields"]["arch"] == {
        "cells": [{"value": "x86_64", "installs": 12}],
        "withheld": True,
    }


@pytest.mark.parametrize("installs", [1000, 8000])
def test_it_reads_each_installation_a_few_times_and_writes_only_cells(
    observed: Harness, installs: int
) -> None:
    kinds = generate(1, 50, DUE - 300 * DAY, DUE)
    put(
        observed,
        [
            {**kinds[it % len(kinds)], "uuid": f"{it:x}"[::-1].ljust(32, "0")}
            for it in range(1, installs + 1)
        ],
    )
    observed.query("DELETE FROM reports")
    observed.logged()

    run(observed)

    *_, trips = observed.logged()
    counting = [it for trip in json.loads(trips)[:TRIPS] for it in trip]
    # Twice, once to read and once to group; the rest is for the groups and cells.
    assert sum(it["rows_read"] for it in counting) <= 4 * installs + 14_000
    assert sum(it["rows_written"] for it in counting) <= 1200
    # Of the 50 statements of a run on the free plan: docs/scale.md says what is left.
    assert len(counting) == 19


def test_the_log_tells_which_periods_and_nothing_else(worker: Harness) -> None:
    put(worker, alike(12, day(5, 10)))
    worker.logged()

    run(worker, day(6, 2))

    assert worker.logged()[0] == (
        "installations: counted for 7d, 30d, 365d, 2026-06, 2026-05"
    )
