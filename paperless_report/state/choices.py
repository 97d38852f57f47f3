"""Stores what the admin chose: on or off, the groups, and the contract accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from paperless_report.state.database import read_optional_time

if TYPE_CHECKING:
    from sqlite3 import Connection


@dataclass(frozen=True)
class Choice:
    """The stored choice. `on` is None until someone has chosen."""

    on: bool | None = None
    at: datetime | None = None
    accepted: str | None = None  # the contract's canonical form
    accepted_at: datetime | None = None
    groups_off: frozenset[str] = frozenset()
    notice_shown: bool = False


def read_choice(connection: "Connection | None") -> Choice:
    """Read what is stored; nothing is chosen if there is no file."""
    if connection is None:
        return Choice()
    on, at, accepted, accepted_at, notice_shown = connection.execute(
        "SELECT is_on, at, accepted, accepted_at, notice_shown FROM choice"
    ).fetchone()
    groups = connection.execute("SELECT name FROM groups_off")
    return Choice(
        on=None if on is None else bool(on),
        at=read_optional_time(at),
        accepted=accepted,
        accepted_at=read_optional_time(accepted_at),
        groups_off=frozenset(name for (name,) in groups),
        notice_shown=bool(notice_shown),
    )


def store_choice(
    connection: "Connection", *, on: bool, at: datetime, accepted: str | None = None
) -> None:
    """Store that reporting is *on* or off since *at*, and the *accepted* contract."""
    connection.execute("UPDATE choice SET is_on = ?, at = ?", (on, at.timestamp()))
    accept(connection, at, accepted)


def accept(connection: "Connection", at: datetime, accepted: str | None) -> None:
    """Store the accepted contract alone, for example at a first run by a variable."""
    connection.execute(
        "UPDATE choice SET accepted = ?, accepted_at = ?",
        (accepted, None if accepted is None else at.timestamp()),
    )


def set_group(connection: "Connection", name: str, *, on: bool) -> None:
    """Turn the event group *name* on or off."""
    if on:
        connection.execute("DELETE FROM groups_off WHERE name = ?", (name,))
    else:
        connection.execute("INSERT OR IGNORE INTO groups_off VALUES (?)", (name,))


def mark_notice_shown(connection: "Connection") -> None:
    """Remember that the host has shown the notice on reporting."""
    connection.execute("UPDATE choice SET notice_shown = 1")
