"""The storage mode latest keeps the newest facts and the first and last day of each installation."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.worker.client import post
from tests.worker.clock import DAY, midnight
from tests.worker.d1_usage import billed_rows, round_trips
from tests.worker.database import select_all
from worker.local.harness import Harness

ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
OTHER_ID = "1c1e1f3f-6e6d-4d64-8b78-1b5d4e1e7b22"
HOUR = dt.timedelta(hours=1)
QUARTER = dt.timedelta(minutes=15)
NOON = midnight(2026, 5, 18) + 12 * HOUR


def send(
    worker: Harness,
    time: dt.datetime = NOON,
    kind: str = "machine",
    machine_id: str = ID,
    version: str = "1.4",
    **fields: object,
) -> requests.Response:
    """Send a report as if it were *time*."""
    report = {"machine": {"id": machine_id, "version": version}, **fields}
    clock = str(round(time.timestamp() * 1000))
    response = post(worker, report, f"/{kind}", **{"Test-Clock": clock})
    assert response.status_code in {204, 429}, response.text
    return response


def machines(worker: Harness) -> list[dict[str, Any]]:
    return select_all(worker, "machines")


def days(worker: Harness) -> tuple[str, str]:
    """The first and the last day of the only installation."""
    (row,) = machines(worker)
    return row["first_day"], row["last_day"]


def test_the_first_report_is_stored_with_its_day(workshop: Harness) -> None:
    send(workshop, tools=["saw", "axe"], jobs=3)

    assert machines(workshop) == [
        {
            "machine.id": ID,
            "first_day": "2026-05-18",
            "last_day": "2026-05-18",
            "excluded": 0,
            "machine.version": "1.4",
            "tools": '["axe","saw"]',
            "jobs": 3,
        }
    ]


def test_a_later_report_replaces_the_facts_and_keeps_the_first_day(
    workshop: Harness,
) -> None:
    send(workshop, tools=["saw"], jobs=3)
    send(workshop, NOON + 2 * DAY, version="1.5")

    (row,) = machines(workshop)
    assert (row["machine.version"], row["tools"], row["jobs"]) == ("1.5", None, None)
    assert days(workshop) == ("2026-05-18", "2026-05-20")


def test_every_report_of_a_day_is_accepted(workshop: Harness) -> None:
    for ping in range(8):
        assert send(workshop, NOON + ping * QUARTER).status_code == 204

    assert days(workshop) == ("2026-05-18", "2026-05-18")


@pytest.mark.cloudflare
def test_the_same_facts_are_written_once_a_day(workshop: Harness) -> None:
    start = midnight(2026, 5, 18)
    written = [
        billed_rows(send(workshop, start + ping * QUARTER))[1] for ping in range(200)
    ]

    # 96 pings a day: one row on the first of each day.
    assert [ping for ping, rows in enumerate(written) if rows] == [0, 96, 192]
    assert set(written) == {0, 1}


@pytest.mark.cloudflare
def test_a_changed_fact_is_written_at_once(workshop: Harness) -> None:
    send(workshop, NOON, version="1.4")

    assert billed_rows(send(workshop, NOON + QUARTER, version="1.5"))[1] == 1
    assert machines(workshop)[0]["machine.version"] == "1.5"


def test_one_statement_stores_a_report(workshop: Harness) -> None:
    (trip,) = round_trips(send(workshop))

    assert len(trip) == 1


@pytest.mark.parametrize("ahead", [DAY, 400 * DAY])
def test_the_next_report_corrects_a_clock_that_ran_ahead(
    workshop: Harness, ahead: dt.timedelta
) -> None:
    send(workshop, NOON + ahead)
    send(workshop, NOON)

    assert days(workshop) == ("2026-05-18", "2026-05-18")


def test_the_next_report_corrects_the_last_day_of_a_clock_that_went_back(
    workshop: Harness,
) -> None:
    send(workshop, NOON)
    send(workshop, NOON - 3 * DAY)
    send(workshop, NOON + DAY)

    assert days(workshop) == ("2026-05-15", "2026-05-19")


@pytest.mark.both
def test_simultaneous_reports_end_in_one_row(workshop: Harness) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [
            it.status_code for it in pool.map(lambda _: send(workshop), range(24))
        ]

    assert set(statuses) == {204}
    assert len(machines(workshop)) == 1


def test_an_excluded_installation_stays_excluded(workshop: Harness) -> None:
    send(workshop)
    workshop.query("UPDATE machines SET excluded = 1")
    send(workshop, NOON + DAY, version="1.5")

    (row,) = machines(workshop)
    assert (row["excluded"], row["machine.version"]) == (1, "1.5")


def test_a_forgotten_installation_returns_as_a_new_one(workshop: Harness) -> None:
    send(workshop)
    send(workshop, machine_id=OTHER_ID)

    assert post(workshop, {"id": ID}, "/forget").status_code == 204
    assert [row["machine.id"] for row in machines(workshop)] == [OTHER_ID]

    send(workshop, NOON + DAY)
    (row,) = [it for it in machines(workshop) if it["machine.id"] == ID]
    assert (row["first_day"], row["last_day"]) == ("2026-05-19", "2026-05-19")


def test_the_daily_run_deletes_who_sent_nothing_within_the_retention(
    workshop: Harness,
) -> None:
    send(workshop, NOON - 10 * DAY)
    send(workshop, NOON - 8 * DAY, machine_id=OTHER_ID)

    assert workshop.run_cron(NOON, "8") == "ok"

    assert [row["machine.id"] for row in machines(workshop)] == [OTHER_ID]


def test_the_hourly_limit_begins_with_the_first_report(workshop: Harness) -> None:
    statuses = [
        send(workshop, NOON + minutes * dt.timedelta(minutes=1), "limited").status_code
        for minutes in (0, 20, 40, 59, 61, 62, 63, 64)
    ]

    assert statuses == [204, 204, 204, 429, 204, 204, 204, 429]


def test_a_limited_report_says_when_to_try_again_and_changes_nothing(
    workshop: Harness,
) -> None:
    for version in ("1.1", "1.2", "1.3"):
        send(workshop, NOON, "limited", version=version)

    response = send(workshop, NOON + QUARTER, "limited", version="1.4")

    assert response.status_code == 429
    assert response.headers["Retry-After"] == str(45 * 60)
    (row,) = select_all(workshop, "limited_machines")
    assert row["machine.version"] == "1.3"


def test_the_hourly_limit_counts_each_installation_by_itself(workshop: Harness) -> None:
    for _ in range(4):
        send(workshop, NOON, "limited")

    assert send(workshop, NOON, "limited", OTHER_ID).status_code == 204


def test_forgetting_clears_the_hourly_limit(workshop: Harness) -> None:
    for _ in range(4):
        send(workshop, NOON, "limited")
    post(workshop, {"id": ID}, "/forget")

    assert send(workshop, NOON, "limited").status_code == 204


def test_a_clock_that_went_back_does_not_block_an_installation(
    workshop: Harness,
) -> None:
    for _ in range(4):
        send(workshop, NOON + 30 * DAY, "limited")

    assert send(workshop, NOON, "limited").status_code == 204


@pytest.mark.both
def test_simultaneous_reports_do_not_exceed_the_hourly_limit(workshop: Harness) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [
            it.status_code
            for it in pool.map(lambda _: send(workshop, NOON, "limited"), range(24))
        ]

    assert statuses.count(204) == 3
