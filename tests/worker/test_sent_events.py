"""Without a function of its own, a kind counts the events as the reporter sends them."""

import datetime as dt
from typing import Any

import pytest

from tests.worker.client import get, post
from tests.worker.database import select_all
from tests.worker.labs import MOST_EVENTS, NOON, clock, counts, lab_id
from worker.local.harness import Harness

TODAY = f"{NOON:%F}"
YESTERDAY = f"{NOON - dt.timedelta(days=1):%F}"
# A machine that was off for a month, and a month and a day.
MONTH_AGO, LONG_AGO = (f"{NOON - dt.timedelta(days=days):%F}" for days in (29, 31))
Key = tuple[str, str, str]


def command(name: str, day: object = YESTERDAY, **sums: object) -> dict[str, Any]:
    return {"event": "command", "day": day, "properties": {"name": name, **sums}}


def send(lab: Harness, **report: object) -> None:
    response = post(lab, {"id": lab_id(), **report}, "/daily", **clock(NOON))
    assert response.status_code == 204, response.text


def read(lab: Harness, column: str = "count", pair: str = "name") -> dict[Key, int]:
    return counts(lab, pair, "command", "daily_counters", column)


@pytest.mark.both
def test_the_sums_of_a_day_are_added_to_the_counters_of_that_day(lab: Harness) -> None:
    send(
        lab,
        events=[
            command("add", count=3, error_count=1),
            command("add", MONTH_AGO, count=5),
            command("list", count=2),
        ],
    )
    send(lab, events=[command("add", count=4, error_count=0)], version="1.4")

    assert read(lab) == {
        (MONTH_AGO, "add", ""): 5,
        (YESTERDAY, "add", ""): 7,
        (YESTERDAY, "list", ""): 2,
    }
    assert read(lab, "errors")[YESTERDAY, "add", ""] == 1
    assert read(lab, pair="name,version")[YESTERDAY, "add", "1.4"] == 4


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        *((command("add", day, count=3), {(TODAY, "add", ""): 3}) for day in (
            LONG_AGO, "yesterday", "2026-02-30T", 7, None
        )),
        (command("add", count=-1), {(YESTERDAY, "add", ""): 0}),
        (command("add", count="3"), {(YESTERDAY, "add", ""): 0}),
        (command("add", unknown="text", count=3), {(YESTERDAY, "add", ""): 3}),
        (command("/home/me/notes.txt", count=3), {}),
        ({"event": "command", "day": YESTERDAY}, {}),
        ({"event": "unknown", "day": YESTERDAY, "properties": {"count": 3}}, {}),
        ({"event": "constructor", "properties": {}}, {}),
        ({"name": "command", "properties": {"name": "add", "count": 3}}, {}),
        (None, {}),
        ("command", {}),
        ([], {}),
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_fit_is_dropped_and_the_rest_of_the_report_counts(
    lab: Harness, event: object, expected: dict[Key, int]
) -> None:
    send(lab, events=[command("kept", count=1), event], version="1.4")

    assert read(lab) == {(YESTERDAY, "kept", ""): 1, **expected}
    assert select_all(lab, "daily_labs")[0]["version"] == "1.4"


@pytest.mark.parametrize("events", [None, 7, "command", {}, {"0": command("add")}, []])
def test_events_that_are_not_a_list_of_events_count_nothing(
    lab: Harness, events: object
) -> None:
    send(lab, events=events, version="1.4")
    send(lab, version="1.4")

    assert read(lab) == {}
    assert select_all(lab, "daily_labs")[0]["version"] == "1.4"


@pytest.mark.both
def test_a_body_with_a_hundred_long_events_fits(lab: Harness) -> None:
    """Each has a property that this receiver does not know yet."""
    events = [
        command("a" * (1 + index % 9), count=1, of_a_newer_version="x" * 500)
        for index in range(MOST_EVENTS + 1)
    ]
    send(lab, events=events)

    assert sum(read(lab).values()) == MOST_EVENTS


@pytest.mark.both
def test_a_kind_without_counters_accepts_a_report_with_events(
    worker: Harness, workshop: Harness, report: dict[str, Any]
) -> None:
    """A client may be newer than the receiver: the key is unknown there."""
    events = [command("add", count=1)]
    machine = {"machine": {"id": lab_id(), "version": "1.4"}}

    assert post(worker, {**report, "events": events}).status_code == 204
    assert post(workshop, {**machine, "events": events}, "/machine").status_code == 204


def test_the_openapi_document_has_the_events_that_are_counted(lab: Harness) -> None:
    document = get(lab, "/openapi.json").json()

    schemas = document["components"]["schemas"]
    (event,) = schemas["daily-events"]["items"]["anyOf"]
    assert event["properties"]["event"] == {"const": "command"}
    assert event["properties"]["properties"]["required"] == ["name"]
    assert event["properties"]["day"]["format"] == "date"
    assert "type" not in schemas["daily-accepted"]["properties"]["events"]
    (body,) = document["paths"]["/daily"]["post"]["requestBody"]["content"].values()
    assert body["example"]["events"] == [
        {
            "event": "command",
            "day": "2026-11-26",
            "properties": {"name": "add", "count": 3, "error_count": 1},
        }
    ]
    # These read their events in another way.
    assert not {"batch-events", "hourly-events"} & schemas.keys()
    assert "events" not in schemas["batch-accepted"]["properties"]
