"""The daily cron on the real runtime."""

import datetime as dt
import json
from collections.abc import Iterable

import pytest

from paperless_report import contract
from tests.worker.faults import fault
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MS = dt.timedelta(milliseconds=1)
YEAR = 365 * DAY
# As many ids as one statement goes through: `PURGE_BATCH` of store.ts.
BATCH = 5000


def iso(time: dt.datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fill(worker: Harness, times: Iterable[dt.datetime]) -> None:
    for time in times:
        worker.query("INSERT INTO reports (received, uuid) VALUES (?1, 'x')", iso(time))


def fill_many(worker: Harness, count: int, first: dt.datetime) -> None:
    """*count* reports, a second apart."""
    worker.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
           SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', ?2, '+' || i || ' seconds'),
                  printf('%032x', i * 2654435761) FROM n LIMIT ?1""",
        count,
        iso(first),
    )
    keep_latest(worker)


def keep_latest(worker: Harness) -> None:
    """Make `installations` anew, as it is after any number of reports."""
    worker.query(
        "INSERT OR REPLACE INTO installations (received, uuid)"
        " SELECT MAX(received), uuid FROM reports GROUP BY uuid"
    )


def installations(worker: Harness) -> set[str]:
    return {it["uuid"] for it in worker.query("SELECT uuid FROM installations")}


def left(worker: Harness) -> list[str]:
    return [
        it["received"]
        for it in worker.query("SELECT received FROM reports ORDER BY id")
    ]


def count(worker: Harness) -> int:
    (row,) = worker.query("SELECT COUNT(*) AS n FROM reports")
    return int(row["n"])


def test_what_is_older_than_the_retention_goes_and_the_rest_stays(
    worker: Harness,
) -> None:
    ages = (2 * YEAR, YEAR + DAY, YEAR + MS, YEAR, YEAR - MS, DAY, 0 * DAY)
    fill(worker, (DUE - age for age in ages))

    assert worker.run_cron(DUE) == "ok"

    assert left(worker) == [iso(DUE - age) for age in ages if age <= YEAR]


def test_an_installation_goes_with_its_last_report(worker: Harness) -> None:
    worker.query(
        "INSERT INTO reports (received, uuid) VALUES (?1, 'gone'), (?2, 'stays'),"
        " (?3, 'gone'), (?4, 'stays')",
        *(iso(DUE - YEAR - age * DAY) for age in (30, 20, 10, -10)),
    )
    keep_latest(worker)

    assert worker.run_cron(DUE) == "ok"

    assert left(worker) == [iso(DUE - YEAR + 10 * DAY)]
    assert installations(worker) == {"stays"}


def test_it_may_run_twice_late_and_with_nothing_to_do(worker: Harness) -> None:
    assert worker.run_cron(DUE) == "ok"
    fill(worker, (DUE - YEAR - DAY, DUE - YEAR + DAY))

    for due in (DUE, DUE, DUE - 30 * DAY, DUE + DAY):
        assert worker.run_cron(due) == "ok"
        assert left(worker) == [iso(DUE - YEAR + DAY)]
    assert worker.run_cron(DUE + 2 * DAY) == "ok"
    assert left(worker) == []


def test_it_goes_on_for_as_many_batches_as_are_due(worker: Harness) -> None:
    due = 2 * BATCH + 1
    fill_many(worker, due, DUE - 2 * YEAR)
    fill_many(worker, 100, DUE - DAY)
    # Ids are not without gaps: some installations were forgotten.
    worker.query("DELETE FROM reports WHERE id % 7 = 0 AND id <= ?1", due)

    assert worker.run_cron(DUE) == "ok"

    assert count(worker) == 100


def test_a_run_that_fails_half_way_leaves_the_rest_to_the_next(worker: Harness) -> None:
    fill_many(worker, BATCH + 100, DUE - 2 * YEAR)
    fill_many(worker, 10, DUE - DAY)
    (first,) = worker.query("SELECT MIN(id) AS id FROM reports")
    worker.query(
        f"""CREATE TRIGGER fault BEFORE DELETE ON reports
            WHEN OLD.id = {first["id"] + BATCH + 50}
            BEGIN SELECT RAISE(ABORT, 'fault'); END"""
    )
    try:
        assert worker.run_cron(DUE) == "exception"
    finally:
        worker.query("DROP TRIGGER fault")
    assert count(worker) == 100 + 10

    assert worker.run_cron(DUE) == "ok"
    assert count(worker) == 10


def test_a_report_of_a_fast_clock_holds_up_others_only_until_its_own_day(
    worker: Harness,
) -> None:
    fill(worker, (DUE - YEAR + DAY, DUE - YEAR - DAY))

    worker.run_cron(DUE)
    assert len(left(worker)) == 2
    worker.run_cron(DUE + DAY + MS)
    assert left(worker) == []


def test_ids_are_the_order_of_receipt(worker: Harness, report: Report) -> None:
    """What the walk over the oldest ids rests on, after the newest was forgotten too."""
    for number in range(4):
        mine = {**report, "uuid": f"{number}b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"}
        post(worker, mine)
        if number == 2:
            post(worker, mine, "/forget")

    received = left(worker)
    assert len(received) == 3
    assert received == sorted(received)


@pytest.mark.parametrize("due", [0, 1, 700, BATCH])
def test_it_reads_four_rows_for_each_that_goes_and_few_for_the_rest(
    observed: Harness, due: int
) -> None:
    fill_many(observed, due, DUE - 2 * YEAR)
    fill_many(observed, 3 * BATCH, DUE - DAY)
    observed.logged()

    assert observed.run_cron(DUE) == "ok"

    *_, trips = observed.logged()
    # What comes before counts. The last batch finds nothing.
    batches = json.loads(trips)[-(1 + -(-due // BATCH)) :]
    read = sum(it["rows_read"] for batch in batches for it in batch)
    # The last batch ends where its ids do: both statements may look at that many more.
    assert read <= (4 * due + 2 * BATCH if due else 0) + 16
    assert count(observed) == 3 * BATCH


def test_the_log_tells_how_many_went_and_nothing_else(worker: Harness) -> None:
    fill(worker, (DUE - 2 * YEAR, DUE))
    worker.logged()

    worker.run_cron(DUE)

    lines = [it for it in worker.logged() if "purged" in it]
    assert "reports: purged 1, older than 365 days" in lines
    assert len(lines) == len(contract.list_kinds())


def test_without_a_table_the_run_counts_as_failed(worker: Harness) -> None:
    with fault(worker, "no table"):
        assert worker.run_cron(DUE) == "exception"


@pytest.mark.parametrize("days", ["", "a year", None, 0, 6, -365, 7.5, [], {}, 10**9])
def test_a_retention_that_is_none_purges_nothing(
    observed: Harness, days: object
) -> None:
    fill(observed, (DUE - 2 * YEAR,))

    assert observed.run_cron(DUE, cron=json.dumps(days)) == "exception"
    assert len(left(observed)) == 1


@pytest.mark.parametrize("days", [7, 30, "30"])
def test_the_retention_is_a_variable(observed: Harness, days: int | str) -> None:
    kept = DUE - int(days) * DAY
    fill(observed, (kept - MS, kept))

    assert observed.run_cron(DUE, cron=json.dumps(days)) == "ok"
    assert left(observed) == [iso(kept)]
