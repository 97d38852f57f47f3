"""The daily count equals a recount from raw reports, and withholds small cells."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest

from tests.worker.client import post
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, count_reports, select_all
from tests.worker.failing_database import failing
from tests.worker.population import (
    Cells,
    Row,
    generate_reports,
    identical_reports,
    recount,
    store,
)
from tests.worker.reports import Report
from worker.local.harness import Harness

# The round trips of a run before the purge: its state, the count, one for each of four
# periods, the publications.
TRIPS = 7
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def cells(worker: Harness, period: str) -> Cells:
    """The exact counts of *period*, as the database holds them."""
    rows = worker.query(
        "SELECT field, value, installs FROM cells WHERE period = ?1", period
    )
    return Counter({(row["field"], row["value"]): row["installs"] for row in rows})


def publications(worker: Harness) -> dict[str, dict[str, Any]]:
    """What is published, by period."""
    return {
        row["period"]: {"as_of": row["as_of"], **json.loads(row["body"])}
        for row in select_all(worker, "publications")
    }


def run(worker: Harness, due: dt.datetime = DUE) -> dict[str, dict[str, Any]]:
    """Run the cron, and return what is then published."""
    assert worker.run_cron(due) == "ok"
    return publications(worker)


def test_every_count_equals_a_recount_from_raw_reports(
    counted: Harness, year_of_reports: list[Row]
) -> None:
    for days in (7, 30, 365):
        recounted = recount(year_of_reports, DUE - days * DAY)
        assert cells(counted, f"{days}d") == recounted
    assert cells(counted, "2026-05") == recount(year_of_reports, midnight(2026, 5, 1))


def test_every_past_month_counts_as_it_was_when_it_ended(
    counted: Harness, year_of_reports: list[Row]
) -> None:
    """No run counted then: later reports must not change the month."""
    months = [*((2025, it) for it in range(8, 13)), *((2026, it) for it in range(1, 5))]
    for year, month in months:
        end = midnight(year + month // 12, month % 12 + 1, 1)
        counts = cells(counted, f"{year}-{month:02}")
        assert counts
        assert counts == recount(year_of_reports, midnight(year, month, 1), end)


def test_totals_and_cells_are_those_of_the_counts(counted: Harness) -> None:
    for period, edition in publications(counted).items():
        counts = cells(counted, period)
        total = sum(count for (name, _), count in counts.items() if name == "arch")
        assert edition["total"] == (total if total >= 10 else None)
        for name, field in edition["fields"].items():
            shown = sum(cell["installs"] for cell in field["cells"])
            assert field["withheld"] or shown == total
            for cell in field["cells"]:
                value = cell["value"]
                stored = int(value) if isinstance(value, bool) else value
                assert cell["installs"] == counts[name, json.dumps(stored)] >= 10


def test_commits_are_published_for_betas_only(worker: Harness) -> None:
    store(
        worker,
        [
            *identical_reports(
                30, DUE - DAY, "a", channel="stable", commit="aaaaaaaaa"
            ),
            *identical_reports(20, DUE - DAY, "b", channel="beta", commit="bbbbbbbbb"),
            *identical_reports(11, DUE - DAY, "c", channel="beta"),
        ],
    )

    edition = run(worker)["30d"]

    assert "commit" not in edition["fields"]
    assert edition["betas"] == {
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


def test_commits_are_withheld_where_the_number_of_betas_is(worker: Harness) -> None:
    store(
        worker,
        [
            *identical_reports(30, DUE - DAY, "a", channel="stable"),
            # Withheld beside the nine of dev, which the total would give away.
            *identical_reports(20, DUE - DAY, "b", channel="beta", commit="bbbbbbbbb"),
            *identical_reports(9, DUE - DAY, "c", channel="dev"),
        ],
    )

    edition = run(worker)["30d"]

    assert edition["fields"]["channel"] == {
        "cells": [{"value": "stable", "installs": 30}],
        "withheld": True,
    }
    assert edition["betas"] is None


def test_an_installation_counts_once_with_its_latest_report(worker: Harness) -> None:
    store(worker, identical_reports(12, DUE - 20 * DAY, version="2.15.0"))
    store(worker, identical_reports(12, DUE - 10 * DAY, version="3.0.0"))

    edition = run(worker)["30d"]

    assert edition["total"] == 12
    assert edition["fields"]["version"]["cells"] == [{"value": "3.0.0", "installs": 12}]


def test_ten_installations_are_published_and_nine_are_withheld(worker: Harness) -> None:
    store(worker, identical_reports(10, DUE - DAY, arch="x86_64"))
    assert run(worker)["7d"]["total"] == 10

    worker.query("DELETE FROM installations WHERE uuid = '00000000'")
    edition = run(worker)["7d"]

    assert edition["total"] is None
    assert edition["betas"] is None
    for field in edition["fields"].values():
        assert field == {"cells": [], "withheld": True}


def test_a_forgotten_installation_is_missing_from_the_next_count(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    run(worker, dt.datetime.now(dt.UTC))
    assert cells(worker, "30d")["version", json.dumps(report["version"])] == 1

    post(worker, {"uuid": report["uuid"]}, "/forget")
    run(worker, dt.datetime.now(dt.UTC))

    assert select_all(worker, "cells") == []


def test_a_second_run_changes_nothing(counted: Harness) -> None:
    before = publications(counted), select_all(counted, "cells")

    assert (run(counted), select_all(counted, "cells")) == before


@pytest.mark.parametrize(
    ("failure", "counts_change"),
    [
        ("counts refused", False),
        ("counts undone", False),
        ("publication undone", True),
    ],
)
def test_a_run_that_fails_halfway_changes_no_publication_and_the_next_makes_up_for_it(
    worker: Harness, year_of_reports: list[Row], failure: str, *, counts_change: bool
) -> None:
    store(worker, year_of_reports[: len(year_of_reports) // 2])
    before = run(worker, DUE - DAY)
    counts = select_all(worker, "cells")
    clear(worker, "reports")
    store(worker, year_of_reports)

    with failing(worker, failure):
        assert worker.run_cron(DUE) == "exception"

    assert publications(worker) == before
    assert (select_all(worker, "cells") != counts) == counts_change
    assert run(worker)["30d"]["as_of"] == iso(DUE)
    assert cells(worker, "30d") == recount(year_of_reports, DUE - 30 * DAY)


def test_a_run_that_cannot_count_still_purges(worker: Harness) -> None:
    """The retention is a promise, whatever happens to the statistics."""
    store(worker, identical_reports(20, DUE - 400 * DAY))
    # Without a recent report the run has nothing to count and does not fail.
    store(worker, identical_reports(20, DUE - DAY, "b"))

    with failing(worker, "counts refused"):
        assert worker.run_cron(DUE) == "exception"

    assert count_reports(worker) == 20


def test_a_past_month_is_counted_once_and_never_again(worker: Harness) -> None:
    end = midnight(2026, 6, 1)
    store(worker, identical_reports(15, end - DAY, "a", version="2.15.0"))
    run(worker, end - HOUR)
    store(worker, identical_reports(5, end - 30 * MINUTE, "b", version="2.15.0"))
    # Eight have reported again by the time the cron runs.
    store(worker, identical_reports(8, end + 2 * HOUR, "a", version="3.0.0"))
    editions = run(worker, end + 3 * HOUR)

    assert editions["2026-05"]["total"] == 20
    assert editions["2026-05"]["until"] == iso(end)
    assert editions["2026-05"]["fields"]["version"]["cells"] == [
        {"value": "2.15.0", "installs": 20}
    ]
    assert editions["2026-06"]["total"] is None

    run(worker, end + 40 * DAY)
    later = run(worker, end + 900 * DAY)
    assert select_all(worker) == []
    assert later["2026-05"] == editions["2026-05"]
    assert later["30d"]["total"] is None


def test_a_month_counts_as_it_ended_even_if_the_cron_was_down_for_weeks(
    worker: Harness, year_of_reports: list[Row]
) -> None:
    store(worker, year_of_reports)
    run(worker, midnight(2026, 4, 20))

    assert run(worker)["2026-04"]["as_of"] == iso(DUE)
    begin, end = midnight(2026, 4, 1), midnight(2026, 5, 1)
    assert cells(worker, "2026-04") == recount(year_of_reports, begin, end)


def test_a_month_counts_as_it_ended_even_if_a_clock_was_slow(worker: Harness) -> None:
    """One report was stored after the first report of June, with a time in May."""
    end = midnight(2026, 6, 1)
    rows = [
        *identical_reports(20, end - 9 * DAY, "a"),
        *identical_reports(20, end + 10 * MINUTE, "a"),
        *identical_reports(1, end - 30 * MINUTE, "b"),
    ]
    store(worker, rows)

    assert run(worker, end + DAY)["2026-05"]["total"] == 21
    assert cells(worker, "2026-05") == recount(rows, midnight(2026, 5, 1), end)


def test_a_month_includes_its_first_moment_and_excludes_the_next_months(
    worker: Harness,
) -> None:
    """Even if the run itself is due at that moment."""
    begin, end = midnight(2026, 5, 1), midnight(2026, 6, 1)
    rows = [*identical_reports(20, begin, "a"), *identical_reports(12, end, "a")]
    store(worker, rows)

    editions = run(worker, end)

    may = editions["2026-05"]
    assert cells(worker, "2026-05") == recount(rows, begin, end)
    assert (may["total"], may["from"], may["until"]) == (20, iso(begin), iso(end))
    assert editions["2026-06"]["total"] == 12
    assert run(worker, end + DAY)["2026-05"] == may


def test_a_current_month_says_until_when_it_was_counted(worker: Harness) -> None:
    may = run(worker)["2026-05"]

    assert (may["from"], may["until"]) == (iso(midnight(2026, 5, 1)), iso(DUE))


def test_if_one_of_several_months_fails_the_others_stay_published(
    worker: Harness, year_of_reports: list[Row]
) -> None:
    store(worker, year_of_reports)
    with failing(worker, "one month undone"):
        assert worker.run_cron(DUE) == "exception"

    assert {"30d", "2025-12", "2026-04", "2026-05"} <= set(publications(worker))
    assert "2026-01" not in publications(worker)
    editions = run(worker, DUE + DAY)
    assert editions["2025-12"]["as_of"] == iso(DUE)
    assert editions["2026-01"]["as_of"] == iso(DUE + DAY)


def test_a_month_whose_reports_are_all_forgotten_ends_empty(worker: Harness) -> None:
    store(worker, identical_reports(15, midnight(2026, 5, 10)))
    run(worker, midnight(2026, 5, 20))
    clear(worker, "reports", "installations")

    assert run(worker, midnight(2026, 6, 2))["2026-05"]["total"] is None


def test_reports_past_the_retention_do_not_count_and_the_period_says_so(
    instrumented: Harness,
) -> None:
    store(instrumented, identical_reports(15, DUE - 40 * DAY, "a"))
    store(instrumented, identical_reports(12, DUE - 5 * DAY, "b"))

    assert instrumented.run_cron(DUE, cron="30") == "ok"

    editions = publications(instrumented)
    for period, total in (("365d", 12), ("2026-04", None)):
        assert editions[period]["total"] == total
        assert editions[period]["from"] == iso(DUE - 30 * DAY)


def test_without_reports_it_publishes_that_there_are_none(worker: Harness) -> None:
    editions = run(worker)

    assert set(editions) == {"7d", "30d", "365d", "2026-05"}
    assert all(edition["total"] is None for edition in editions.values())
    assert select_all(worker, "cells") == []


def test_thousands_of_invented_values_are_withheld_together(worker: Harness) -> None:
    """The database merges cells below ten, so the Worker reads one per field."""
    rows = identical_reports(3000, DUE - DAY)
    store(worker, [{**row, "arch": f"made-up-{row['uuid']}"} for row in rows])
    store(worker, identical_reports(12, DUE - DAY, "z", arch="x86_64"))

    assert run(worker)["30d"]["fields"]["arch"] == {
        "cells": [{"value": "x86_64", "installs": 12}],
        "withheld": True,
    }


@pytest.mark.parametrize("installs", [1000, 8000])
def test_a_run_reads_each_installation_a_few_times_and_writes_only_cells(
    instrumented: Harness, installs: int
) -> None:
    templates = generate_reports(1, 50, DUE - 300 * DAY, DUE)
    store(
        instrumented,
        [
            {
                **templates[number % len(templates)],
                "uuid": f"{number:x}"[::-1].ljust(32, "0"),
            }
            for number in range(1, installs + 1)
        ],
    )
    clear(instrumented, "reports")
    instrumented.logged()

    run(instrumented)

    *_, trips = instrumented.logged()
    counting = [meta for trip in json.loads(trips)[:TRIPS] for meta in trip]
    # Twice each, to read and to group; the rest is for the groups and cells.
    assert sum(meta["rows_read"] for meta in counting) <= 4 * installs + 14_000
    assert sum(meta["rows_written"] for meta in counting) <= 1200
    # Of the 50 statements of a run on the free plan: docs/scale.md says what is left.
    assert len(counting) == 19


def test_the_log_names_the_counted_periods_and_nothing_else(worker: Harness) -> None:
    store(worker, identical_reports(12, midnight(2026, 5, 10)))
    worker.logged()

    run(worker, midnight(2026, 6, 2))

    assert worker.logged()[0] == (
        "installations: counted for 7d, 30d, 365d, 2026-06, 2026-05"
    )
