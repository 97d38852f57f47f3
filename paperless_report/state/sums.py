"""Keeps the counts of each day until they are sent, bounded in number and age."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from paperless_report.report.outgoing import Sum
from paperless_report.state.database import make_damage, read_text

if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_DAYS = 90
MOST_ROWS = 10_000
MOST = 2**53 - 1  # every JSON reader knows integers up to here exactly


def add(
    connection: "Connection",
    day: str,
    increments: Mapping[tuple[str, str, str], int],
) -> None:
    """Add *increments*, by event, labels and name of the sum, to the sums of *day*."""
    connection.executemany(
        "INSERT INTO sums VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET value = MIN(value + excluded.value, ?)",
        ((day, *key, min(value, MOST), MOST) for key, value in increments.items()),
    )
    prune(connection, day)


def list_days(connection: "Connection | None", before: str) -> list[Sum]:
    """List the sums of all days before *before*, the oldest first."""
    if connection is None:
        return []
    rows = connection.execute(
        "SELECT day, event, labels, name, value FROM sums WHERE day < ? "
        "ORDER BY day, event, labels, name",
        (before,),
    ).fetchall()
    return [_check(Sum(*row)) for row in rows]


def _check(stored: Sum) -> Sum:
    try:
        date.fromisoformat(stored.day)
        is_sum = isinstance(json.loads(stored.labels), dict)
    except (TypeError, ValueError):
        is_sum = False
    read_text(stored.event)
    read_text(stored.name)
    if not is_sum or not isinstance(stored.value, int):
        raise make_damage("a count is not one")
    return stored


def subtract(connection: "Connection", sent: Iterable[Sum]) -> None:
    """Subtract what was *sent*, so that nothing added meanwhile is lost."""
    rows = [(it.value, *it[:4]) for it in sent]
    connection.executemany(
        "UPDATE sums SET value = value - ? "
        "WHERE day = ? AND event = ? AND labels = ? AND name = ?",
        rows,
    )
    connection.execute("DELETE FROM sums WHERE value <= 0")


def holds(connection: "Connection", sent: Iterable[Sum]) -> bool:
    """Return whether what is to be *sent* is still stored: nobody has deleted it meanwhile."""
    needed = Counter[tuple[str, str, str, str]]()
    for it in sent:
        needed[it[:4]] += it.value
    return all(
        connection.execute(
            "SELECT 1 FROM sums WHERE day = ? AND event = ? AND labels = ? "
            "AND name = ? AND value >= ?",
            (*key, value),
        ).fetchall()
        for key, value in needed.items()
        if value > 0
    )


def delete_events(connection: "Connection", events: Collection[str]) -> None:
    """Delete the sums of *events*."""
    connection.executemany("DELETE FROM sums WHERE event = ?", ((it,) for it in events))


def delete_all(connection: "Connection") -> None:
    """Delete every sum."""
    connection.execute("DELETE FROM sums")


def prune(connection: "Connection", today: str) -> None:
    """Delete what is too old or too much, the oldest first.

    A clock that was wrong for a while may have left days far in the future, too.
    """
    day, span = date.fromisoformat(today), timedelta(days=MOST_DAYS)
    connection.execute(
        "DELETE FROM sums WHERE day NOT BETWEEN ? AND ?",
        ((day - span).isoformat(), (day + span).isoformat()),
    )
    connection.execute(
        "DELETE FROM sums WHERE (day, event, labels, name) IN ("
        "SELECT day, event, labels, name FROM sums ORDER BY day, event, labels, name "
        "LIMIT MAX(0, (SELECT COUNT(*) FROM sums) - ?))",
        (MOST_ROWS,),
    )
