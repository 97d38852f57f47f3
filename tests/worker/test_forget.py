"""`POST /forget` deletes everything that is stored about an installation."""

import uuid

import pytest
import requests

from tests.worker.client import post
from tests.worker.database import backdate, count_reports, tables
from tests.worker.reports import FIELDS, OTHER_UUID, UUID, Report
from worker.local.harness import Harness

pytestmark = pytest.mark.both

# The tables that hold IDs.
TABLES = ("reports", "installations")


def forget(worker: Harness, content: object) -> requests.Response:
    return post(worker, content, "/forget")


def stored_ids(worker: Harness) -> set[tuple[str, str]]:
    """Every ID in every table that has a column for one, with the table's name."""
    columns = "SELECT name FROM pragma_table_info(?1) WHERE name = 'uuid'"
    return {
        (table, row["uuid"])
        for table in tables(worker)
        if worker.query(columns, table)
        for row in worker.query(f'SELECT uuid FROM "{table}"')  # noqa: S608  # a table's name
    }


def test_every_row_of_the_installation_is_deleted_and_no_other(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    backdate(worker)
    post(worker, report)
    post(worker, {**report, "uuid": OTHER_UUID})
    assert stored_ids(worker) == {
        (table, key) for table in TABLES for key in (UUID, OTHER_UUID)
    }
    assert count_reports(worker) == 3

    response = forget(worker, {"uuid": UUID})

    assert (response.status_code, response.content) == (204, b"")
    assert stored_ids(worker) == {(table, OTHER_UUID) for table in TABLES}


def test_an_unknown_id_gets_the_same_answer(worker: Harness, report: Report) -> None:
    """The answer does not tell whether an installation has reported."""
    post(worker, report)

    first, second = (forget(worker, {"uuid": UUID}) for _ in range(2))

    assert first.status_code == second.status_code == 204
    assert set(first.headers) == set(second.headers)


@pytest.mark.parametrize("whole", [False, True], ids=["upper case", "a whole report"])
def test_the_id_is_found_in_any_case_and_among_other_fields(
    worker: Harness, report: Report, *, whole: bool
) -> None:
    post(worker, report)

    response = forget(worker, report if whole else {"uuid": UUID.upper()})

    assert response.status_code == 204
    assert stored_ids(worker) == set()


def test_a_forgotten_installation_may_report_again_at_once(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    assert post(worker, report).status_code == 429
    forget(worker, {"uuid": UUID})

    assert post(worker, report).status_code == 204


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "missing"),
        ({"UUID": UUID}, "missing"),
        ({"uuid": None}, "not valid"),
        ({"uuid": 7}, "not valid"),
        ({"uuid": [UUID]}, "not valid"),
        ({"uuid": ""}, "not valid"),
        ({"uuid": "%"}, "not valid"),
        ({"uuid": f" {UUID}"}, "not valid"),
        ({"uuid": f"{UUID}\n"}, "not valid"),
        ({"uuid": f"{{{UUID}}}"}, "not valid"),
        ({"uuid": "' OR 1=1 --"}, "not valid"),
        ({"uuid": "a1b2c3d4-e5f6-7890-abcd-ef1234567890"}, "not valid"),
    ],
    ids=str,
)
def test_a_request_without_a_valid_id_is_refused_and_deletes_nothing(
    worker: Harness, report: Report, content: object, problem: str
) -> None:
    post(worker, report)

    response = forget(worker, content)

    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_request",
        "detail": f"uuid is {problem}.",
    }
    assert stored_ids(worker) == {(table, UUID) for table in TABLES}


def test_the_contract_decides_which_ids_are_valid(worker: Harness) -> None:
    field = FIELDS["uuid"]
    versions = [str(uuid.UUID(int=0, version=number)) for number in range(1, 6)]

    for value in (*versions, *field.schema["examples"]):
        status = forget(worker, {"uuid": value}).status_code

        assert status == (204 if field.fits(value) else 400), value
