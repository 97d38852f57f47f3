"""`POST /report` stores a valid report and refuses any other."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.worker.client import post
from tests.worker.clock import DAY, iso
from tests.worker.database import backdate, count_reports, select_all
from tests.worker.reports import FIELDS, REQUIRED, UUID, Report
from worker.local.harness import Harness

pytestmark = pytest.mark.both

# A required field that the report leaves out.
ABSENT = object()


def test_a_report_is_stored_with_every_field(worker: Harness, report: Report) -> None:
    before = dt.datetime.now(dt.UTC)

    response = post(worker, report)

    assert (response.status_code, response.content) == (204, b"")
    (row,) = select_all(worker)
    received = dt.datetime.fromisoformat(row.pop("received"))
    assert abs(received - before) < dt.timedelta(minutes=1)
    row.pop("id")
    assert row == {
        name: int(value) if isinstance(value, bool) else value
        for name, value in report.items()
    }


def test_absent_optional_fields_are_stored_as_null(
    worker: Harness, report: Report
) -> None:
    response = post(worker, {name: report[name] for name in REQUIRED})

    assert response.status_code == 204
    (row,) = select_all(worker)
    absent = {name for name, value in row.items() if value is None}
    assert absent == set(FIELDS) - set(REQUIRED)


def test_a_second_report_within_seven_days_is_refused(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    last_sent = iso(dt.datetime.now(dt.UTC) - 3 * DAY)
    backdate(worker, last_sent)

    response = post(worker, report)

    assert response.status_code == 429
    assert response.json() == {
        "error": "already_submitted",
        "last_sent": last_sent,
        "retry_after_days": 4,
    }
    assert 0 <= 4 * DAY.total_seconds() - int(response.headers["Retry-After"]) < 60
    assert count_reports(worker) == 1


def test_an_id_in_upper_case_is_the_same_installation(
    worker: Harness, report: Report
) -> None:
    post(worker, {**report, "uuid": UUID.upper()})

    assert post(worker, report).status_code == 429
    assert select_all(worker)[0]["uuid"] == UUID


@pytest.mark.parametrize("trial", range(3))
def test_fifty_concurrent_reports_of_one_installation_leave_one_row(
    worker: Harness, report: Report, trial: int
) -> None:
    mine = {**report, "uuid": str(uuid.uuid4()), "version": f"{trial}.0.0"}

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: post(worker, mine).status_code, range(50)))

    assert sorted(statuses) == [204] + 49 * [429]
    assert count_reports(worker) == 1


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param(ABSENT, "missing", id="absent"),
        pytest.param(None, "not valid", id="null"),
        pytest.param(7, "not valid", id="wrong type"),
        pytest.param("canary!", "not valid", id="wrong characters"),
    ],
)
def test_an_invalid_required_field_is_named_and_its_value_is_not_echoed(
    worker: Harness, report: Report, name: str, value: object, problem: str
) -> None:
    invalid = {**report, name: value}
    if value is ABSENT:
        del invalid[name]

    response = post(worker, invalid)

    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_report",
        "detail": f"{name} is {problem}.",
    }
    assert select_all(worker) == []


def test_one_answer_names_every_invalid_field(worker: Harness) -> None:
    response = post(worker, {"uuid": "x"})

    assert response.json()["detail"] == (
        "uuid is not valid; version is missing; channel is missing; "
        "install_type is missing; arch is missing."
    )
