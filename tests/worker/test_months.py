"""A month is counted after its end, with the reports that were the latest when it ended."""

import datetime as dt

from tests.worker.client import get
from tests.worker.clock import DAY, DUE, iso, midnight
from tests.worker.database import clear, select_all
from tests.worker.failing_database import failing
from tests.worker.population import Row, store, store_identical
from tests.worker.statistics import numbers, publish, read_publications, rounded
from worker.local.harness import Harness

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def test_every_past_month_counts_as_it_was_when_it_ended(
    counted: Harness, year_of_reports: list[Row]
) -> None:
    """No run counted then: later reports must not change the month."""
    publications = read_publications(counted)
    months = [*((2025, it) for it in range(8, 13)), *((2026, it) for it in range(1, 5))]
    for year, month in months:
        begin, end = midnight(year, month, 1), midnight(year, month, 1) + 31 * DAY
        end = midnight(end.year, end.month, 1)
        expected = rounded(counted, year_of_reports, begin, end)
        assert expected[1]
        assert numbers(publications[f"{year}-{month:02}"]) == expected


def test_the_running_month_is_not_published(counted: Harness) -> None:
    """It differs from 7d, and later from 30d, by a few hours of reports."""
    assert "2026-05" not in read_publications(counted)
    assert get(counted, "/stats/2026-05.json").status_code == 404


def test_a_past_month_is_counted_once_and_never_again(worker: Harness) -> None:
    end = midnight(2026, 6, 1)
    rows = store_identical(worker, 15, end - DAY, "a", version="2.15.0")
    publish(worker, end - HOUR)
    rows += store_identical(worker, 15, end - 30 * MINUTE, "b", version="2.15.0")
    # Eight have reported again by the time the cron runs.
    store_identical(worker, 8, end + 2 * HOUR, "a", version="3.0.0")
    may = publish(worker, end + 3 * HOUR)["2026-05"]

    assert numbers(may) == rounded(worker, rows, midnight(2026, 5, 1), end)
    assert (may["as_of"], may["until"]) == (iso(end + 3 * HOUR), iso(end))

    publish(worker, end + 40 * DAY)
    later = publish(worker, end + 900 * DAY)
    assert select_all(worker) == []
    assert later["2026-05"] == may
    assert later["30d"]["total"] is None


def test_a_month_counts_as_it_ended_even_if_a_clock_was_slow(worker: Harness) -> None:
    """One report was stored after the first report of June, with a time in May."""
    end = midnight(2026, 6, 1)
    rows = [
        *store_identical(worker, 20, end - 9 * DAY, "a"),
        *store_identical(worker, 20, end + 10 * MINUTE, "a"),
        *store_identical(worker, 5, end - 30 * MINUTE, "b"),
    ]

    may = publish(worker, end + DAY)["2026-05"]

    assert numbers(may) == rounded(worker, rows, midnight(2026, 5, 1), end)


def test_a_month_includes_its_first_moment_and_excludes_the_next_months(
    worker: Harness,
) -> None:
    """Even if the run itself is due at that moment."""
    begin, end = midnight(2026, 5, 1), midnight(2026, 6, 1)
    rows = [
        *store_identical(worker, 20, begin, "a", python="3.12.3"),
        *store_identical(worker, 12, end, "a", python="3.13.1"),
    ]

    may = publish(worker, end)["2026-05"]

    assert numbers(may) == rounded(worker, rows, begin, end)
    assert (may["from"], may["until"]) == (iso(begin), iso(end))
    assert publish(worker, end + DAY)["2026-05"] == may


def test_if_one_of_several_months_fails_the_others_stay_published(
    worker: Harness, year_of_reports: list[Row]
) -> None:
    store(worker, year_of_reports)
    with failing(worker, "one month undone"):
        assert worker.run_cron(DUE) == "exception"

    assert "2025-12" in read_publications(worker)
    assert "2026-01" not in read_publications(worker)
    editions = publish(worker, DUE + DAY)
    assert editions["2025-12"]["as_of"] == iso(DUE)
    assert editions["2026-01"]["as_of"] == iso(DUE + DAY)


def test_a_month_whose_reports_are_all_forgotten_is_not_published(
    worker: Harness,
) -> None:
    store_identical(worker, 15, midnight(2026, 5, 10))
    publish(worker, midnight(2026, 5, 20))
    clear(worker, "reports", "installations")

    assert "2026-05" not in publish(worker, midnight(2026, 6, 2))


def test_a_month_that_the_retention_does_not_cover_is_not_published(
    instrumented: Harness,
) -> None:
    store_identical(instrumented, 15, midnight(2026, 4, 20), "a")
    due = midnight(2026, 5, 3) + 3 * HOUR

    # Retentions to before and after the first moment of April.
    assert instrumented.run_cron(due, cron="32") == "ok"
    assert "2026-04" not in read_publications(instrumented)
    assert instrumented.run_cron(due, cron="33") == "ok"
    assert "2026-04" in read_publications(instrumented)


def test_no_month_is_published_with_a_retention_of_a_month(
    instrumented: Harness,
) -> None:
    """A run that is a day late would count less than a month."""
    store_identical(instrumented, 15, midnight(2026, 4, 20), "a")

    assert instrumented.run_cron(midnight(2026, 5, 1) + HOUR, cron="31") == "ok"

    assert "2026-04" not in read_publications(instrumented)


def test_windows_that_the_retention_does_not_cover_with_a_day_to_spare_are_not_published(
    instrumented: Harness,
) -> None:
    store_identical(instrumented, 15, DUE - 2 * DAY, "a")

    for retention, windows in (("8", {"7d"}), ("30", {"7d"}), ("31", {"7d", "30d"})):
        instrumented.query("DELETE FROM publications")
        assert instrumented.run_cron(DUE, cron=retention) == "ok"
        assert set(read_publications(instrumented)) == windows


def test_a_late_edition_begins_where_the_retention_does(instrumented: Harness) -> None:
    """The edition of Sunday, on the Saturday after it, by when most reports are purged."""
    store_identical(instrumented, 15, midnight(2026, 5, 10), "a")
    sunday, saturday = midnight(2026, 5, 17), midnight(2026, 5, 23)
    assert instrumented.run_cron(sunday - 6 * DAY, cron="8") == "ok"

    assert instrumented.run_cron(saturday + 3 * HOUR, cron="8") == "ok"

    edition = read_publications(instrumented)["7d"]
    assert (edition["from"], edition["until"]) == (
        iso(midnight(2026, 5, 15)),
        iso(sunday),
    )
