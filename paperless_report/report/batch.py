"""Adds the counts of past days to a report, and divides them into requests."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple

from paperless_report.contract import Field
from paperless_report.contract.events import Event, format_labels
from paperless_report.report.payload import to_bytes

MOST_EVENTS = 100  # in one request
MOST_BYTES = (
    65_536  # of one request: what a receiver accepts unless its project changes that
)
MOST_REQUESTS = 100  # of one report


class Sum(NamedTuple):
    """What was counted under one name on one day.

    Attributes:
        day: The day in UTC, as YYYY-MM-DD.
        event: The name of the event.
        labels: Its labels, as canonical JSON.
        name: The name of the sum.
        value: The sum.
    """

    day: str
    event: str
    labels: str
    name: str
    value: int


@dataclass(frozen=True)
class Batch:
    """One request.

    Attributes:
        body: The bytes that are POSTed.
        events: The counts in it, as they are sent.
        sums: The same counts, to subtract from those that wait.
    """

    body: bytes
    events: tuple[Mapping[str, Any], ...]
    sums: tuple[Sum, ...]


def build_batches(
    report: Mapping[str, object],
    sums: Iterable[Sum],
    events: Mapping[str, Event],
    *,
    is_single: bool,
) -> list[Batch]:
    """Divide *sums* into requests, the oldest day first; each request has all facts.

    Args:
        report: The facts, nested as in the contract.
        sums: The sums of past days.
        events: The declared events by name. What no longer fits them is left out.
        is_single: Whether the receiver accepts one request only.

    Returns:
        One request at least. Without counts, it holds the facts alone. What does not fit
        into the most requests waits for the next report.
    """
    most_bytes = MOST_BYTES - len(to_bytes({**report, "events": []}))
    requests = _fill_requests(_list_events(sums, events), most_bytes)
    most = 1 if is_single else MOST_REQUESTS
    return [_build(report, parts) for parts in islice(requests, most)] or [
        _build(report, [])
    ]


def read_sums(body: bytes, events: Mapping[str, Event]) -> list[Sum]:
    """Return the sums in a request that `build_batches` has built."""
    sums = []
    for it in json.loads(body).get("events", ()):
        event, properties = events.get(it["event"]), it["properties"]
        if event is None:
            continue
        labels = {name: properties[name] for name in properties if name in event.labels}
        sums += [
            Sum(it["day"], event.name, format_labels(labels), name, properties[name])
            for name in properties
            if name in event.sums
        ]
    return sums


_Part = tuple[dict[str, Any], list[Sum]]


def _fill_requests(parts: Iterable[_Part], most_bytes: int) -> Iterator[list[_Part]]:
    request: list[_Part] = []
    size = 0
    for part in parts:
        length = len(to_bytes(part[0])) + len(",")
        if request and (len(request) == MOST_EVENTS or size + length > most_bytes):
            yield request
            request, size = [], 0
        request.append(part)
        size += length
    if request:
        yield request


def _build(report: Mapping[str, object], parts: list[_Part]) -> Batch:
    events = tuple(event for event, _ in parts)
    body = to_bytes({**report, "events": events} if events else report)
    return Batch(body, events, tuple(it for _, sums in parts for it in sums))


def _list_events(sums: Iterable[Sum], events: Mapping[str, Event]) -> Iterator[_Part]:
    for (day, name, labels), rows in groupby(sorted(sums), lambda it: it[:3]):
        event = events.get(name)
        properties = json.loads(labels)
        if event is None or not _fits(properties, event):
            continue
        known = {it.name: it.value for it in rows if it.name in event.sums}
        values = {sum_: known.get(sum_, 0) for sum_ in event.sums}
        if not all(_can_divide(event.sums[sum_], values[sum_]) for sum_ in values):
            continue
        for part in _divide(values, event):
            yield (
                {
                    "event": name,
                    "day": day,
                    "properties": {**properties, **part},
                },
                [Sum(day, name, labels, *item) for item in part.items()],
            )


def _fits(labels: Mapping[str, Any], event: Event) -> bool:
    """Return whether the contract, which may be newer, still accepts *labels*."""
    required = {name for name, field in event.labels.items() if field.required}
    return required <= labels.keys() and all(
        name in event.labels and event.labels[name].fits(value)
        for name, value in labels.items()
    )


def _can_divide(field: Field, value: int) -> bool:
    """Return whether the contract, which may be newer, still accepts parts of *value*."""
    return value == 0 or value * _find_bound(field, value) > 0


def _find_bound(field: Field, value: int) -> int:
    bound: int = field.schema["maximum" if value > 0 else "minimum"]
    return bound


def _divide(values: Mapping[str, int], event: Event) -> Iterator[dict[str, int]]:
    """Divide sums evenly into as few events as keep each value within its bounds.

    The receiver accepts what a single occurrence can be; the sum of a day may be more.
    """
    count = max(
        -(-value // _find_bound(event.sums[name], value)) if value else 0
        for name, value in values.items()
    )
    for index in range(count):
        part = {
            name: value * (index + 1) // count - value * index // count
            for name, value in values.items()
        }
        yield {
            name: value
            for name, value in part.items()
            if value or event.sums[name].required
        }
