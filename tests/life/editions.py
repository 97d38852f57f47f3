"""Works out what is published, by the rules of docs/how-to/use-the-numbers.md."""

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.worker.statistics import round_count

DAY = dt.timedelta(days=1)
_WINDOWS = (7, 30, 365)
# With fewer changes, an edition repeats the numbers of the last one.
_LEAST_CHANGES = 5
_SAFE_TEXT = re.compile(r"[0-9.]+|[0-9][0-9.]*(a|b|rc)[0-9]+|[0-9a-f]{7,40}")


class Counted(NamedTuple):
    """An installation as it counts; days in UTC."""

    first: str
    last: str
    facts: Mapping[str, object]


class Published(NamedTuple):
    """A field that is published."""

    name: str
    schema: Mapping[str, Any]
    condition: Mapping[str, str] | None = None

    def is_publishable(self, value: object) -> bool:
        """Return whether a value is published as it is, and not as `other`."""
        values = self.schema.get("items", self.schema)
        listed = [*values.get("enum", ()), *self.schema.get("x-known", ())]
        for part in values.get("anyOf", ()):
            listed += part["enum"]
        if value is None or isinstance(value, bool) or value in listed:
            return True
        return not listed and (
            isinstance(value, int) or _SAFE_TEXT.fullmatch(str(value)) is not None
        )


class Numbers(NamedTuple):
    """Published numbers: the total, and by field and value."""

    total: int | None
    newcomers: int | None = None
    cells: Mapping[tuple[str, object], int] = {}


@dataclass
class Publication:
    """The numbers of a period, and what a later one needs to know."""

    since: str
    until: str
    as_of: dt.datetime
    numbers: Numbers
    counted_until: str
    removed: int = 0


class _Shown(NamedTuple):
    """What a reader sees of a shorter period with the same end."""

    total: int
    publication: Publication
    gone: int


List = Callable[[str], Iterator[Counted]]


@dataclass
class Editions:
    """All that a receiver has published of a report kind.

    Attributes:
        fields: The published fields.
        retention_days: How long reports are kept.
        secret: The receiver's secret of the rounding.
        kind: The name of the report kind.
        second: Whether an installation counts from its second report on.
        periods: The publications by period.
        weeks: The numbers of each week by its end.
    """

    fields: Sequence[Published]
    retention_days: int
    secret: bytes
    kind: str = "report"
    second: bool = False
    periods: dict[str, Publication] = field(default_factory=dict)
    weeks: dict[str, Numbers] = field(default_factory=dict)

    def note_removed(self, count: int) -> None:
        """Note that installations were deleted."""
        for name, it in self.periods.items():
            if name.endswith("d"):
                it.removed = min(_LEAST_CHANGES, it.removed + count)

    def publish(self, due: dt.datetime, oldest: str | None, counted: List) -> None:
        """Publish what a run at *due* publishes."""
        periods = [*self._list_months(due, oldest), *self._list_windows(due)]
        for until in dict.fromkeys(until for _, _, until in periods):
            group = sorted(
                (it for it in periods if it[2] == until),
                key=lambda it: it[1],
                reverse=True,
            )
            self._publish_group(due, group, list(counted(until)))

    def _list_windows(self, due: dt.datetime) -> list[tuple[str, str, str]]:
        today = due.replace(hour=0, minute=0)
        until = today - (today.isoweekday() % 7) * DAY
        ends = [it.until for name, it in self.periods.items() if name.endswith("d")]
        if not ends:
            until = today
        elif f"{until:%F}" <= max(ends):
            return []
        return [
            (f"{days}d", f"{until - days * DAY:%F}", f"{until:%F}")
            for days in _WINDOWS
            if days < self.retention_days
        ]

    def _list_months(
        self, due: dt.datetime, oldest: str | None
    ) -> list[tuple[str, str, str]]:
        """List the month before, the only one that a simulation can end."""
        until = due.replace(day=1, hour=0, minute=0)
        since = (until - DAY).replace(day=1)
        name = f"{since:%Y-%m}"
        is_kept = since >= due - self.retention_days * DAY
        if not (oldest and oldest < f"{until:%F}" and is_kept) or name in self.periods:
            return []
        return [(name, f"{since:%F}", f"{until:%F}")]

    def _publish_group(
        self,
        due: dt.datetime,
        periods: Sequence[tuple[str, str, str]],
        counted: Sequence[Counted],
    ) -> None:
        publications: dict[str, Publication] = {}
        shorter: _Shown | None = None
        for name, since, until in periods:
            inside = [it for it in counted if it.last >= since]
            total = sum(self.counts(it) for it in inside)
            previous = self.periods.get(name) if name.endswith("d") else None
            joined, left = _find_changes(counted, name, since, previous)
            repeated, gone = None, 0
            if previous and joined + left + previous.removed < _LEAST_CHANGES:
                repeated, gone = previous, left
            elif shorter and total - shorter.total - shorter.gone < _LEAST_CHANGES:
                repeated, gone = shorter.publication, shorter.gone
            publication = Publication(since, until, due, self._round(inside), until)
            if repeated:
                publication.as_of = repeated.as_of
                publication.numbers = repeated.numbers
                publication.counted_until = repeated.counted_until
                if previous and previous.counted_until == repeated.counted_until:
                    publication.removed = previous.removed
            publications[name] = publication
            has_numbers = publication.numbers.total is not None
            shorter = _Shown(total, publication, gone) if has_numbers else None
        has_edition = any(it.endswith("d") for it in self.periods) or any(
            it.numbers.total is not None for it in publications.values()
        )
        for name, publication in publications.items():
            if has_edition or not name.endswith("d"):
                self.periods[name] = publication
        if week := self.periods.get("7d"):
            self.weeks[week.until] = week.numbers

    def counts(self, it: Counted) -> bool:
        """Return whether an installation counts already."""
        return not self.second or it.first < it.last

    def _round(self, inside: Sequence[Counted]) -> Numbers:
        counts = Counter(
            (declared.name, value)
            for it in inside
            if self.counts(it)
            for declared in self.fields
            if _meets(declared, it.facts)
            for value in _list_values(declared, it.facts.get(declared.name))
        )
        total = self._round_count(sum(self.counts(it) for it in inside), "total")
        if total is None:
            return Numbers(None)
        newcomers = self._round_count(
            sum(not self.counts(it) for it in inside), "newcomers"
        )
        cells = {
            (name, value): rounded
            for (name, value), count in counts.items()
            if (rounded := self._round_count(count, name, _to_json(value))) is not None
        }
        for declared in self.fields:
            condition = dict(declared.condition or {})
            if condition and not all(it in cells for it in condition.items()):
                cells = {
                    key: it for key, it in cells.items() if key[0] != declared.name
                }
        return Numbers(total, newcomers if self.second else None, cells)

    def _round_count(self, count: int, *name: str) -> int | None:
        return round_count(self.secret, count, *name, kind=self.kind)


def _find_changes(
    counted: Sequence[Counted], name: str, since: str, previous: Publication | None
) -> tuple[int, int]:
    """How many installations are new, and how many have left, since *previous*."""
    if previous is None:
        return 0, 0
    basis = previous.counted_until
    days = int(name.removesuffix("d"))
    start = f"{dt.date.fromisoformat(basis) - days * DAY:%F}"
    joined = sum(it.last >= since and it.first >= basis for it in counted)
    left = sum(
        it.last < since and it.last >= start and it.first < basis for it in counted
    )
    return joined, left


def _meets(declared: Published, facts: Mapping[str, object]) -> bool:
    condition = declared.condition or {}
    return all(facts.get(name) == value for name, value in condition.items())


def _list_values(declared: Published, value: object) -> set[object]:
    """List the values that an installation counts for, as they are published."""
    values = value if isinstance(value, list | tuple) else [value]
    return {it if declared.is_publishable(it) else "other" for it in values}


def _to_json(value: object) -> str:
    """Write *value* as the name of its cell has it; the database keeps booleans as numbers."""

    return json.dumps(
        int(value) if isinstance(value, bool) else value, ensure_ascii=False
    )
