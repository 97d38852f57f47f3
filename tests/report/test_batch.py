"""Counts are divided into requests, and each event keeps within its contract."""

import json

import pytest

from paperless_report.contract.events import parse_events
from paperless_report.report.batch import Sum, build_batches, read_sums

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
    (batch,) = build_batches({"id": "x"}, sums, EVENTS, is_single=False)

    expected = [{"origin": "local", **it} for it in properties]
    assert [it["properties"] for it in batch.events] == expected
    assert json.loads(batch.body).get("events", []) == list(batch.events)


@pytest.mark.parametrize("bounds", [{"maximum": 0}, {"minimum": -9, "maximum": 0}])
def test_a_sum_that_a_newer_contract_cannot_hold_is_left_out(
    bounds: dict[str, int],
) -> None:
    number = {"type": "integer", "minimum": 0, **bounds}
    events = parse_events(
        {"print": {"type": "object", "properties": {"seconds": number}}}
    )
    seconds = Sum(DAY, "print", "{}", "seconds", 5)

    (batch,) = build_batches({"id": "x"}, [seconds], events, is_single=False)

    assert batch.sums == ()


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

    batches = build_batches(
        {"id": "x" * 1000}, sums, parse_events({"print": schema}), is_single=False
    )

    assert all(60_000 < len(it.body) <= 65_536 for it in batches[:-1])
    assert sum(len(it.events) for it in batches) == len(sums)


def test_a_sum_far_beyond_its_maximum_fills_a_hundred_requests() -> None:
    sums = [make_sum("count", 2**53 - 1)]

    batches = build_batches({}, sums, EVENTS, is_single=False)

    assert [len(it.events) for it in batches] == 100 * [100]


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

    batches = build_batches({"id": "x"}, sums, EVENTS, is_single=is_single)

    assert [len(it.events) for it in batches] == sizes
    assert all(json.loads(it.body)["id"] == "x" for it in batches)


def test_the_sums_of_a_request_can_be_read_from_its_bytes() -> None:
    sums = [make_sum("seconds", 100), make_sum("count", 3)]
    (batch,) = build_batches({"id": "x"}, sums, EVENTS, is_single=False)

    assert sorted(read_sums(batch.body, EVENTS)) == sorted(batch.sums)
    assert sum(it.value for it in batch.sums) == 103
