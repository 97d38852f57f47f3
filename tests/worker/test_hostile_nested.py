"""Hostile values anywhere in a nested report end as a clean row or a 400, never as a 500."""

import copy
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from paperless_report.contract import parse_fields
from tests.support.contract_cases import ReportCase, collect_payload, find_value
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.probes import PROBES
from tests.worker.client import post
from tests.worker.database import clear, select_all
from tests.worker.entry_points import run_entry_point
from worker.local.harness import Harness

FOLDER = Path(__file__).with_name("nested_kind")
SCHEMA = json.loads((FOLDER / "nested.schema.json").read_text("utf-8"))
FIELDS = parse_fields(SCHEMA)
OBJECTS = sorted(
    {
        ".".join(it.path[:end])
        for it in FIELDS.values()
        for end in range(1, len(it.path))
    }
)
VALUES = (*STRINGS, *OTHER_TYPES, *PROBES)
LIMIT_BYTES = 65_536
MOST_MARKS = 4096
TOO_LARGE = {
    "error": "invalid_report",
    "detail": "The body is larger than 65536 bytes, or has more than 4096 values.",
}
REPORT: dict[str, Any] = {
    "who": {"id": "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11", "name": "n"},
    "channel": "stable",
    "host": {
        "version": "1.2.3",
        "constructor": {"text": "t", "count": 3, "tags": ["a", "b"]},
    },
    "extra": {"text": "e", "level": {"flag": True, "numbers": [-1, 1]}},
    "features": {"mail": False, "valueOf": True},
}


@pytest.fixture(scope="module")
def nested_runtime() -> Iterator[Harness]:
    columns = ", ".join(f'"{name}"' for name in FIELDS if name != "who.id")
    table = (
        'CREATE TABLE nested ("who.id" TEXT PRIMARY KEY NOT NULL, first_day, last_day,'
        f" excluded NOT NULL DEFAULT 0, {columns}) WITHOUT ROWID;"
    )
    with run_entry_point(FOLDER / "worker.ts", table) as worker:
        yield worker


@pytest.fixture
def nested(nested_runtime: Harness) -> Harness:
    """The receiver, with an empty table."""
    clear(nested_runtime)
    return nested_runtime


def replace(value: object, *names: str) -> dict[str, Any]:
    """Return a report of a new installation with *value* at each of these dotted paths."""
    report = copy.deepcopy(REPORT)
    report["who"]["id"] = str(uuid.uuid4())
    for name in names:
        *parents, key = name.split(".")
        part = find_value(report, ".".join(parents)) if parents else report
        part[key] = value
    return report


def to_row(report: dict[str, Any]) -> dict[str, object]:
    """Return the columns of what a client sends of *report*."""
    payload = collect_payload(ReportCase(SCHEMA, report))
    assert payload.missing == ()
    columns: dict[str, object] = dict.fromkeys(FIELDS)
    for name, value in payload.values.items():
        if isinstance(value, list):
            columns[name] = json.dumps(value, separators=(",", ":"))
        else:
            columns[name] = int(value) if isinstance(value, bool) else value
    return columns


ROW = to_row(REPORT)


def send_all(worker: Harness, reports: list[dict[str, Any]]) -> list[requests.Response]:
    with requests.Session() as session:
        return [
            session.post(f"{worker.url}/nested", json=report, timeout=30)
            for report in reports
        ]


def select_rows(worker: Harness) -> dict[str, dict[str, Any]]:
    """The fields that are stored, by the installation's ID."""
    rows = [
        {name: row[name] for name in FIELDS} for row in select_all(worker, "nested")
    ]
    return {row["who.id"]: row for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        [name for name, field in FIELDS.items() if not field.required],
        # Where the fields above them fit.
        ["extra.level.flag", "extra.level.numbers"],
        ["extra.level.numbers", "host.constructor.count", "features.valueOf"],
    ],
    ids=["every optional field", "the deepest fields", "one field of each object"],
)
def test_what_does_not_fit_is_dropped_as_the_client_drops_it(
    nested: Harness, names: list[str]
) -> None:
    reports = [replace(value, *names) for value in VALUES]

    assert {it.status_code for it in send_all(nested, reports)} == {204}

    stored = select_rows(nested)
    for report in reports:
        assert stored[report["who"]["id"]] == to_row(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FIELDS if FIELDS[name].required])
def test_a_required_field_that_does_not_fit_is_refused_and_never_repeated(
    nested: Harness, name: str
) -> None:
    values = [value for value in VALUES if not FIELDS[name].fits(value)]

    for response in send_all(nested, [replace(value, name) for value in values]):
        assert response.status_code == 400
        assert response.json() == {
            "error": "invalid_report",
            "detail": f"{name} is not valid.",
        }
    assert select_rows(nested) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTS)
def test_another_value_than_an_object_is_dropped_or_refused(
    nested: Harness, name: str
) -> None:
    values = [it for it in (*OTHER_TYPES, *STRINGS[:4]) if not isinstance(it, dict)]
    reports = [replace(value, name) for value in values]

    responses = send_all(nested, reports)

    if any(
        field.required for field in FIELDS.values() if field.name.startswith(f"{name}.")
    ):
        for response in responses:
            assert response.status_code == 400
            assert response.json()["detail"] == f"{name} is not valid."
        assert select_rows(nested) == {}
    else:
        assert {it.status_code for it in responses} == {204}
        assert select_rows(nested) == {it["who"]["id"]: to_row(it) for it in reports}


@pytest.mark.parametrize("name", ["", *OBJECTS])
def test_hostile_names_in_any_object_are_ignored(nested: Harness, name: str) -> None:
    report = copy.deepcopy(REPORT)
    part = find_value(report, name) if name else report
    part.update({key: {"who": {"id": "x"}} for key in STRINGS if key not in part})

    assert post(nested, report, "/nested").status_code == 204
    assert select_rows(nested) == {ROW["who.id"]: ROW}


def with_more(text: str) -> bytes:
    """A valid report with *text* under a name that the contract does not have."""
    return f'{json.dumps(REPORT)[:-1]},"x":{text}}}'.encode()


def with_keys(count: int) -> str:
    return json.dumps(dict.fromkeys(map(str, range(count)), 0))


# The arrays, objects and commas of the report itself.
OWN_MARKS = sum(map(with_more("0").decode().count, "[{,"))
REST = MOST_MARKS - OWN_MARKS


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("[" * REST + "]" * REST, True),
        ("[" * (REST + 1) + "]" * (REST + 1), False),
        ("[" * 20_000 + "]" * 20_000, False),
        ('{"a":' * 5000 + "0" + "}" * 5000, False),
        (f"[{','.join('0' * REST)}]", True),
        (f"[{','.join('0' * (REST + 1))}]", False),
        (with_keys(REST), True),
        (with_keys(REST + 1), False),
        (json.dumps('[{,"\\' * 8000), True),
        (json.dumps("\\" * 30_000), True),
        (f'"{"[,{" * 10_000}\\\\",[{"0," * MOST_MARKS}0]', False),
    ],
    ids=[
        *("as deep as allowed", "too deep", "far too deep", "too many nested objects"),
        *("as many elements as allowed", "too many elements"),
        *("as many keys as allowed", "too many keys"),
        *("a string full of brackets", "a string full of backslashes"),
        "brackets in a string and after it",
    ],
)
def test_depth_keys_and_elements_are_bounded_before_they_are_parsed(
    nested: Harness, text: str, *, fits: bool
) -> None:
    body = with_more(text)
    assert len(body) <= LIMIT_BYTES

    response = post(nested, body, "/nested")

    if fits:
        assert response.status_code == 204
        assert select_rows(nested) == {ROW["who.id"]: ROW}
    else:
        assert (response.status_code, response.json()) == (400, TOO_LARGE)
        assert select_rows(nested) == {}


def test_a_body_over_the_limit_of_its_kind_is_refused(nested: Harness) -> None:
    response = post(nested, with_more(json.dumps("x" * LIMIT_BYTES)), "/nested")

    assert (response.status_code, response.json()) == (400, TOO_LARGE)
