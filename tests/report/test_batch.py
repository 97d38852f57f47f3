"""Counts are divided into requests, and each event keeps within its contract."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pytest

from paperless_report.contract.events import Event, parse_events
from paperless_report.report.batch import JsonFormat, read_sums
from paperless_report.report.counted import list_counted
from paperless_report.report.outgoing import MOST_COUNTED, Request, Sum, Waiting

DAY = "2026-06-01"
LETTERS = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 20}
EVENTS = parse_events(
    {
        "print": {
            "type": "object",
            "required": ["seconds", "origin"],
            "properties": {
                "origin": LETTERS,
                "seconds": {"type": "integer", "minimum": 0, "maximum": 60},
                "count": {"type": "integer", "minimum": 0, "maximum": 10},
            },
        }
    }
)


def make_sum(name: str, value: int, origin: object = "local") -> Sum:
    return Sum(DAY, "print", f'{{"origin":{json.dumps(origin)}}}', name, value)


def build(
    report: Mapping[str, object],
    sums: Iterable[Sum],
    events: Mapping[str, Event] = EVENTS,
    *,
    is_single: bool = False,
) -> list[Request]:
    """Write the requests of a report with these sums."""
    waiting = Waiting(
        report=report,
        installation_id="x",
        counted=tuple(islice(list_counted(sums, events), MOST_COUNTED)),
        now=dt.datetime(2026, 6, 2, tzinfo=dt.UTC),
    )
    return list(JsonFormat(is_single=is_single).build_requests(waiting))


def read_events(request: Request) -> list[dict[str, Any]]:
    """Return the events in the body of *request*."""
    events: list[dict[str, Any]] = json.loads(request.body).get("events", [])
    return events


@pytest.mark.parametrize(
    ("sums", "properties"),
    [
        ([], []),
        ([make_sum("seconds", 60)], [{"seconds": 60}]),
        ([make_sum("count", 2)], [{"seconds": 0, "count": 2}]),
        ([make_sum("seconds", 61)], [{"seconds": 30}, {"seconds": 31}]),
        (
            [make_sum("seconds", 100), make_sum("count", 3)],
            [{"seconds": 50, "count": 1}, {"seconds": 50, "count": 2}],
        ),
        ([make_sum("seconds", 1, "UPPER")], []),
        ([make_sum("seconds", 1)._replace(labels="{}")], []),
        ([make_sum("seconds", 1)._replace(event="gone")], []),
    ],
)
def test_the_sums_of_a_day_become_events_that_fit_the_contract(
    sums: list[Sum], properties: list[dict[str, int]]
) -> None:
    (request,) = build({"id": "x"}, sums)

    assert read_events(request) == [
        {"event": "print", "day": DAY, "properties": {"origin": "local", **it}}
        for it in properties
    ]


@pytest.mark.parametrize("bounds", [{"maximum": 0}, {"minimum": -9, "maximum": 0}])
def test_a_sum_that_a_newer_contract_cannot_hold_is_left_out(
    bounds: dict[str, int],
) -> None:
    number = {"type": "integer", "minimum": 0, **bounds}
    events = parse_events(
        {"print": {"type": "object", "properties": {"seconds": number}}}
    )
    seconds = Sum(DAY, "print", "{}", "seconds", 5)

    (request,) = build({"id": "x"}, [seconds], events)

    assert request.sums == ()


def test_a_request_is_no_larger_than_a_receiver_accepts() -> None:
    letters = {"type": "string", "pattern": "^[é-ü]+$", "maxLength": 500}
    count = {"type": "integer", "minimum": 0, "maximum": 9}
    schema = {"type": "object", "properties": {"name": letters, "count": count}}
    labels = [json.dumps({"name": 300 * chr(0xE9 + it)}) for it in range(19)]
    sums = [
        Sum(f"2026-06-{day:02}", "print", label, "count", 1)
        for day in range(1, 11)
        for label in labels
    ]

    requests = build({"id": "x" * 1000}, sums, parse_events({"print": schema}))

    assert all(60_000 < len(it.body) <= 65_536 for it in requests[:-1])
    assert sum(len(read_events(it)) for it in requests) == len(sums)


def test_a_sum_far_beyond_its_maximum_fills_a_hundred_requests() -> None:
    sums = [make_sum("count", 2**53 - 1)]

    requests = build({}, sums)

    assert [len(read_events(it)) for it in requests] == 100 * [100]


@pytest.mark.parametrize(
    ("is_single", "sizes"), [(False, [100, 100, 50]), (True, [100])]
)
def test_a_request_has_a_hundred_events_at_most(
    *, is_single: bool, sizes: list[int]
) -> None:
    sums = [
        make_sum("seconds", 1, f"{chr(97 + i // 26)}{chr(97 + i % 26)}")
        for i in range(250)
    ]

    requests = build({"id": "x"}, sums, is_single=is_single)

    assert [len(read_events(it)) for it in requests] == sizes
    assert all(json.loads(it.body)["id"] == "x" for it in requests)


def test_the_sums_of_a_request_can_be_read_from_its_bytes() -> None:
    sums = [make_sum("seconds", 100), make_sum("count", 3)]
    (request,) = build({"id": "x"}, sums)

    assert sorted(read_sums(request.body, EVENTS)) == sorted(request.sums)
    assert sum(it.value for it in request.sums) == 103
