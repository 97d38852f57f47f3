"""The daily count equals a recount from raw reports, and withholds small cells."""

import datetime as dt
import json

import pytest

from tests.worker.client import post
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, count_reports, select_all
from tests.worker.failing_database import failing
from tests.worker.population import (
    Row,
    generate_reports,
    identical_reports,
    recount,
    store,
    store_identical,
)
from tests.worker.reports import Report
from tests.worker.statistics import WINDOWS, exact_counts, publish, read_publications
from worker.local.harness import Harness

# The round trips of a run before the purge: its state, the count, one for each of four
# periods, the publications.
TRIPS = 7


def test_every_count_equals_a_recount_from_raw_reports(
    counted: Harness, year_of_reports: list[Row]
) -> None:
    periods = {period: DUE - days * DAY for period, days in WINDOWS.items()}
    for period, begin in {**periods, "2026-05": midnight(2026, 5, 1)}.items():
        assert exact_counts(counted, period) == recount(year_of_reports, begin)


def test_totals_and_cells_are_those_of_the_counts(counted: Harness) -> None:
    for period, edition in read_publications(counted).items():
        counts = exact_counts(counted, period)
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
    day = DUE - DAY
    store_identical(worker, 30, day, "a", channel="stable", commit="aaaaaaaaa")
    store_identical(worker, 20, day, "b", channel="beta", commit="bbbbbbbbb")
    store_identical(worker, 11, day, "c", channel="beta")

    edition = publish(worker)["30d"]

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


def test_commits_are_withheld_if_the_number_of_betas_is_withheld(
    worker: Harness,
) -> None:
    day = DUE - DAY
    store_identical(worker, 30, day, "a", channel="stable")
    # Withheld too, or the total would give away the nine of dev.
    store_identical(worker, 20, day, "b", channel="beta", commit="bbbbbbbbb")
    store_identical(worker, 9, day, "c", channel="dev")

    edition = publish(worker)["30d"]

    assert edition["fields"]["channel"] == {
        "cells": [{"value": "stable", "installs": 30}],
        "withheld": True,
    }
    assert edition["betas"] is None


def test_an_installation_counts_once_with_its_latest_report(worker: Harness) -> None:
    store_identical(worker, 12, DUE - 20 * DAY, version="2.15.0")
    store_identical(worker, 12, DUE - 10 * DAY, version="3.0.0")

    edition = publish(worker)["30d"]

    assert edition["total"] == 12
    assert edition["fields"]["version"]["cells"] == [{"value": "3.0.0", "installs": 12}]


def test_ten_installations_are_published_and_nine_are_withheld(worker: Harness) -> None:
    store_identical(worker, 10, DUE - DAY, arch="x86_64")
    assert publish(worker)["7d"]["total"] == 10

    worker.query("DELETE FROM installations WHERE uuid = '00000000'")
    edition = publish(worker)["7d"]

    assert edition["total"] is None
    assert edition["betas"] is None
    for field in edition["fields"].values():
        assert field == {"cells": [], "withheld": True}


def test_a_forgotten_installation_is_missing_from_the_next_count(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    publish(worker, dt.datetime.now(dt.UTC))
    assert exact_counts(worker, "30d")["version", json.dumps(report["version"])] == 1

    post(worker, {"uuid": report["uuid"]}, "/forget")
    publish(worker, dt.datetime.now(dt.UTC))

    assert select_all(worker, "cells") == []


def test_a_second_run_changes_nothing(counted: Harness) -> None:
    before = read_publications(counted), select_all(counted, "cells")

    assert (publish(counted), select_all(counted, "cells")) == before


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
    before = publish(worker, DUE - DAY)
    counts = select_all(worker, "cells")
    clear(worker, "reports")
    store(worker, year_of_reports)

    with failing(worker, failure):
        assert worker.run_cron(DUE) == "exception"

    assert read_publications(worker) == before
    assert (select_all(worker, "cells") != counts) == counts_change
    assert publish(worker)["30d"]["as_of"] == iso(DUE)
    assert exact_counts(worker, "30d") == recount(year_of_reports, DUE - 30 * DAY)


def test_a_run_that_cannot_count_still_purges(worker: Harness) -> None:
    """The retention is a promise, whatever happens to the statistics."""
    store_identical(worker, 20, DUE - 400 * DAY)
    # Without a recent report the run has nothing to count and does not fail.
    store_identical(worker, 20, DUE - DAY, "b")

    with failing(worker, "counts refused"):
        assert worker.run_cron(DUE) == "exception"

    assert count_reports(worker) == 20


def test_without_reports_the_current_periods_are_published_up_to_the_run(
    worker: Harness,
) -> None:
    editions = publish(worker)

    periods = {period: DUE - days * DAY for period, days in WINDOWS.items()}
    for period, begin in {**periods, "2026-05": midnight(2026, 5, 1)}.items():
        edition = editions.pop(period)
        assert edition["total"] is None
        assert (edition["from"], edition["until"]) == (iso(begin), iso(DUE))
    assert editions == {}
    assert select_all(worker, "cells") == []


def test_thousands_of_invented_values_are_withheld_together(worker: Harness) -> None:
    """The database merges cells below ten, so the Worker reads one per field."""
    rows = identical_reports(3000, DUE - DAY)
    store(worker, [{**row, "arch": f"made-up-{row['uuid']}"} for row in rows])
    store_identical(worker, 12, DUE - DAY, "z", arch="x86_64")

    assert publish(worker)["30d"]["fields"]["arch"] == {
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
    instrumented.read_log()

    publish(instrumented)

    *_, trips = instrumented.read_log()
    counting = [meta for trip in json.loads(trips)[:TRIPS] for meta in trip]
    # Twice each, to read and to group; the rest is for the groups and cells.
    assert sum(meta["rows_read"] for meta in counting) <= 4 * installs + 14_000
    assert sum(meta["rows_written"] for meta in counting) <= 1200
    # Of the 50 statements of a run on the free plan: docs/scale.md says what is left.
    assert len(counting) == 19


def test_the_log_names_the_counted_periods_and_nothing_else(worker: Harness) -> None:
    store_identical(worker, 12, midnight(2026, 5, 10))
    worker.read_log()

    publish(worker, midnight(2026, 6, 2))

    assert worker.read_log()[0] == (
        "installations: counted for 7d, 30d, 365d, 2026-06, 2026-05"
    )
