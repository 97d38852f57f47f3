"""`POST /report` on the real runtime."""

import datetime as dt
import http.client
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from paperless_report import contract
from tests.worker.conftest import UUID
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
DAY = dt.timedelta(days=1)


def rows(worker: Harness) -> list[dict[str, object]]:
    return worker.query("SELECT * FROM reports ORDER BY id")


def age(worker: Harness, by: dt.timedelta) -> str:
    """Move every report into the past; give when the last is now said to be."""
    then = dt.datetime.now(dt.UTC) - by
    received = then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    worker.query("UPDATE reports SET received = ?1", received)
    return received


def test_a_report_is_stored_whole(worker: Harness, report: Report) -> None:
    before = dt.datetime.now(dt.UTC)

    answer = post(worker, report)

    assert (answer.status_code, answer.content) == (204, b"")
    (row,) = rows(worker)
    received = dt.datetime.fromisoformat(str(row.pop("received")))
    assert abs(received - before) < dt.timedelta(minutes=1)
    row.pop("id")
    assert row == {
        name: int(v) if isinstance(v, bool) else v for name, v in report.items()
    }


def test_absent_fields_are_null(worker: Harness, report: Report) -> None:
    required = {
        name: report[name] for name, it in contract.load_fields().items() if it.required
    }

    assert post(worker, required).status_code == 204

    (row,) = rows(worker)
    assert {name for name, value in row.items() if value is None} == {
        name for name, it in contract.load_fields().items() if not it.required
    }


def test_a_second_report_within_seven_days_is_refused(
    worker: Harness, report: Report
) -> None:
    post(worker, report)
    last_sent = age(worker, 3 * DAY)

    answer = post(worker, report)

    assert answer.status_code == 429
    assert answer.json() == {
        "error": "already_submitted",
        "last_sent": last_sent,
        "retry_after_days": 4,
    }
    assert 0 <= 4 * DAY.total_seconds() - int(answer.headers["Retry-After"]) < 60
    assert len(rows(worker)) == 1


@pytest.mark.parametrize(
    ("ago", "status", "days"),
    [
        (dt.timedelta(), 429, 7),
        (1 * DAY, 429, 6),
        (7 * DAY - dt.timedelta(minutes=1), 429, 1),
        (7 * DAY, 204, None),
        (8 * DAY, 204, None),
        (-DAY, 429, 7),  # stored before the clock was set back
    ],
)
def test_seven_days_are_counted_from_the_last(
    worker: Harness, report: Report, ago: dt.timedelta, status: int, days: int | None
) -> None:
    post(worker, report)
    age(worker, ago)

    answer = post(worker, report)

    assert answer.status_code == status
    if days:
        assert answer.json()["retry_after_days"] == days
        assert 0 < int(answer.headers["Retry-After"]) <= days * DAY.total_seconds()


def test_another_installation_is_not_held_up(worker: Harness, report: Report) -> None:
    post(worker, report)

    assert post(worker, {**report, "uuid": str(uuid.uuid4())}).status_code == 204
    assert len(rows(worker)) == 2


def test_letter_case_makes_no_second_installation(
    worker: Harness, report: Report
) -> None:
    post(worker, {**report, "uuid": UUID.upper()})

    assert post(worker, report).status_code == 429
    assert rows(worker)[0]["uuid"] == UUID


@pytest.mark.parametrize("trial", range(3))
def test_fifty_at_once_leave_one_row(
    worker: Harness, report: Report, trial: int
) -> None:
    mine = {**report, "uuid": str(uuid.uuid4()), "version": f"{trial}.0.0"}

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: post(worker, mine).status_code, range(50)))

    assert sorted(statuses) == [204] + 49 * [429]
    assert len(rows(worker)) == 1


@pytest.mark.parametrize(
    "name", [name for name, it in contract.load_fields().items() if it.required]
)
@pytest.mark.parametrize("value", [..., None, 7, "canary!"])
def test_a_required_field_that_does_not_fit_is_named_and_not_echoed(
    worker: Harness, report: Report, name: str, value: object
) -> None:
    wrong = {key: it for key, it in report.items() if key != name}
    if value is not ...:
        wrong[name] = value

    answer = post(worker, wrong)

    word = "missing" if value is ... else "not valid"
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_report", "detail": f"{name} is {word}."}
    assert rows(worker) == []


def test_all_wrong_fields_are_named_at_once(worker: Harness) -> None:
    answer = post(worker, {"uuid": "x"})

    assert answer.json()["detail"] == (
        "uuid is not valid; version is missing; channel is missing; "
        "install_type is missing; arch is missing."
    )


def test_unknown_fields_and_the_clients_clock_are_ignored(
    worker: Harness, report: Report
) -> None:
    extra = {
        "received": "2000-01-01T00:00:00Z",
        "id": 7,
        "hostname": "canary",
        "__proto__": {},
    }

    assert post(worker, {**report, **extra}).status_code == 204

    (row,) = rows(worker)
    assert not str(row["received"]).startswith("2000")
    assert "canary" not in map(str, row.values())


@pytest.mark.parametrize(
    "key", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]
)
def test_inherited_names_are_no_fields(worker: Harness, key: str) -> None:
    assert post(worker, {key: {"uuid": UUID}}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"{'uuid': 1}",
        b'{"uuid": "\xff"}',
        b"[" * 4000,
        b'{"a":' * 800,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(worker: Harness, body: bytes) -> None:
    answer = post(worker, body)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_report",
        "detail": "The body is not a JSON object.",
    }


def padded(report: Report, size: int) -> bytes:
    body = json.dumps({**report, "padding": ""}).encode()
    return json.dumps({**report, "padding": "x" * (size - len(body))}).encode()


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize(
    ("size", "status"), [(4096, 204), (4097, 400), (3_000_000, 400)]
)
@pytest.mark.parametrize("declared", [True, False])
def test_4096_bytes_are_the_most(
    worker: Harness, report: Report, size: int, status: int, *, declared: bool
) -> None:
    body = padded(report, size)
    assert len(body) == size

    answer = requests.post(
        f"{worker.url}/report",
        data=body if declared else chunks(body),
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == status
    if status == 400:
        assert answer.json()["detail"] == "The body is larger than 4096 bytes."


def test_bytes_are_counted_not_characters(worker: Harness, report: Report) -> None:
    text = "\N{EURO SIGN}" * 1300
    body = json.dumps({**report, "padding": text}, ensure_ascii=False).encode()
    assert len(body) > 4096 > len(body.decode())

    assert post(worker, body).status_code == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 204),
        ("Application/JSON; charset=utf-8", 204),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-patch+json", 415),
        ("", 415),
    ],
)
def test_only_json_is_taken(
    worker: Harness, report: Report, content_type: str, status: int
) -> None:
    assert post(worker, report, **{"Content-Type": content_type}).status_code == status


def test_no_content_type_is_not_taken(worker: Harness, report: Report) -> None:
    connection = http.client.HTTPConnection(urlsplit(worker.url).netloc, timeout=30)
    connection.request("POST", "/report", json.dumps(report))

    assert connection.getresponse().status == 415
    connection.close()


@pytest.mark.parametrize("body", [b"{", b'{"uuid": 1}'])
def test_answers_are_json_that_no_cache_keeps(worker: Harness, body: bytes) -> None:
    headers = post(worker, body).headers

    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
