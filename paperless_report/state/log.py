"""Keeps events one by one, with their times, bounded in number and age."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from paperless_report.report.outgoing import Logged
from paperless_report.state.database import make_damage, read_text, read_time

if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_ROWS = 10_000  # of each event: an error storm must not push out the others


def add(connection: "Connection", entries: Iterable[tuple[float, str, str]]) -> None:
    """Add events: the seconds since 1970, the name, and the properties as JSON."""
    connection.executemany(
        "INSERT INTO log (at, event, properties) VALUES (?, ?, ?)", entries
    )


def list_entries(connection: "Connection | None") -> list[Logged]:
    """List all events, the oldest first."""
    if connection is None:
        return []
    rows = connection.execute(
        "SELECT id, at, event, properties FROM log ORDER BY at, id"
    ).fetchall()
    return [
        Logged(number, read_time(at), read_text(event), _parse(properties))
        for number, at, event, properties in rows
    ]


def count(connection: "Connection | None", log_for: timedelta, now: datetime) -> int:
    """Return how many events are stored that are not too old at *now*."""
    if connection is None:
        return 0
    (number,) = connection.execute(
        "SELECT COUNT(*) FROM log WHERE at BETWEEN ? AND ?", _find_span(log_for, now)
    ).fetchone()
    return int(number)


def subtract(connection: "Connection", sent: Iterable[Logged]) -> None:
    """Delete what was *sent*, but not what has the number of a deleted row since."""
    connection.executemany(
        "DELETE FROM log WHERE id = ? AND event = ? AND ABS(at - ?) < 0.001",
        ((it.number, it.event, it.at.timestamp()) for it in sent),
    )


def delete_events(connection: "Connection", events: Collection[str]) -> None:
    """Delete the logged events with these names."""
    connection.executemany("DELETE FROM log WHERE event = ?", ((it,) for it in events))


def delete_all(connection: "Connection") -> None:
    """Delete every event."""
    connection.execute("DELETE FROM log")


def prune(connection: "Connection", log_for: timedelta, now: datetime) -> None:
    """Delete what is too old or too much, the oldest first.

    A clock that was wrong for a while may have left times far in the future, too.
    """
    connection.execute(
        "DELETE FROM log WHERE at NOT BETWEEN ? AND ?", _find_span(log_for, now)
    )
    connection.execute(
        "DELETE FROM log WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER "
        "(PARTITION BY event ORDER BY at DESC, id DESC) AS place FROM log) "
        "WHERE place > ?)",
        (MOST_ROWS,),
    )


def is_kept(entry: Logged, log_for: timedelta, now: datetime) -> bool:
    """Return whether *entry* is not too old at *now*."""
    return abs(now - entry.at) <= log_for


def _find_span(log_for: timedelta, now: datetime) -> tuple[float, float]:
    return (now - log_for).timestamp(), (now + log_for).timestamp()


def _parse(text: object) -> dict[str, object]:
    try:
        properties = json.loads(read_text(text))
    except ValueError:
        properties = None
    if not isinstance(properties, dict):
        raise make_damage("a logged event is not one")
    return properties
