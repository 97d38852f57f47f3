"""A database that fails at any statement gives a 503 and leaves nothing half done."""

import pytest

from tests.worker.client import post
from tests.worker.database import backdate, select_all
from tests.worker.failing_database import failing
from tests.worker.reports import OTHER_UUID, UUID, Report
from worker.local.harness import Harness

pytestmark = pytest.mark.both


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        ("/report", "no reports table"),
        ("/report", "insert refused"),
        ("/report", "insert undone"),
        ("/report", "insert skipped"),
        ("/report", "read after insert"),
        ("/report", "latest insert refused"),
        ("/forget", "no reports table"),
        ("/forget", "delete refused"),
        ("/forget", "delete undone"),
    ],
)
def test_a_statement_that_fails_gives_503_and_changes_nothing(
    worker: Harness, report: Report, path: str, failure: str
) -> None:
    mine = {**report, "uuid": OTHER_UUID}
    post(worker, report)
    if path == "/forget":
        post(worker, mine)
    before = select_all(worker), select_all(worker, "installations")

    with failing(worker, failure):
        response = post(worker, mine, path)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert response.json() == {
        "error": "unavailable",
        "detail": "The database does not answer. Try again later.",
    }
    assert (select_all(worker), select_all(worker, "installations")) == before
    assert post(worker, mine, path).status_code == 204


@pytest.mark.parametrize("failure", ["insert skipped", "latest update refused"])
def test_a_report_after_the_window_that_cannot_be_stored_gives_503_and_not_429(
    worker: Harness, report: Report, failure: str
) -> None:
    post(worker, report)
    backdate(worker)
    before = select_all(worker), select_all(worker, "installations")

    with failing(worker, failure):
        assert post(worker, report).status_code == 503

    assert (select_all(worker), select_all(worker, "installations")) == before
    assert post(worker, report).status_code == 204


def test_a_second_report_gives_503_and_not_429_if_the_first_cannot_be_read(
    worker: Harness, report: Report
) -> None:
    post(worker, report)

    with failing(worker, "read after insert"):
        assert post(worker, report).status_code == 503

    assert [row["uuid"] for row in select_all(worker)] == [UUID]
