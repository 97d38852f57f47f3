"""Counts and logs events in memory; writes them every two seconds and when the process ends."""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from paperless_report.counting import processes, writer
from paperless_report.counting.cells import COUNT, ERROR_COUNT, Cells, Key
from paperless_report.counting.entries import MOST_ENTRIES, Entries, Entry

if TYPE_CHECKING:
    import datetime as dt

    from paperless_report.contract.events import Event

Persist = Callable[[Mapping[Key, int], Sequence[Entry]], object]

# How old the cells get, at least, before they make room for other labels.
_ROTATION_SECONDS = 60.0


class Counters:
    """Counts and logs the events of one project in this process. No method raises.

    A thread writes what was counted. It starts with the first count. The main thread does not
    write itself, because a signal handler may raise an exception anywhere in it.

    Attributes:
        on_logged: Called after an event was logged, by signal handlers, too.
    """

    def __init__(
        self,
        load_events: "Callable[[], Mapping[str, Event]]",
        persist: Persist,
        clock: "Callable[[], dt.datetime] | None" = None,
    ) -> None:
        """Store the arguments; nothing is read before the first count.

        Args:
            load_events: Reads the events by name, once. If it raises, nothing is counted.
            persist: Adds sums and logged events to what is stored, in one transaction, or
                drops them if reporting is off. If it raises, it is called again with the same.
            clock: Returns the time of a logged event; the system's clock by default.
        """
        self._load_events = load_events
        self._persist = persist
        self._clock = clock
        self._events: Mapping[str, Event] | None = None
        self._is_ending = False
        self.reset()
        processes.join(self)

    def reset(self) -> None:
        """Begin without counts and without a thread, as a forked process does."""
        self._cells = self._retired = Cells()
        self._known = self._cells.known
        self._rotated = self._last_write = time.monotonic()
        self._pending: dict[Key, int] = {}
        self._entries = Entries(self._clock)
        self._pending_entries: list[Entry] = []
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._writer: writer.Writer | None = None
        self._is_paused = False
        self.on_logged: Callable[[], object] = _ignore

    def count(
        self,
        event: str,
        /,
        name: str | None = None,
        ok: bool = True,  # noqa: FBT001, FBT002  # short where it is used most
        **labels: object,
    ) -> None:
        """Count *event* once with its labels, and as an error unless *ok*.

        What the event's schema does not allow is dropped. An event in the project's `logged`
        is stored by itself instead, with its time.

        Args:
            event: The name of an event in the project's `events`. Its sum `count` grows.
            name: The label `name`, if the event has one.
            ok: Whether it succeeded. If not, its sum `error_count` grows, too.
            labels: Its other labels.
        """
        try:
            if labels:
                self._known[event, name, ok, *labels.items()]()
            else:
                self._known[event, name, ok]()
        except Exception:  # noqa: BLE001  # also those of a label's own methods
            self._add(event, lambda it: self._count(it, name, ok, labels))

    def record(self, event: str, /, **properties: object) -> None:
        """Add the integers of *properties* to the sums of *event*; the rest are labels.

        What the event's schema does not allow is dropped. An event in the project's `logged`
        is stored by itself instead, with its time.

        Args:
            event: The name of an event in the project's `events`.
            properties: Its labels, and what to add to its sums. Its sum `count` grows by 1
                if it has one that is not among them.
        """
        self._add(event, lambda it: self._record(it, properties))

    def flush(self) -> None:
        """Write what was counted, and wait for it, a few seconds at most."""
        with contextlib.suppress(Exception):
            if self._writer:
                self._writer.write()
            else:
                self._write()

    def discard(self, *, keeps_log: bool = False) -> None:
        """Drop what was counted and is not written yet; write the log if *keeps_log*."""

        def persist(_: object, entries: Sequence[Entry]) -> None:
            if keeps_log and entries:
                self._persist({}, entries)

        with contextlib.suppress(Exception):
            self._write(persist)

    def _count(
        self, event: "Event", name: object, ok: object, labels: Mapping[str, object]
    ) -> None:
        if event.is_logged:
            named = labels if name is None else {"name": name, **labels}
            properties = {**named, COUNT: 1, ERROR_COUNT: int(not ok)}
            self._entries.add(event, properties)
        else:
            self._cells.count(event, name, ok, labels)

    def _record(self, event: "Event", properties: Mapping[str, object]) -> None:
        if event.is_logged:
            self._entries.add(event, {COUNT: 1, **properties})
        else:
            self._cells.record(event, properties)

    def _add(self, event: str, add: "Callable[[Event], None]") -> None:
        with contextlib.suppress(Exception):
            if self._events is None:
                self._events = self._read_events()
            declared = self._events.get(event)
            if declared is None:
                return
            add(declared)
            if self._is_ending:
                self._write()
            else:
                self._start()
            if declared.is_logged:
                self.on_logged()

    def _read_events(self) -> "Mapping[str, Event]":
        try:
            return self._load_events()
        except Exception:  # noqa: BLE001  # the commands report it
            return {}

    def _write(self, persist: Persist | None = None) -> bool:
        """Pass on what was counted. Return whether there was anything.

        Raises:
            Exception: Whatever *persist* raises; what was counted is kept.
        """
        if not self._lock.acquire(timeout=writer.PATIENCE_SECONDS):
            return True
        try:
            self._last_write = time.monotonic()
            for cells in {self._retired, self._cells}:
                for key, value in cells.take():
                    self._pending[key] = self._pending.get(key, 0) + value
            self._pending_entries += self._entries.take()
            del self._pending_entries[:-MOST_ENTRIES]
            is_any = bool(self._pending or self._pending_entries)
            if is_any:
                (persist or self._persist)(self._pending, self._pending_entries)
                self._pending, self._pending_entries = {}, []
            is_old = time.monotonic() > self._rotated + _ROTATION_SECONDS
            if is_old and self._cells.is_full:
                self._rotate()
            return is_any
        finally:
            self._lock.release()

    def _rotate(self) -> None:
        """Make room for other labels, and have the next count of any start a thread.

        The old cells are read once more: another thread may be about to add to one.
        """
        self._rotated = time.monotonic()
        self._retired, self._cells = self._cells, Cells()
        self._known = self._cells.known

    def _retire(self) -> None:
        """End without a thread, and have the next count start one."""
        self._writer = None
        self._rotate()
        with contextlib.suppress(Exception):
            self._write()

    def _start(self) -> None:
        """Start the thread, unless it runs or another thread is starting it."""
        if self._writer is None and self._starting.acquire(blocking=False):
            try:
                if self._writer is None:
                    processes.hook_in()
                    self._writer = writer.Writer(self._write, self._retire)
            finally:
                self._starting.release()

    def pause(self) -> None:
        """End the thread before a fork: a file that it writes must not be open then."""
        if running := self._writer:
            self._writer = None
            self._is_paused = True
            # Forks that follow each other must not keep counts from being written.
            is_overdue = time.monotonic() > self._last_write + writer.WRITE_SECONDS
            running.stop(is_overdue=is_overdue)

    def resume(self) -> None:
        """Have the next count start the thread again, if it ran before the fork.

        Not at once: after this, Python 3.13 warns if a process that forked has threads.
        """
        if self._is_paused:
            self._is_paused = False
            self._known.clear()

    def end(self) -> None:
        """Write now what was counted, and each later count at once."""
        self._is_ending = True
        self._known = {}
        self.flush()


def _ignore() -> None:
    pass
