"""Hostile reports to Printernizer's receiver: no 500, no echo, and only clean values stored."""

import json
import re
import uuid
from collections.abc import Iterable, Iterator

import pytest
import requests

from tests.projects.printernizer.client import (
    Report,
    change,
    delete,
    example_report,
    submit,
)
from tests.projects.printernizer.recorded import KEY
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.worker.database import select_all
from worker.local.harness import Harness

ID = "installation.installation_id"
TABLE = "installations"
# What the longest value that the contract allows is made of.
_CLEAN_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,49}")
_MOST = 1_000_000


def list_paths(value: object, start: str = "") -> Iterator[str]:
    """The dotted paths of all objects and leaves of a report, in its own order."""
    if start:
        yield start
    if isinstance(value, dict):
        for name, part in value.items():
            yield from list_paths(part, f"{start}.{name}".lstrip("."))


PATHS = list(list_paths(example_report()))
LEAVES = [it for it in PATHS if not any(path.startswith(f"{it}.") for path in PATHS)]
# The properties whose hostile values do not refuse the report.
DROPPED = [
    "schema_version",
    *(
        f"installation.{name}"
        for name in (
            *("app_version", "python_version", "platform", "deployment_mode"),
            "country_code",
        )
    ),
]
OBJECTS = (
    "",
    *(it for it in PATHS if any(path.startswith(f"{it}.") for path in PATHS)),
)


def assert_clean(worker: Harness) -> None:
    """Every stored value is a short word, a list of printer types, or a small integer."""
    for row in select_all(worker, TABLE):
        del row["hour_start"]  # of the receiver's own clock
        types = row.pop("printer_fleet.printer_types")
        assert set(json.loads(types or "[]")) <= {"bambu_lab", "prusa_core"}
        for name, value in row.items():
            if isinstance(value, str):
                assert _CLEAN_TEXT.fullmatch(value), (name, value)
            elif value is not None:
                assert type(value) is int
                assert 0 <= value <= _MOST, (name, value)


def change_all(paths: Iterable[str], value: object) -> Report:
    """A report from a new installation with *value* at each of *paths*."""
    report = with_id(example_report())
    for path in paths:
        report = change(report, path, value)
    return report


def with_id(report: Report) -> Report:
    """*report* from an installation of its own, so that the hourly limit plays no part."""
    return change(report, ID, str(uuid.uuid4()))


def submit_all(worker: Harness, reports: Iterable[tuple[object, Report]]) -> list[int]:
    """Send reports with the hostile value of each; check the answers; return their statuses."""
    statuses = []
    with requests.Session() as session:
        session.headers["X-API-Key"] = KEY
        for value, report in reports:
            response = session.post(f"{worker.url}/submit", json=report, timeout=30)
            statuses.append(response.status_code)
            assert response.status_code in {200, 422}, value
            if isinstance(value, str) and len(value) > 6:
                assert value not in response.text
                assert json.dumps(value)[1:-1] not in response.text
            for error in response.json().get("detail", ()):
                assert error.keys() == {"type", "loc", "msg"}
                assert error["loc"][0] == "body"
                assert ".".join(error["loc"][1:]) in {"", *PATHS}
    return statuses


def test_every_hostile_value_is_refused_or_dropped_in_all_properties_at_once(
    keyed: Harness,
) -> None:
    # Longer ones make the body too large.
    short = [it for it in STRINGS if len(it) < 1000]

    refused = submit_all(keyed, ((it, change_all(LEAVES, it)) for it in STRINGS))
    dropped = submit_all(keyed, ((it, change_all(DROPPED, it)) for it in short))
    submit_all(keyed, ((it, change_all(LEAVES, it)) for it in OTHER_TYPES))

    assert set(refused) == {422}
    assert set(dropped) == {200}
    assert len(select_all(keyed, TABLE)) == len(short)
    assert_clean(keyed)


@pytest.mark.nightly
@pytest.mark.parametrize("path", PATHS)
def test_every_hostile_value_is_refused_or_dropped_in_each_property(
    keyed: Harness, path: str
) -> None:
    submit_all(keyed, ((it, change_all([path], it)) for it in (*STRINGS, *OTHER_TYPES)))

    assert_clean(keyed)


@pytest.mark.parametrize("path", OBJECTS)
def test_hostile_names_are_ignored(keyed: Harness, path: str) -> None:
    values: tuple[object, ...] = ("x", 1, True, {"a": "b"}, None)
    report = with_id(example_report())
    target: object = report
    for name in filter(None, path.split(".")):
        target = target[name]  # type: ignore[index]  # an object, as in the contract
    assert isinstance(target, dict)
    names = [text for text in STRINGS if len(text) < 400]
    target.update({name: values[n % len(values)] for n, name in enumerate(names)})

    response = submit(keyed, report)

    assert response.status_code == 200, response.text
    assert_clean(keyed)
    (row,) = select_all(keyed, TABLE)
    assert row["printer_fleet.printer_type_counts.bambu_lab"] == 2


def test_hostile_elements_of_a_list_are_dropped(keyed: Harness) -> None:
    elements = [*(it for it in STRINGS if len(it) < 50), *OTHER_TYPES, "prusa_core"]
    report = change(
        with_id(example_report()), "printer_fleet.printer_types", elements[-100:]
    )

    assert submit(keyed, report).status_code == 200
    (row,) = select_all(keyed, TABLE)
    assert row["printer_fleet.printer_types"] == '["prusa_core"]'


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_deep_value_is_ignored(keyed: Harness, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    deep = opening * 1500 + "1" + closing * 1500
    body = json.dumps(with_id(example_report()))[:-1] + f', "deep": {deep}}}'

    response = submit(keyed, body.encode())

    assert response.status_code == 200
    assert_clean(keyed)


def test_a_hostile_id_deletes_nothing(keyed: Harness) -> None:
    submit(keyed, example_report())

    for text in filter(None, STRINGS):
        encoded = text.encode("utf-8", "surrogatepass")
        response = delete(keyed, "".join(f"%{byte:02X}" for byte in encoded))

        expected = {"deleted_count": 0, "message": "Deleted 0 submissions"}
        assert response.json() in (
            {"status": "success", **expected},
            {"detail": "Not Found"},
        ), text
    assert len(select_all(keyed, TABLE)) == 1
