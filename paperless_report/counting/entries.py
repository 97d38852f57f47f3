"""Keeps events that are stored one by one in memory, without locks, until they are written."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt

    from paperless_report.contract.events import Event

# Of several days without a disk that can be written, the newest are kept.
MOST_ENTRIES = 10_000


class Entry(NamedTuple):
    """An event that happened.

    Attributes:
        at: When, in seconds since 1970.
        event: Its name.
        properties: What the contract accepts, as JSON.
    """

    at: float
    event: str
    properties: str


class Entries:
    """Events in the order in which they happened. For threads and signal handlers.

    Each change is one operation of a type that is implemented in C, which nothing interrupts.
    """

    def __init__(self, clock: "Callable[[], dt.datetime] | None") -> None:
        """Store what returns the time of an event; the system's clock by default."""
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)

    def add(self, event: "Event", properties: Mapping[str, object]) -> None:
        """Add *event* with what the contract accepts of *properties*."""
        cleaned = event.clean(properties)
        if cleaned is None:
            return
        labels, sums = cleaned
        at = self._clock().timestamp() if self._clock else time.time()
        text = json.dumps({**labels, **sums}, separators=(",", ":"))
        self._entries.append(Entry(at, event.name, text))

    def take(self) -> list[Entry]:
        """Return what was added since the last call. One thread at a time may call it."""
        return [self._entries.popleft() for _ in range(len(self._entries))]
