"""The integers of a period are added once, and never those of a report that is refused."""

import datetime as dt

import pytest
import requests

from tests.worker.client import post
from tests.worker.clock import DAY
from tests.worker.d1_usage import round_trips
from tests.worker.database import select_all
from tests.worker.labs import NOON, clock, counts, lab_id
from tests.worker.reports import UUID
from worker.local.harness import Harness

PER_HOUR = 12
WEEK = dt.timedelta(days=7)


def send(
    worker: Harness,
    until: dt.datetime | str | None,
    now: dt.datetime = NOON,
    number: int = 0,
    jobs: int = 3,
) -> requests.Response:
    """Send the report of the period that ends with the day of *until*."""
    day = f"{until:%F}" if isinstance(until, dt.datetime) else until
    report = {"id": lab_id(number), "channel": "stable", "until": day, "jobs": jobs}
    return post(worker, report, "/hourly", **clock(now))


def added(worker: Harness) -> tuple[int, int]:
    """How many reports and jobs were added."""
    reports, jobs = (
        sum(counts(worker, "channel", "period", "hourly_counters", column).values())
        for column in ("reports", "jobs")
    )
    return reports, jobs


def test_ten_retries_add_once(lab: Harness) -> None:
    for _ in range(10):
        assert send(lab, NOON).status_code == 204

    assert added(lab) == (1, 3)


@pytest.mark.parametrize(
    ("days", "reports"), [(0, 1), (1, 1), (6, 1), (7, 2), (8, 2), (-7, 1), (-1, 1)]
)
def test_a_period_is_added_if_it_ends_seven_days_after_the_last_one(
    lab: Harness, days: int, reports: int
) -> None:
    send(lab, NOON)
    send(lab, NOON + days * DAY, NOON + max(days, 0) * DAY)

    assert added(lab) == (reports, 3 * reports)


def test_each_installation_is_added_on_its_own(lab: Harness) -> None:
    for number in range(3):
        send(lab, NOON, number=number)

    assert added(lab) == (3, 9)


def test_a_clock_that_ran_ahead_does_not_block_later_periods(lab: Harness) -> None:
    send(lab, NOON + 800 * DAY)
    send(lab, NOON + 800 * DAY)
    send(lab, NOON + WEEK, NOON + WEEK)

    assert added(lab) == (2, 6)


@pytest.mark.parametrize("until", [None, "2026-13-45", "0000-00-00", "9999-99-99"])
def test_a_period_without_a_last_day_is_stored_and_not_added(
    lab: Harness, until: str | None
) -> None:
    assert send(lab, until).status_code == 204

    assert added(lab) == (0, 0)
    assert len(select_all(lab, "hourly_labs")) == 1


def test_a_report_over_the_hourly_limit_adds_nothing(lab: Harness) -> None:
    for _ in range(PER_HOUR):
        send(lab, None)

    response = send(lab, NOON)

    assert response.status_code == 429
    assert added(lab) == (0, 0)
    assert select_all(lab, "hourly_labs")[0]["counted_until"] is None
    assert len(round_trips(response)) == 1
    assert send(lab, NOON, NOON + DAY).status_code == 204
    assert added(lab) == (1, 3)


def test_the_period_and_its_sums_are_noted_together_or_not_at_all(lab: Harness) -> None:
    lab.query(
        "CREATE TRIGGER failure BEFORE INSERT ON hourly_counters"
        " BEGIN SELECT RAISE(ABORT, 'failure'); END"
    )
    try:
        assert send(lab, NOON).status_code == 503
    finally:
        lab.query("DROP TRIGGER failure")

    assert select_all(lab, "hourly_labs") == []
    assert send(lab, NOON).status_code == 204
    assert added(lab) == (1, 3)


def test_a_forgotten_installation_begins_again(lab: Harness) -> None:
    send(lab, NOON)
    post(lab, {"id": lab_id()}, "/forget")
    send(lab, NOON)

    assert added(lab) == (2, 6)


def test_a_report_that_comes_too_early_adds_nothing(lab: Harness) -> None:
    report = {"uuid": UUID, "language": "de-de"}
    for days, status in ((0, 204), (1, 429), (7, 204)):
        now = NOON + days * DAY
        assert post(lab, report, "/seldom", **clock(now)).status_code == status

    assert counts(lab, "language", "period", "seldom_counters", "reports") == {
        (f"{NOON:%F}", "de-de", ""): 1,
        (f"{NOON + WEEK:%F}", "de-de", ""): 1,
    }
