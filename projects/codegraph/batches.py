"""Writes what was counted as batches of events; does no I/O."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from paperless_report.report.outgoing import (
    Counted,
    Logged,
    ReportFormat,
    Request,
    Sum,
    Waiting,
    split_events,
    to_bytes,
)

# The receiver counts an older event for the day on which it arrives.
OLDEST: Final = dt.timedelta(days=30)
_CLIENT = ("client_name", "client_version")


class _Item(NamedTuple):
    """An event as it is sent, and what it consists of here."""

    event: Mapping[str, Any]
    sums: tuple[Sum, ...] = ()
    logged: tuple[Logged, ...] = ()


class Batches(ReportFormat):
    """The facts and up to 100 events in each request; any answer is final."""

    any_answer_is_final = True
    sends_facts_alone = False
    timeout_seconds = 1.5

    def build_requests(self, waiting: Waiting) -> Iterator[Request]:
        """Build as many requests as all events need."""
        facts = waiting.report
        most_bytes = 65_536 - len(to_bytes({**facts, "events": []}))
        items = split_events(
            _list_items(waiting),
            most_events=100,
            most_bytes=most_bytes,
            size=lambda it: len(to_bytes(it.event)) + len(","),
        )
        for part in items:
            yield Request(
                body=to_bytes({**facts, "events": [it.event for it in part]}),
                sums=tuple(it for item in part for it in item.sums),
                logged=tuple(it for item in part for it in item.logged),
            )


def _list_items(waiting: Waiting) -> Iterator[_Item]:
    for counted in waiting.counted:
        noon = dt.datetime.fromisoformat(f"{counted.day}T12:00:00+00:00")
        if waiting.now - noon < OLDEST:
            event = _write("usage_rollup", noon, _describe(counted))
            yield _Item(event, sums=counted.sums)
    for logged in waiting.logged:
        event = _write(logged.event, logged.at, logged.properties)
        yield _Item(event, logged=(logged,))


def _describe(counted: Counted) -> dict[str, Any]:
    known = counted.properties
    return {
        "kind": counted.event,
        "name": known["name"],
        "count": known["count"],
        "error_count": known.get("error_count", 0),
        **{name: known[name] for name in _CLIENT if name in known},
    }


def _write(event: str, at: dt.datetime, props: Mapping[str, Any]) -> dict[str, Any]:
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"event": event, "ts": time, "props": props}
