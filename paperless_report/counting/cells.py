"""Adds up counts in memory without locks: for threads, signal handlers and finalizers.

A lock could be held where a signal handler, a finalizer or a forked process needs it. So a
count is one operation of a type that is implemented in C, which nothing interrupts.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from paperless_report.contract import Value
    from paperless_report.contract.events import Event

# An event, its labels as JSON, and the name of a sum.
Key = tuple[str, str, str]
# The sums of an event that a count adds to.
COUNT, ERROR_COUNT = "count", "error_count"
MOST_CELLS = 10_000
# The types of labels that are equal only if they are the same JSON.
_SCALARS = frozenset({str, bool, int})
# Without a thread, only the end of the process takes them.
_MOST_VALUES = 100_000


class _Calls:
    """A number of calls."""

    def __init__(self) -> None:
        self.add = itertools.count().__next__
        self._taken = 0

    def take(self) -> int:
        total = self.add()  # reading it is a call, too
        new = total - self._taken
        self._taken = total + 1
        return new


class _Total:
    """A sum of values."""

    def __init__(self) -> None:
        self._values: deque[int] = deque()

    def add(self, value: int) -> None:
        if len(self._values) < _MOST_VALUES:
            self._values.append(value)

    def take(self) -> int:
        return sum(self._values.popleft() for _ in range(len(self._values)))


_Cell = TypeVar("_Cell", _Calls, _Total)


class Cells:
    """Sums of events by their labels, since each was last taken.

    Attributes:
        known: For the arguments of a count whose labels all fit the contract, the
            function that counts it.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], Callable[[], object]] = {}
        self._cells: dict[tuple[type, str, str, tuple[str, ...]], _Calls | _Total] = {}

    @property
    def is_full(self) -> bool:
        """Whether a count with other labels is dropped, or its check not remembered."""
        return max(len(self._cells), len(self.known)) >= MOST_CELLS

    def count(
        self, event: "Event", name: object, ok: object, labels: Mapping[str, object]
    ) -> None:
        """Count *event* once, and as an error unless *ok*."""
        given = labels if name is None else {"name": name, **labels}
        types = tuple(map(type, given.values()))
        can_be_known = _SCALARS.issuperset(types) and type(ok) in {bool, int}
        call: tuple[object, ...] = (event.name, name, ok, *labels.items())
        if can_be_known and set(types) - {str}:
            call = (call, types)  # True == 1
            if call in self.known:
                self.known[call]()
                return
        kept = {key: value for key, value in given.items() if key in event.labels}
        cleaned = event.clean({**kept, COUNT: 1, ERROR_COUNT: int(not ok)})
        if cleaned is None:
            return
        fitting, sums = cleaned
        names = tuple(it for it in (COUNT, ERROR_COUNT) if sums.get(it))
        if cell := self._find(_Calls, event, fitting, names):
            cell.add()
            if can_be_known and fitting == given and len(self.known) < MOST_CELLS:
                self.known[call] = cell.add

    def record(self, event: "Event", properties: Mapping[str, object]) -> None:
        """Add *properties* to the sums of *event*, and 1 to `count` unless they hold it."""
        cleaned = event.clean({COUNT: 1, **properties})
        if cleaned is None:
            return
        labels, sums = cleaned
        for name, value in sums.items():
            if value and (cell := self._find(_Total, event, labels, (name,))):
                cell.add(value)

    def take(self) -> Iterator[tuple[Key, int]]:
        """Give what was added since the last call. One thread at a time may call it."""
        for (_, event, labels, names), cell in self._cells.copy().items():
            if value := cell.take():
                for name in names:
                    yield (event, labels, name), value

    def _find(
        self,
        kind: type[_Cell],
        event: "Event",
        labels: "Mapping[str, Value]",
        names: tuple[str, ...],
    ) -> _Cell | None:
        """Return the cell for *labels*; None if there are too many others."""
        from paperless_report.contract.events import format_labels  # noqa: PLC0415  # not at start-up

        place = (kind, event.name, format_labels(labels), names)
        if place not in self._cells and len(self._cells) >= MOST_CELLS:
            return None
        return cast("_Cell", self._cells.setdefault(place, kind()))
