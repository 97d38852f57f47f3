"""Stores what the admin chose: on or off, the groups, and the contract accepted."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from paperless_report.state.database import (
    make_damage,
    read_optional_time,
    read_text,
)

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


class _Row(NamedTuple):
    """What the table holds, with a checksum: damage must not turn off into on."""

    is_on: int | None = None
    at: float | None = None
    accepted: str | None = None
    accepted_at: float | None = None
    notice_shown: int = 0

    @property
    def checksum(self) -> int:
        return zlib.crc32(repr(tuple(self)).encode())


def read_choice(connection: "Connection | None") -> Choice:
    """Read what is stored; nothing is chosen if there is no file."""
    if connection is None:
        return Choice()
    row = _read_row(connection)
    groups = connection.execute("SELECT name FROM groups_off").fetchall()
    return Choice(
        on=None if row.is_on is None else bool(row.is_on),
        at=read_optional_time(row.at),
        accepted=row.accepted,
        accepted_at=read_optional_time(row.accepted_at),
        groups_off=frozenset(read_text(name) for (name,) in groups),
        notice_shown=bool(row.notice_shown),
    )


def store_choice(
    connection: "Connection", *, on: bool, at: datetime, accepted: str | None = None
) -> None:
    """Store that reporting is *on* or off since *at*, and the *accepted* contract."""
    _change(connection, {"is_on": int(on), "at": at.timestamp()})
    accept(connection, at, accepted)


def accept(connection: "Connection", at: datetime, accepted: str | None) -> None:
    """Store the accepted contract alone, for example at a first run by a variable."""
    accepted_at = None if accepted is None else at.timestamp()
    _change(connection, {"accepted": accepted, "accepted_at": accepted_at})


def write_accepted(description: Mapping[str, Any]) -> str:
    """Write what a contract can send in the form in which its acceptance is stored."""
    return json.dumps(description, separators=(",", ":"), sort_keys=True)


def set_group(connection: "Connection", name: str, *, on: bool) -> None:
    """Turn the event group *name* on or off."""
    if on:
        connection.execute("DELETE FROM groups_off WHERE name = ?", (name,))
    else:
        connection.execute("INSERT OR IGNORE INTO groups_off VALUES (?)", (name,))


def mark_notice_shown(connection: "Connection") -> None:
    """Remember that the host has shown the notice on reporting."""
    _change(connection, {"notice_shown": 1})


def _read_row(connection: "Connection") -> _Row:
    stored = connection.execute(
        "SELECT is_on, at, accepted, accepted_at, notice_shown, checksum FROM choice"
    ).fetchone()
    if stored is None:
        return _Row()
    row = _Row(*stored[:-1])
    if row.checksum != stored[-1]:
        raise make_damage("the choice has changed")
    return row


def _change(connection: "Connection", changes: dict[str, Any]) -> None:
    row = _read_row(connection)._replace(**changes)
    connection.execute(
        "REPLACE INTO choice VALUES (1, ?, ?, ?, ?, ?, ?)", (*row, row.checksum)
    )
