"""Runs the receiver of counters_kind, sends it events and reads its counters."""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import requests

from tests.worker.client import post
from tests.worker.clock import iso, midnight
from tests.worker.entry_points import run_entry_point
from worker.local.harness import Harness

FOLDER = Path(__file__).with_name("counters_kind")
NOON = midnight(2026, 5, 18) + dt.timedelta(hours=12)
MOST_EVENTS = 100
MOST_OPEN_ROWS = 500
OTHER = "(other)"
TOOLS = "name,client"
# The most installations of a minute.
PER_INSTALLATION = 6

Event = dict[str, object]


def run_lab(**settings: object) -> AbstractContextManager[Harness]:
    scripts = (FOLDER / "lab.sql", FOLDER.with_name("second_kind") / "language.sql")
    tables = "".join(script.read_text("utf-8") for script in scripts)
    return run_entry_point(FOLDER / "worker.ts", tables, vars={}, **settings)


def lab_id(number: int = 0) -> str:
    return f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"


def clock(time: dt.datetime) -> dict[str, str]:
    """The header that makes the receiver take *time* for now."""
    return {"Test-Clock": str(round(time.timestamp() * 1000))}


def tool(name: str, client: str = "shell", **properties: object) -> Event:
    return {"event": "tool", "props": {"name": name, "client": client, **properties}}


def send(
    worker: Harness,
    events: object,
    time: dt.datetime = NOON,
    number: int = 0,
    **facts: object,
) -> requests.Response:
    """Send *events* in one report as if it were *time*."""
    report = {"id": lab_id(number), **facts, "events": events}
    response = post(worker, report, "/batch", **clock(time))
    assert response.status_code == 204, response.text
    return response


def send_all(
    worker: Harness,
    events: Sequence[Event],
    time: dt.datetime = NOON,
    day: dt.datetime | None = None,
) -> None:
    """Send *events* in reports of 100, all with a time on *day*."""
    sent = events if day is None else [{**event, "ts": iso(day)} for event in events]
    for start in range(0, len(sent), MOST_EVENTS):
        send(worker, sent[start : start + MOST_EVENTS], time)


def counts(
    worker: Harness,
    pair: str = TOOLS,
    event: str = "tool",
    table: str = "counters",
    column: str = "count",
) -> dict[tuple[str, str, str], int]:
    """A sum of a pair, by day, first and second value."""
    rows = worker.query(
        f'SELECT day, first, second, "{column}" AS n FROM "{table}"'  # noqa: S608  # names
        " WHERE event = ?1 AND pair = ?2 ORDER BY 1, 2, 3",
        *(event, pair),
    )
    return {(row["day"], row["first"], row["second"]): row["n"] for row in rows}


def values_of(worker: Harness, day: dt.datetime = NOON) -> dict[tuple[str, str], int]:
    """The counts of one day by tool and client."""
    return {
        (first, second): count
        for (of, first, second), count in counts(worker).items()
        if of == f"{day:%F}"
    }


def count_open(rows: Iterable[tuple[str, str]]) -> int:
    """How many of *rows* the contract does not list, without those that are all `(other)`."""
    return sum(
        (first not in {"explore", "search", OTHER}) or second not in {"", OTHER}
        for first, second in rows
    )
