"""The daily purge deletes the reports that are older than the retention."""

import datetime as dt
import json
from collections.abc import Iterable

import pytest

from paperless_report import contract
from tests.worker.client import post
from tests.worker.clock import DAY, DUE, MILLISECOND, iso
from tests.worker.database import count_reports, refresh_installations, select_all
from tests.worker.reports import Report
from usage_receiver import configuration
from worker.local.harness import Harness

RETENTION = configuration.read_environment("local")["vars"]["RETENTION_DAYS"] * DAY
# `PURGE_BATCH` in worker/src/store/reports.ts.
BATCH = 5000


def store_one_each(worker: Harness, times: Iterable[dt.datetime]) -> None:
    for time in times:
        worker.query("INSERT INTO reports (received, uuid) VALUES (?1, 'x')", iso(time))


def store_many(worker: Harness, count: int, first: dt.datetime) -> None:
    """Store *count* reports, a second apart, from *first* on."""
    worker.query(
        """INSERT INTO reports (received, uuid)
           WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
           SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', ?2, '+' || i || ' seconds'),
                  printf('%032x', i * 2654435761) FROM n LIMIT ?1""",
        *(count, iso(first)),
    )
    refresh_installations(worker)


def received(worker: Harness) -> list[str]:
    """When the reports that are left were received."""
    return [row["received"] for row in select_all(worker)]


def test_reports_older_than_the_retention_are_deleted_and_no_others(
    worker: Harness,
) -> None:
    ages = (
        *(2 * RETENTION, RETENTION + DAY, RETENTION + MILLISECOND),
        *(RETENTION, RETENTION - MILLISECOND, DAY, 0 * DAY),
    )
    store_one_each(worker, (DUE - age for age in ages))

    assert worker.run_cron(DUE) == "ok"

    assert received(worker) == [iso(DUE - age) for age in ages if age <= RETENTION]


def test_an_installation_is_deleted_with_its_last_report(worker: Harness) -> None:
    worker.query(
        "INSERT INTO reports (received, uuid) VALUES (?1, 'gone'), (?2, 'stays'),"
        " (?3, 'gone'), (?4, 'stays')",
        *(iso(DUE - RETENTION - age * DAY) for age in (30, 20, 10, -10)),
    )
    refresh_installations(worker)

    assert worker.run_cron(DUE) == "ok"

    assert received(worker) == [iso(DUE - RETENTION + 10 * DAY)]
    assert [row["uuid"] for row in select_all(worker, "installations")] == ["stays"]


def test_a_run_may_be_repeated_late_or_have_nothing_to_do(worker: Harness) -> None:
    assert worker.run_cron(DUE) == "ok"
    kept = DUE - RETENTION + DAY
    store_one_each(worker, (DUE - RETENTION - DAY, kept))

    for due in (DUE, DUE, DUE - 30 * DAY, DUE + DAY):
        assert worker.run_cron(due) == "ok"
        assert received(worker) == [iso(kept)]
    assert worker.run_cron(DUE + 2 * DAY) == "ok"
    assert received(worker) == []


def test_one_run_deletes_several_batches(worker: Harness) -> None:
    due = 2 * BATCH + 1
    store_many(worker, due, DUE - 2 * RETENTION)
    store_many(worker, 100, DUE - DAY)
    # IDs have gaps: some installations were forgotten.
    worker.query("DELETE FROM reports WHERE id % 7 = 0 AND id <= ?1", due)

    assert worker.run_cron(DUE) == "ok"

    assert count_reports(worker) == 100


@pytest.mark.both
def test_a_run_that_fails_halfway_leaves_the_rest_to_the_next(worker: Harness) -> None:
    store_many(worker, BATCH + 100, DUE - 2 * RETENTION)
    store_many(worker, 10, DUE - DAY)
    (first,) = worker.query("SELECT MIN(id) AS id FROM reports")
    worker.query(
        f"""CREATE TRIGGER failure BEFORE DELETE ON reports
            WHEN OLD.id = {first["id"] + BATCH + 50}
            BEGIN SELECT RAISE(ABORT, 'failure'); END"""
    )
    try:
        assert worker.run_cron(DUE) == "exception"
    finally:
        worker.query("DROP TRIGGER failure")
    assert count_reports(worker) == 100 + 10

    assert worker.run_cron(DUE) == "ok"
    assert count_reports(worker) == 10


def test_a_report_from_a_fast_clock_delays_the_purge_only_until_its_own_day(
    worker: Harness,
) -> None:
    store_one_each(worker, (DUE - RETENTION + DAY, DUE - RETENTION - DAY))

    worker.run_cron(DUE)
    assert len(received(worker)) == 2
    worker.run_cron(DUE + DAY + MILLISECOND)
    assert received(worker) == []


def test_ids_follow_the_order_of_receipt(worker: Harness, report: Report) -> None:
    """The purge relies on it, even after the newest report was forgotten."""
    for number in range(4):
        mine = {**report, "uuid": f"{number}b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"}
        post(worker, mine)
        if number == 2:
            post(worker, mine, "/forget")

    times = received(worker)
    assert len(times) == 3
    assert times == sorted(times)


@pytest.mark.cloudflare
@pytest.mark.parametrize("due", [0, 1, 700, BATCH])
def test_the_purge_reads_four_rows_for_each_deleted_report_and_few_others(
    instrumented: Harness, due: int
) -> None:
    store_many(instrumented, due, DUE - 2 * RETENTION)
    store_many(instrumented, 3 * BATCH, DUE - DAY)
    instrumented.read_log()

    assert instrumented.run_cron(DUE) == "ok"

    *_, trips = instrumented.read_log()
    # The purge comes after the count; its last batch finds nothing. Then come three trips for the
    # number of active installations.
    batches = json.loads(trips)[-(4 + -(-due // BATCH)) : -3]
    read = sum(meta["rows_read"] for batch in batches for meta in batch)
    # The last batch ends with its IDs, so both statements may read that many more.
    assert read <= (4 * due + 2 * BATCH if due else 0) + 16
    assert count_reports(instrumented) == 3 * BATCH


def test_the_log_says_how_many_reports_were_deleted_and_nothing_else(
    worker: Harness,
) -> None:
    store_one_each(worker, (DUE - 2 * RETENTION, DUE))
    worker.read_log()

    worker.run_cron(DUE)

    lines = [line for line in worker.read_log() if "purged" in line]
    assert f"report: purged 1, older than {RETENTION.days} days" in lines
    assert len(lines) == len(contract.list_kinds())


@pytest.mark.parametrize("days", ["", "a year", None, 0, 7, -365, 7.5, [], {}, 10**9])
def test_an_invalid_retention_purges_nothing(
    instrumented: Harness, days: object
) -> None:
    store_one_each(instrumented, (DUE - 2 * RETENTION,))

    assert instrumented.run_cron(DUE, cron=json.dumps(days)) == "exception"
    assert count_reports(instrumented) == 1


@pytest.mark.parametrize("days", [8, 30, "30"])
def test_the_retention_is_a_variable(instrumented: Harness, days: int | str) -> None:
    oldest = DUE - int(days) * DAY
    store_one_each(instrumented, (oldest - MILLISECOND, oldest))

    assert instrumented.run_cron(DUE, cron=json.dumps(days)) == "ok"
    assert received(instrumented) == [iso(oldest)]
