"""Compares what a receiver has stored and published with the models."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.life.editions import Numbers
from tests.life.plan import DAY
from tests.life.receiver import Receiver
from tests.life.receiver_model import Once
from tests.life.world import World


def find_faults(world: World, real: Receiver) -> list[str]:
    """List everything in which the receiver and the models differ, at the end."""
    return [
        *_compare_rows(world, real),
        *_compare_counters(world, real),
        *_compare_activity(world, real),
        *_compare_weeks(world, real),
        *_find_traces(world, real),
    ]


def list_noise(world: World, output: str) -> list[str]:
    """List what clients wrote to standard error, except for their notices."""
    shown, notices = Counter(output.splitlines()), Counter[str]()
    if world.system.notice:
        notices[world.system.notice] = sum(it.model.notices for it in world.twins)
    return [
        *(f"standard error: {it}" for it in (shown - notices).elements()),
        *(f"not shown: {it}" for it in (notices - shown).elements()),
    ]


def compare_editions(world: World, real: Receiver) -> Iterator[str]:
    """Compare all that is published now, by period."""
    editions = world.receiver.editions
    for name in dict.fromkeys(("7d", "30d", "365d", *editions.periods)):
        days = int(name[:-1]) if name.endswith("d") else 0
        if days >= world.system.retention_days:
            continue
        path = f"{world.system.statistics}?period={name}"
        shown = real.read(path)
        expected = editions.periods.get(name)
        if expected is None:
            if shown["as_of"] is not None:
                yield f"{path} is published too early"
            continue
        stated = (shown["from"][:10], shown["until"][:10], shown["as_of"][:19])
        promised = (expected.since, expected.until, f"{expected.as_of:%FT%T}")
        if stated != promised:
            yield f"{path} says {stated}, not {promised}"
        yield from _compare_numbers(path, _read_numbers(shown), expected.numbers)


def _compare_numbers(what: str, shown: Numbers, expected: Numbers) -> Iterator[str]:
    if shown[:2] != expected[:2]:
        yield f"{what}: total {shown[:2]}, not {expected[:2]}"
    for cell in sorted({*shown.cells, *expected.cells}, key=str):
        found, wanted = shown.cells.get(cell), expected.cells.get(cell)
        if found != wanted:
            yield f"{what}: {cell} is {found}, not {wanted}"


def _read_numbers(shown: Mapping[str, Any]) -> Numbers:
    fields = {**shown["fields"], **(shown["betas"] or {"fields": {}})["fields"]}
    cells = {
        (name, it["value"]): it["installs"]
        for name, listed in fields.items()
        for it in listed["cells"]
    }
    return Numbers(shown["total"], shown.get("newcomers"), cells)


def _compare_weeks(world: World, real: Receiver) -> Iterator[str]:
    path = world.system.weeks
    shown: dict[str, dict[Any, int]] = {}
    for row in real.read(path):
        week = shown.setdefault(row["until"][:10], {})
        week[row["field"], row["value"]] = row["installs"]
    for until, expected in world.receiver.editions.weeks.items():
        found = shown.pop(until, {})
        total = found.pop(("total", None), None)
        numbers = Numbers(total, expected.newcomers, found)
        yield from _compare_numbers(f"{path} until {until}", numbers, expected)
    yield from (f"{path}: {until} was not published" for until in shown)


def _compare_rows(world: World, real: Receiver) -> Iterator[str]:
    """Compare every row with an ID."""
    rows, storage, key = real.read_tables(), world.receiver.storage, world.system.key
    if isinstance(storage, Once):
        expected = Counter(
            _describe(known, f"{at:%FT%T}", facts)
            for known, reports in storage.reports.items()
            for at, facts in reports
        )
        names = [*next(iter(storage.reports.values()))[0][1]]
        found = Counter(
            _describe(row[key], row["received"][:19], {it: row[it] for it in names})
            for row in rows["reports"]
        )
        latest = {row[key] for row in rows["installations"]}
        yield from (f"installations: {it}" for it in latest ^ storage.list_ids())
    else:
        expected = Counter(
            _describe(known, f"{row.first_day} {row.last_day}", row.facts)
            for known, row in storage.rows.items()
        )
        (table,) = (it for it in rows.values() if it and "first_day" in it[0])
        found = Counter(
            _describe(
                row[key],
                f"{row['first_day']} {row['last_day']}",
                {it: row[it] for it in storage.columns},
            )
            for row in table
        )
    yield from (f"row missing: {it}" for it in expected - found)
    yield from (f"row not expected: {it}" for it in found - expected)


def _describe(known: str, when: str, facts: Mapping[str, object]) -> str:
    left = {name: _to_stored(facts[name]) for name in sorted(facts)}
    return f"{known} {when} {json.dumps(left)}"


def _to_stored(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        return json.dumps(value, separators=(",", ":"))
    return value


def _compare_counters(world: World, real: Receiver) -> Iterator[str]:
    """Compare the operator's counters, per day, event and pair."""
    # The clock of a client may have been behind.
    since = f"{world.begin - 3 * DAY:%F}"
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for event, declared in world.system.events.items():
        for pair in declared.pairs or ((),):
            by = "both" if len(pair) > 1 else "first" if pair else "none"
            query = f"event={event}&pair={','.join(pair)}&by={by}&step=day&top=500&from={since}"
            for row in real.read(f"/operator/counters?{query}"):
                values = [_read_text(row.get(it)) for it in ("first", "second")]
                key = (row["day"], event, ",".join(pair), *values)
                found[key] = {name: row[name] for name in declared.columns}
    expected = {tuple(key): dict(row) for key, row in world.receiver.counters.items()}
    for counted in sorted({*found, *expected}):
        if found.get(counted) != expected.get(counted):
            yield f"counter {counted}: {found.get(counted)}, not {expected.get(counted)}"


def _read_text(value: object) -> str:
    """Read a value as the operator sees it."""
    return "" if value in (None, "(unknown)") else str(value)


def _compare_activity(world: World, real: Receiver) -> Iterator[str]:
    found = {
        row["day"]: tuple(row[f"active_{days}"] for days in (1, 7, 30))
        for row in real.read("/operator/installations")
    }
    for day in sorted({*found, *world.receiver.active}):
        if found.get(day) != world.receiver.active.get(day):
            expected = world.receiver.active.get(day)
            yield f"active on {day}: {found.get(day)}, not {expected}"


def _find_traces(world: World, real: Receiver) -> Iterator[str]:
    """Search all tables, and the bytes of all files, for what must not be there."""
    places = {
        "a table": json.dumps(real.read_tables(), default=str).lower(),
        "a file": real.read_files().decode("latin-1").lower(),
    }
    stored = world.receiver.storage.list_ids()
    unwanted = {*world.drawn} - stored
    for twin in world.twins:
        token = world.system.find_token(twin.real.facts)
        if token and not twin.model.ids & stored:
            unwanted.add(token)
    for place, content in places.items():
        for text in (*sorted(unwanted), *world.system.forbidden):
            if text in content or text.replace("-", "") in content:
                yield f"{place} has {text}"
        yield from (
            f"the search does not find {it} in {place}, which is stored"
            for it in sorted(stored)
            if it not in content
        )
