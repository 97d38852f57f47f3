"""Works out what a receiver stores and counts, by what its documentation promises."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.life.client_model import Arrival, Facts, Refusal
from tests.life.editions import Counted, Editions

_GAP = dt.timedelta(days=7)
_OLDEST, _NEWEST = dt.timedelta(days=30), dt.timedelta(minutes=10)


@dataclass
class Once:
    """Keeps every report, and takes one in *gap* from each installation.

    This and `LatestStorage` have the same methods.
    """

    gap: dt.timedelta
    reports: dict[str, list[tuple[dt.datetime, Facts]]] = field(default_factory=dict)

    def store(self, arrival: Arrival) -> Refusal | None:
        """Store a report, unless it comes too early."""
        reports = self.reports.setdefault(arrival.installation_id, [])
        if (
            reports
            and (wait := reports[-1][0] + self.gap - arrival.at) > dt.timedelta()
        ):
            return Refusal(reports[-1][0], wait)
        assert arrival.sent.facts is not None
        reports.append((arrival.at, arrival.sent.facts))
        return None

    def forget(self, installation_id: str) -> int:
        """Delete an installation, and return how many rows it had that count."""
        return int(self.reports.pop(installation_id, None) is not None)

    def list_counted(self, until: str) -> Iterator[Counted]:
        """List the installations as they count for a period that ends at *until*, a day."""
        for reports in self.reports.values():
            before = [it for it in reports if f"{it[0]:%F}" < until]
            if before:
                at, facts = before[-1]
                yield Counted(f"{reports[0][0]:%F}", f"{at:%F}", facts)

    def list_ids(self) -> set[str]:
        """List the IDs that are stored."""
        return set(self.reports)

    def find_oldest(self) -> str | None:
        """Return the day of the oldest report."""
        days = [f"{reports[0][0]:%F}" for reports in self.reports.values()]
        return min(days, default=None)


class Latest(NamedTuple):
    """The newest facts of an installation."""

    first_day: str
    last_day: str
    facts: Facts


@dataclass
class LatestStorage:
    """Keeps the newest facts of each installation. A fact that is not sent stays."""

    columns: tuple[str, ...]
    rows: dict[str, Latest] = field(default_factory=dict)

    def store(self, arrival: Arrival) -> Refusal | None:
        day = f"{arrival.at:%F}"
        empty = Latest(day, day, dict.fromkeys(self.columns))
        known = self.rows.get(arrival.installation_id, empty)
        facts = {**known.facts, **(arrival.sent.facts or {})}
        self.rows[arrival.installation_id] = Latest(known.first_day, day, facts)
        return None

    def forget(self, installation_id: str) -> int:
        return int(self.rows.pop(installation_id, None) is not None)

    def list_counted(self, until: str) -> Iterator[Counted]:
        for row in self.rows.values():
            if row.first_day < until:
                yield Counted(*row)

    def list_ids(self) -> set[str]:
        return set(self.rows)

    def find_oldest(self) -> str | None:
        return min((it.first_day for it in self.rows.values()), default=None)


Storage = Once | LatestStorage


class Declared(NamedTuple):
    """How an event is counted: its columns, and the pairs of its rows.

    Attributes:
        columns: By the name of a column, the sum that it adds up.
        pairs: The names of labels; a list counts for each element.
    """

    columns: Mapping[str, str]
    pairs: tuple[tuple[str, ...], ...]


class CounterKey(NamedTuple):
    """The key of a row of the counters."""

    day: str
    event: str
    pair: str
    first: str
    second: str


@dataclass
class ReceiverModel:
    """What a receiver must have stored and published.

    Attributes:
        storage: The reports.
        events: How events are counted, by their names.
        editions: What is published.
        counters: By row, the sums of its columns.
        active: By day, how many installations were active in 1, 7 and 30 days.
        counted_until: By ID, the end of the last period that was counted.
        arrivals: How many reports arrived.
        now: The receiver's time.
    """

    storage: Storage
    editions: Editions
    events: Mapping[str, Declared]
    now: dt.datetime
    counters: dict[CounterKey, Counter[str]] = field(default_factory=dict)
    active: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    counted_until: dict[str, str] = field(default_factory=dict)
    arrivals: int = 0

    def receive(self, arrival: Arrival) -> Refusal | None:
        """Take a request, or refuse it."""
        self.arrivals += 1
        # The clock of the client may be wrong.
        arrival = arrival._replace(at=self.now)
        sent = arrival.sent
        refusal = self.storage.store(arrival) if sent.facts is not None else None
        if refusal is None and self._is_new_period(arrival):
            for time, sums in sent.counts.items():
                day = self._find_day(time)
                for (event, labels, name), value in sums.items():
                    known = {**(sent.facts or {}), **dict(labels)}
                    self._add(day, event, known, name, value)
        return refusal

    def forget(self, installation_id: str) -> None:
        """Delete an installation."""
        self.counted_until.pop(installation_id, None)
        self.editions.note_removed(self.storage.forget(installation_id))

    def run_daily(self, due: dt.datetime) -> None:
        """Count and publish."""
        listed = self.storage.list_counted
        self.editions.publish(due, self.storage.find_oldest(), listed)
        counted = [it for it in listed(f"{due:%F}") if self.editions.counts(it)]
        self.active[f"{due - dt.timedelta(days=1):%F}"] = tuple(
            sum(it.last >= f"{due - dt.timedelta(days=days):%F}" for it in counted)
            if days < self.editions.retention_days
            else None
            for days in (1, 7, 30)
        )

    def _find_day(self, time: dt.datetime | None) -> str:
        """Return the day that an event counts for: its own if that is in bounds."""
        is_in_bounds = time and -_NEWEST <= self.now - time <= _OLDEST
        return f"{time if is_in_bounds else self.now:%F}"

    def _is_new_period(self, arrival: Arrival) -> bool:
        """Whether the period of a report, if it has one, does not overlap the last one."""
        end = arrival.sent.period_end
        if end is None:
            return True
        # A period that ends later is from a clock that is ahead.
        end = min(end, f"{self.now:%F}")
        last = self.counted_until.get(arrival.installation_id)
        if last and last > f"{dt.date.fromisoformat(end) - _GAP}":
            return False
        self.counted_until[arrival.installation_id] = end
        return True

    def _add(self, day: str, event: str, labels: Facts, name: str, value: int) -> None:
        declared = self.events[event]
        for pair in declared.pairs or ((),):
            firsts, seconds = (
                _list_texts(labels.get(label)) for label in (*pair, "", "")[:2]
            )
            for first in firsts:
                for second in seconds:
                    key = CounterKey(day, event, ",".join(pair), first, second)
                    row = self.counters.setdefault(key, Counter())
                    for column, summed in declared.columns.items():
                        row[column] += value if summed == name else 0


def _list_texts(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(it) for it in value] or [""]
    if value is None:
        return [""]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
