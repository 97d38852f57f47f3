"""Keeps events one by one, with their times, bounded in number and age."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from paperless_report.report.outgoing import Logged
from paperless_report.state.database import make_damage, read_text, read_time

if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_ROWS = 10_000  # of each event: an error storm must not push out the others


class Selection(NamedTuple):
    """The entries of the log to list.

    Attributes:
        event: The name of an event; None for all.
        since: The time to begin with, aware.
        until: The time to end before, aware.
    """

    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = Selection()


def add(connection: "Connection", entries: Iterable[tuple[float, str, str]]) -> None:
    """Add events: the seconds since 1970, the name, and the properties as JSON."""
    connection.executemany(
        "INSERT INTO log (at, event, properties) VALUES (?, ?, ?)", entries
    )


def list_entries(
    connection: "Connection | None", selection: Selection = ALL
) -> list[Logged]:
    """List the events that *selection* names, the oldest first."""
    if connection is None:
        return []
    event, since, until = selection
    # A stored time has more digits than a datetime: what is near an end is read, too.
    conditions = {
        "event = ?": event,
        "at >= ?": since and since.timestamp() - 1,
        "at <= ?": until and until.timestamp() + 1,
    }
    given = {it: value for it, value in conditions.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    rows = connection.execute(
        f"SELECT id, at, event, properties FROM log {where} ORDER BY at, id",  # noqa: S608  # constants
        (*given.values(),),
    ).fetchall()
    entries = [
        Logged(number, read_time(at), read_text(name), _parse(properties))
        for number, at, name, properties in rows
    ]
    return [
        it
        for it in entries
        if (since is None or since <= it.at) and (until is None or it.at < until)
    ]


def count(
    connection: "Connection | None",
    events: Collection[str],
    log_for: timedelta,
    now: datetime,
) -> int:
    """Return how many of *events* are stored that are not too old at *now*."""
    if connection is None:
        return 0
    names = ", ".join("?" * len(events))
    (number,) = connection.execute(
        f"SELECT COUNT(*) FROM log WHERE at BETWEEN ? AND ? AND event IN ({names})",  # noqa: S608  # question marks
        (*_find_span(log_for, now), *events),
    ).fetchone()
    return int(number)


def subtract(connection: "Connection", sent: Iterable[Logged]) -> None:
    """Delete what was *sent*, but not what has the number of a deleted row since."""
    connection.executemany(
        "DELETE FROM log WHERE id = ? AND event = ? AND ABS(at - ?) < 0.001",
        ((it.number, it.event, it.at.timestamp()) for it in sent),
    )


def holds(connection: "Connection", sent: Iterable[Logged]) -> bool:
    """Return whether of each event in *sent* something is still stored, at least.

    Nobody has deleted these events meanwhile. The oldest may be gone: a new one needed their
    place.
    """
    stored: dict[str, bool] = {}
    for entry in sent:
        rows = connection.execute(
            "SELECT 1 FROM log WHERE id = ? AND event = ? AND ABS(at - ?) < 0.001",
            (entry.number, entry.event, entry.at.timestamp()),
        )
        is_stored = rows.fetchone() is not None
        stored[entry.event] = is_stored or stored.get(entry.event, False)
    return all(stored.values())


def delete_events(connection: "Connection", events: Collection[str]) -> None:
    """Delete the logged events with these names."""
    connection.executemany("DELETE FROM log WHERE event = ?", ((it,) for it in events))


def delete_all(connection: "Connection") -> None:
    """Delete every event."""
    connection.execute("DELETE FROM log")


def prune(
    connection: "Connection",
    log_for: timedelta,
    now: datetime,
    added: Iterable[str] = (),
) -> None:
    """Delete what is too old, and the oldest events if there are too many.

    A clock that was wrong for a while may have left times far in the future, too.

    Args:
        connection: The open file.
        log_for: How long an event is stored.
        now: The current time.
        added: The names of the events that were just added: no others can be too many.
    """
    connection.execute(
        "DELETE FROM log WHERE at NOT BETWEEN ? AND ?", _find_span(log_for, now)
    )
    connection.executemany(
        "DELETE FROM log WHERE id IN (SELECT id FROM log WHERE event = ? "
        "ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)",
        ((it, MOST_ROWS) for it in set(added)),
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
