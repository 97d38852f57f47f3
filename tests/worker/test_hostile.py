"""Hostile reports end as a clean row or a 400, never as a 500."""

import json
import uuid

import pytest
import requests

from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.probes import PROBES
from tests.worker.client import post, sent_from
from tests.worker.database import select_all
from tests.worker.reports import FIELDS, MINIMAL, UUID, Report
from worker.local.harness import Harness


@pytest.mark.slow
@pytest.mark.parametrize("name", FIELDS)
def test_the_receiver_and_the_client_agree_on_every_value_of_every_field(
    worker: Harness, report: Report, name: str
) -> None:
    field = FIELDS[name]
    reports = [
        (value, {**report, "uuid": str(uuid.uuid4()), name: value})
        for value in (*STRINGS, *OTHER_TYPES, *PROBES)
    ]

    with requests.Session() as session:
        responses = [
            session.post(f"{worker.url}/report", json=content, timeout=30)
            for _, content in reports
        ]

    stored = {row["uuid"]: row for row in select_all(worker)}
    statuses = [response.status_code for response in responses]
    assert len(stored) == statuses.count(204)
    for response, (value, content) in zip(responses, reports, strict=True):
        row = stored.get(str(content["uuid"]))
        if field.fits(value):
            assert (response.status_code, row and row[name]) == (204, value), value
        elif field.required:
            assert (response.status_code, row) == (400, None), value
            assert response.json()["detail"] == f"{name} is not valid."
        else:
            assert response.status_code == 204, value
            assert row is not None
            assert {key for key in row if row[key] is None} == {name}, value


def with_more(text: str) -> bytes:
    """A valid report with *text* after its last field."""
    return f"{MINIMAL[:-1]},{text}}}".encode()


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


HARMLESS = {
    "a byte order mark": b"\xef\xbb\xbf" + MINIMAL.encode(),
    "white space": b" \r\n\t" + MINIMAL.encode() + b"\n",
    "__proto__": with_more('"__proto__":{"version":"9.9.9"}'),
    "constructor": with_more('"constructor":{"prototype":{"version":"9.9.9"}}'),
    "inherited names": with_more(
        '"toString":1,"hasOwnProperty":2,"valueOf":3,"length":4'
    ),
    "odd names": with_more('"":0," ":1,"\\u0000":2,"\\ud800":3'),
    "a deep array": with_more('"deep":' + nested("[", "]", 1900)),
    "a deep object": with_more('"deep":' + nested('{"a":', "}", 600)),
    "400 unknown fields": with_more(",".join(f'"k{n}":0' for n in range(400))),
    "odd numbers": with_more('"n":1e999,"m":-0,"big":123456789012345678901234567890'),
    "the server's own columns": with_more(
        '"received":"2000-01-01T00:00:00Z","id":-1,"rowid":1,"oid":1'
    ),
    "an unknown field": with_more('"hostname":"canary"'),
    "names that look alike": with_more('"uuid\\u0000":"x","UUID":"x","Version":"9"'),
    # The last of two equal names wins, as in every browser.
    "earlier values": MINIMAL.replace("{", '{"version":"x","version":7,', 1).encode(),
    "an escaped name": MINIMAL.replace("version", "v\\u0065rsion").encode(),
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=list(HARMLESS))
def test_data_around_the_fields_does_not_reach_the_row(
    worker: Harness, body: bytes
) -> None:
    assert post(worker, body).status_code == 204

    (row,) = select_all(worker)
    received = row.pop("received")
    assert not received.startswith("2000")
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": 1,
        **json.loads(MINIMAL),
    }


@pytest.mark.parametrize(
    "text",
    [
        *('"version":7', '"uuid":null', '"arch":["x86_64"]'),
        '"channel":{"toString":"beta"}',
    ],
)
def test_a_second_value_that_is_not_valid_refuses_the_report(
    worker: Harness, text: str
) -> None:
    assert post(worker, with_more(text)).status_code == 400
    assert select_all(worker) == []


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]
)
@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_an_inherited_property_is_not_a_field(
    worker: Harness, path: str, name: str
) -> None:
    response = post(worker, {name: {"uuid": UUID}}, path)

    assert response.status_code == 400
    assert "uuid is missing" in response.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html", "Accept-Charset": "x", "Accept-Encoding": "x"},
        sent_from("' OR 1=1 --"),
        {"X-Forwarded-For": "1.2.3.4, <script>"},
        {"Cookie": "a" * 4000},
        {"X-HTTP-Method-Override": "DELETE"},
        {"If-None-Match": "*", "Range": "bytes=0-1"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_changes_how_a_report_is_read(
    worker: Harness, report: Report, headers: dict[str, str]
) -> None:
    assert post(worker, report, **headers).status_code == 204


def test_a_query_changes_nothing(worker: Harness, report: Report) -> None:
    assert post(worker, report, "/report?uuid=x&__proto__=1").status_code == 204
