"""Writes a report and the counts of past days as this package's own receivers take them."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice

from paperless_report.contract.events import Event, format_labels
from paperless_report.report.outgoing import (
    MOST_REQUESTS,
    Counted,
    ReportFormat,
    Request,
    Sum,
    Waiting,
    split_events,
    to_bytes,
)

MOST_EVENTS = 100  # in one request
MOST_BYTES = (
    65_536  # of one request: what a receiver accepts unless its project changes that
)


class JsonFormat(ReportFormat):
    """Writes JSON: the facts, with the counts under the key `events`.

    There is one request at least; without counts, it holds the facts alone. The counts are
    divided into requests, and each has all facts. What does not fit into the most requests
    waits for the next report.
    """

    def __init__(self, *, is_single: bool = False) -> None:
        """Store whether the receiver accepts one request only."""
        self._most_requests = 1 if is_single else MOST_REQUESTS

    def build_requests(self, waiting: Waiting) -> Iterable[Request]:
        """Write the requests, the oldest day first."""
        report = waiting.report
        requests = split_events(
            waiting.counted,
            most_events=MOST_EVENTS,
            most_bytes=MOST_BYTES - len(to_bytes({**report, "events": []})),
            size=lambda it: len(to_bytes(it.to_json())) + len(","),
        )
        parts = list(islice(requests, self._most_requests)) or [[]]
        return [_build(report, it) for it in parts]


def read_sums(body: bytes, events: Mapping[str, Event]) -> list[Sum]:
    """Return the sums in the body of a request that `JsonFormat` has built."""
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


def _build(report: Mapping[str, object], counted: Iterable[Counted]) -> Request:
    counted = tuple(counted)
    events = [it.to_json() for it in counted]
    body = to_bytes({**report, "events": events} if events else report)
    return Request(body=body, sums=tuple(sum_ for it in counted for sum_ in it.sums))
