"""Turns the sums of a day into events that fit the contract."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from paperless_report.contract import Field
from paperless_report.contract.events import Event
from paperless_report.report.outgoing import Counted, Sum


def list_counted(sums: Iterable[Sum], events: Mapping[str, Event]) -> Iterator[Counted]:
    """Give *sums* as events, the oldest day first.

    Args:
        sums: The sums of past days.
        events: The declared events by name. What no longer fits them is left out.
    """
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
            parts = (Sum(day, name, labels, *item) for item in part.items())
            yield Counted(day, name, {**properties, **part}, tuple(parts))


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
