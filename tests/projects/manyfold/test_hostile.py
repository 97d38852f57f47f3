"""Hostile reports end as a clean row or a 400, never as a 500, and no answer repeats them."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.projects.manyfold.recorded import OTHER_ID, report
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.pages import ROOT
from tests.worker.client import post
from tests.worker.database import select_all
from worker.local.harness import Harness

SCHEMA = json.loads((ROOT / "projects/manyfold/report.schema.json").read_text("utf-8"))
PROPERTIES = SCHEMA["properties"]["version"]["properties"]
REQUIRED = {"app", "sha"}


def fits(value: object, schema: dict[str, Any]) -> bool:
    """Whether a property may have *value*."""
    return (
        isinstance(value, str)
        and len(value) <= schema["maxLength"]
        and re.search(schema["pattern"].replace("$", r"\Z"), value) is not None
    )


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_nested_value_is_stored_as_it_is_or_not_at_all(
    receiver: Harness, name: str
) -> None:
    for value in (*STRINGS, *OTHER_TYPES):
        identifier = str(uuid.uuid4())

        response = post(receiver, report(identifier, **{name: value}), "/")

        rows = receiver.query("SELECT * FROM installations WHERE id = ?1", identifier)
        stored = [row[f"version.{name}"] for row in rows]
        if fits(value, PROPERTIES[name]):
            assert (response.status_code, stored) == (201, [value]), value
        elif name in REQUIRED:
            assert (response.status_code, stored) == (400, []), value
            assert response.json() == {"error": f"version[{name}] is invalid"}
        else:
            assert (response.status_code, stored) == (201, [None]), value


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(report, id="an ID"),
        pytest.param(lambda value: {**report(), "version": value}, id="a version"),
        pytest.param(lambda value: value, id="a report"),
    ],
)
def test_a_value_in_place_of_an_id_a_version_or_a_report_is_refused(
    receiver: Harness, content: Callable[[object], object]
) -> None:
    for value in (*STRINGS, *OTHER_TYPES):
        response = post(receiver, content(value), "/")

        assert response.status_code == 400, value
        words = response.json()["error"].split(", ")
        assert all(
            re.fullmatch(r"(id|version(\[(app|sha)\])?) is (missing|invalid)", it)
            for it in words
        )
    assert select_all(receiver, "installations") == []


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "version"])
def test_an_inherited_or_repeated_name_is_not_a_field(
    receiver: Harness, name: str
) -> None:
    version = json.dumps({name: report()["version"]})

    response = post(
        receiver, f'{{"id":"{OTHER_ID}","version":{version}}}'.encode(), "/"
    )

    assert response.status_code == 400
    assert select_all(receiver, "installations") == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"deep":' + "[" * 1800 + "]" * 1800, id="a deep array"),
        pytest.param('"deep":' + '{"a":' * 600 + "1" + "}" * 600, id="a deep object"),
        pytest.param(",".join(f'"k{n}":0' for n in range(350)), id="350 keys"),
        pytest.param(f'"long":[{",".join("0" * 1700)}]', id="a long array"),
        pytest.param('"first_day":"1999-01-01","excluded":1,"rowid":1', id="columns"),
    ],
)
@pytest.mark.parametrize("place", ["the report", "its version"])
def test_data_around_the_fields_does_not_reach_the_row(
    receiver: Harness, place: str, text: str
) -> None:
    whole = json.dumps(report())
    body = whole[:-1] if place == "the report" else whole[:-2]

    assert (
        post(receiver, f"{body},{text}{whole[len(body) :]}".encode(), "/").status_code
        == 201
    )

    (row,) = select_all(receiver, "installations")
    assert row["first_day"] == row["last_day"] > "2026"
    assert (row["excluded"], row["version.app"]) == (0, "0.147.2")


@pytest.mark.parametrize("path", ["/", "/.json", "/stats", "/badge", "/statistics"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_no_answer_repeats_what_was_sent(
    receiver: Harness, path: str, method: str
) -> None:
    response = requests.request(
        method,
        f"{receiver.url}{path}?canary=1",
        data=b'{"id":"canary","version":{"app":["canary"],"canary":1},"canary":2}',
        headers={"Content-Type": "application/x-canary", "X-Canary": "canary"},
        timeout=30,
    )

    assert 400 <= response.status_code < 500
    assert "canary" not in f"{response.headers}{response.text}"
