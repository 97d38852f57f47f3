"""D1 failing at each statement: a 503, and nothing half-done."""

import pytest

from tests.worker.conftest import UUID
from tests.worker.faults import fault
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
OTHER = "5f0c8d0e-0a3c-4c0e-8f3e-0a1b2c3d4e5f"


def rows(worker: Harness) -> list[dict[str, object]]:
    return worker.query("SELECT * FROM reports ORDER BY id")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/report", "no table"),
        ("/report", "insert refused"),
        ("/report", "insert undone"),
        ("/report", "row left out"),
        ("/report", "read after insert"),
        ("/forget", "no table"),
        ("/forget", "delete refused"),
        ("/forget", "delete undone"),
    ],
)
def test_a_statement_that_fails_is_a_503_and_changes_nothing(
    worker: Harness, report: Report, path: str, name: str
) -> None:
    mine = {**report, "uuid": OTHER}
    post(worker, report)
    if path == "/forget":
        post(worker, mine)
    before = rows(worker)

    with fault(worker, name):
        answer = post(worker, mine, path)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert answer.json() == {
        "error": "unavailable",
        "detail": "The database does not answer. Try again later.",
    }
    assert rows(worker) == before
    assert post(worker, mine, path).status_code == 204


def test_a_refused_report_that_cannot_be_read_is_no_refusal(
    worker: Harness, report: Report
) -> None:
    post(worker, report)

    with fault(worker, "read after insert"):
        assert post(worker, report).status_code == 503

    assert [it["uuid"] for it in rows(worker)] == [UUID]


def test_a_row_that_is_left_out_after_the_window_is_no_refusal(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    worker.query("UPDATE reports SET received = '2020-01-01T00:00:00.000Z'")

    with fault(worker, "row left out"):
        assert post(worker, report).status_code == 503


def test_the_log_tells_the_fault_by_its_code_alone(
    worker: Harness, report: Report
) -> None:
    worker.logged()

    with fault(worker, "no table"):
        for path in ("/report", "/forget"):
            post(worker, report, path)

    assert worker.logged() == [
        "reports: the database failed: D1_ERROR SQLITE_ERROR",
        "forget: the database failed: D1_ERROR SQLITE_ERROR",
    ]
