"""Works out what a receiver stores and counts, by what its documentation promises."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.life.client_model import Arrival, Facts
from tests.life.editions import Counted, Editions

_GAP = dt.timedelta(days=7)


@dataclass
class Once:
    """Keeps every report, and takes one in *gap* from each installation.

    This and `LatestStorage` have the same methods.
    """

    gap: dt.timedelta
    reports: dict[str, list[tuple[dt.datetime, Facts]]] = field(default_factory=dict)

    def store(self, arrival: Arrival) -> dt.timedelta | None:
        """Store a report; if it comes too early, return the time to wait."""
        reports = self.reports.setdefault(arrival.installation_id, [])
        if (
            reports
            and (wait := reports[-1][0] + self.gap - arrival.at) > dt.timedelta()
        ):
            return wait
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

    def store(self, arrival: Arrival) -> dt.timedelta | None:
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
    """

    storage: Storage
    editions: Editions
    events: Mapping[str, Declared]
    counters: dict[CounterKey, Counter[str]] = field(default_factory=dict)
    active: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    counted_until: dict[str, str] = field(default_factory=dict)
    arrivals: int = 0

    def receive(self, arrival: Arrival) -> dt.timedelta | None:
        """Take a request, or refuse it and return the time to wait."""
        self.arrivals += 1
        sent = arrival.sent
        wait = self.storage.store(arrival) if sent.facts is not None else None
        if wait is None and self._is_new_period(arrival):
            for day, sums in sent.counts.items():
                for (event, labels, name), value in sums.items():
                    known = {**(sent.facts or {}), **dict(labels)}
                    self._add(day, event, known, name, value)
        return wait

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

    def _is_new_period(self, arrival: Arrival) -> bool:
        """Whether the period of a report, if it has one, does not overlap the last one."""
        end = arrival.sent.period_end
        if end is None:
            return True
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
