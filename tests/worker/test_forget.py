"""`POST /forget` on the real runtime."""

import json
import uuid
from collections.abc import Iterator

import pytest
import requests

from paperless_report import contract
from tests.worker.conftest import UUID, tables
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
KNOWING = ("reports", "installations")
OTHER = "5f0c8d0e-0a3c-4c0e-8f3e-0a1b2c3d4e5f"


def forget(worker: Harness, content: object, **headers: str) -> requests.Response:
    return post(worker, content, "/forget", **headers)


def known(worker: Harness) -> set[tuple[str, str]]:
    """Where which ID is still kept, in any table that knows of installations."""
    columns = "SELECT name FROM pragma_table_info(?1) WHERE name = 'uuid'"
    return {
        (table, it["uuid"])
        for table in tables(worker)
        if worker.query(columns, table)
        for it in worker.query(f'SELECT uuid FROM "{table}"')  # noqa: S608  # the database's own names
    }


def test_every_row_of_the_id_goes_and_no_other(worker: Harness, report: Report) -> None:
    post(worker, report)
    worker.query("UPDATE reports SET received = '2020-01-01T00:00:00.000Z'")
    post(worker, report)
    post(worker, {**report, "uuid": OTHER})
    assert known(worker) == {(it, key) for it in KNOWING for key in (UUID, OTHER)}
    assert len(worker.query("SELECT id FROM reports")) == 3

    answer = forget(worker, {"uuid": UUID})

    assert (answer.status_code, answer.content) == (204, b"")
    assert {key for _, key in known(worker)} == {OTHER}


def test_an_unknown_id_is_answered_alike(worker: Harness, report: Report) -> None:
    post(worker, report)

    first, second = (forget(worker, {"uuid": UUID}) for _ in range(2))

    assert first.status_code == second.status_code == 204
    # Nothing tells apart who has reported and who has not.
    assert set(first.headers) == set(second.headers)


def test_letter_case_does_not_save_a_row(worker: Harness, report: Report) -> None:
    post(worker, report)

    assert forget(worker, {"uuid": UUID.upper()}).status_code == 204
    assert known(worker) == set()


def test_the_forgotten_may_report_again_at_once(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    assert post(worker, report).status_code == 429
    forget(worker, {"uuid": UUID})

    assert post(worker, report).status_code == 204


def test_a_whole_report_names_its_id_too(worker: Harness, report: Report) -> None:
    """What else is sent is ignored, as in a report."""
    post(worker, report)

    assert forget(worker, report).status_code == 204
    assert known(worker) == set()


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({}, "uuid is missing."),
        ({"UUID": UUID}, "uuid is missing."),
        ({"__proto__": {"uuid": UUID}}, "uuid is missing."),
        ({"constructor": {"uuid": UUID}}, "uuid is missing."),
        ({"uuid": None}, "uuid is not valid."),
        ({"uuid": 7}, "uuid is not valid."),
        ({"uuid": [UUID]}, "uuid is not valid."),
        ({"uuid": ""}, "uuid is not valid."),
        ({"uuid": "%"}, "uuid is not valid."),
        ({"uuid": f" {UUID}"}, "uuid is not valid."),
        ({"uuid": f"{UUID}\n"}, "uuid is not valid."),
        ({"uuid": f"{{{UUID}}}"}, "uuid is not valid."),
        ({"uuid": "' OR 1=1 --"}, "uuid is not valid."),
        ({"uuid": "a1b2c3d4-e5f6-7890-abcd-ef1234567890"}, "uuid is not valid."),
        ([UUID], "The body is not a JSON object."),
        (UUID, "The body is not a JSON object."),
        (b"", "The body is not a JSON object."),
        (b"{", "The body is not a JSON object."),
        ({"uuid": UUID, "padding": "x" * 4096}, "The body is larger than 4096 bytes."),
    ],
)
def test_what_names_no_id_is_refused_and_forgets_nothing(
    worker: Harness, report: Report, content: object, detail: str
) -> None:
    post(worker, report)

    answer = forget(worker, content)

    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_request", "detail": detail}
    assert known(worker) == {(it, UUID) for it in KNOWING}


def test_an_id_is_what_the_contract_says(worker: Harness) -> None:
    field = contract.load_fields()["uuid"]
    versions = [str(uuid.UUID(int=0, version=number)) for number in range(1, 6)]

    for value in (*versions, *field.schema["examples"]):
        status = forget(worker, {"uuid": value}).status_code

        assert status == (204 if field.fits(value) else 400), value


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", ""]
)
def test_only_json_is_taken(worker: Harness, report: Report, content_type: str) -> None:
    """A page elsewhere cannot send it without asking first."""
    post(worker, report)

    answer = forget(worker, {"uuid": UUID}, **{"Content-Type": content_type})

    assert answer.status_code == 415
    assert known(worker) == {(it, UUID) for it in KNOWING}


def test_an_undeclared_length_is_counted_too(worker: Harness) -> None:
    def body() -> Iterator[bytes]:
        yield json.dumps({"uuid": UUID}).encode()
        for _ in range(8):
            yield b" " * 1000

    answer = requests.post(
        f"{worker.url}/forget",
        data=body(),
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 400
