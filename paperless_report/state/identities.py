"""Keeps the installation ID and the IDs that are only there to be forgotten.

They are in the state's SQLite file, or in files of their own (decision C10), and then
the SQLite file holds none.
"""

import contextlib
import itertools
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from paperless_report.errors import Problem
from paperless_report.state import history
from paperless_report.state.database import make_damage, read_text
from paperless_report.state.folder import Folder, open_folder
from paperless_report.state.identity import (
    FILE,
    explain_id_file,
    find_identity,
    obtain_identity,
    parse_id,
    remove_identity,
)

if TYPE_CHECKING:
    from sqlite3 import Connection

SET_ASIDE_FILE = f"{FILE}_to_forget"


class Identities(Protocol):
    """Where the IDs are. Each method raises ReportingError if it cannot do its work.

    What changes something takes the connection of a transaction that writes.
    """

    def find(self, connection: "Connection | None") -> str | None:
        """Return the ID that reports are sent with, if there is one."""

    def obtain(self, connection: "Connection", candidate: str | None = None) -> str:
        """Return the ID; if there is none, save *candidate* or else a random one."""

    def remove(self, connection: "Connection") -> str | None:
        """Delete the ID and return it."""

    def set_aside(self, connection: "Connection", installation_id: str) -> None:
        """Keep an ID for nothing but to forget it, and delete it as the current one."""

    def list_set_aside(self, connection: "Connection | None") -> list[str]:
        """List the IDs that are set aside."""

    def drop_set_aside(self, connection: "Connection", installation_id: str) -> None:
        """Delete an ID that is set aside, once the endpoint has forgotten it."""

    def delete_files(self) -> list[str]:
        """Delete the files of all IDs, if they are files, and return their names."""


def choose_identities(folder: Path, *, identity_file: bool) -> Identities:
    """Return the place of the IDs of the installation with the data directory *folder*."""
    return _Files(folder) if identity_file else _Table()


class _Table:
    """The IDs are rows of the SQLite file."""

    def find(self, connection: "Connection | None") -> str | None:
        return next(iter(self._list(connection, set_aside=False)), None)

    def obtain(self, connection: "Connection", candidate: str | None = None) -> str:
        if known := self.find(connection):
            return known
        if candidate is None or candidate in self.list_set_aside(connection):
            candidate = str(uuid.uuid4())
        connection.execute("INSERT INTO identities (uuid) VALUES (?)", (candidate,))
        return candidate

    def remove(self, connection: "Connection") -> str | None:
        known = self.find(connection)
        if known:
            self._delete(connection, known)
        return known

    def set_aside(self, connection: "Connection", installation_id: str) -> None:
        connection.execute(
            "REPLACE INTO identities VALUES (?, TRUE)", (installation_id,)
        )

    def list_set_aside(self, connection: "Connection | None") -> list[str]:
        return self._list(connection, set_aside=True)

    def drop_set_aside(self, connection: "Connection", installation_id: str) -> None:
        if installation_id in self.list_set_aside(connection):
            self._delete(connection, installation_id)

    def delete_files(self) -> list[str]:
        return []

    def _list(self, connection: "Connection | None", *, set_aside: bool) -> list[str]:
        if connection is None:
            return []
        rows = connection.execute(
            "SELECT uuid FROM identities WHERE is_set_aside = ?", (set_aside,)
        ).fetchall()
        return [_read_id(known) for (known,) in rows]

    def _delete(self, connection: "Connection", installation_id: str) -> None:
        connection.execute("DELETE FROM identities WHERE uuid = ?", (installation_id,))
        history.unlink(connection, installation_id)


def _read_id(stored: object) -> str:
    known = read_text(stored)
    try:
        is_id = str(uuid.UUID(known)) == known
    except ValueError:
        is_id = False
    if not is_id:
        raise make_damage("an ID is not one")
    return known


class _Files:
    """The IDs are files of the data directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, connection: "Connection | None") -> str | None:  # noqa: ARG002
        known = find_identity(self._folder)
        return known.uuid if known else None

    def obtain(self, connection: "Connection", candidate: str | None = None) -> str:
        if candidate in self.list_set_aside(connection):
            candidate = None
        return obtain_identity(self._folder, candidate).uuid

    def remove(self, connection: "Connection") -> str | None:
        known = find_identity(self._folder)
        if known is None:
            return None
        remove_identity(known)
        history.unlink(connection, known.uuid)
        return known.uuid

    def set_aside(self, connection: "Connection", installation_id: str) -> None:
        if installation_id not in self.list_set_aside(connection):
            content = f"{installation_id}\n".encode("ascii")
            with (
                explain_id_file(Problem.ID_NOT_SAVED, self._folder),
                open_folder(self._folder) as folder,
            ):
                names = folder.list_names()
                numbered = (f"{SET_ASIDE_FILE}_{it}" for it in itertools.count(2))
                candidates = itertools.chain([SET_ASIDE_FILE], numbered)
                folder.create(next(it for it in candidates if it not in names), content)
        known = find_identity(self._folder)
        if known and known.uuid == installation_id:
            remove_identity(known)

    def list_set_aside(self, connection: "Connection | None") -> list[str]:  # noqa: ARG002
        with (
            explain_id_file(Problem.ID_NOT_READ, self._folder),
            contextlib.suppress(FileNotFoundError),
            open_folder(self._folder) as folder,
        ):
            return list(_read_set_aside(folder).values())
        return []

    def drop_set_aside(self, connection: "Connection", installation_id: str) -> None:
        with (
            explain_id_file(Problem.ID_NOT_DELETED, self._folder),
            open_folder(self._folder) as folder,
        ):
            for name, known in _read_set_aside(folder).items():
                if known == installation_id:
                    folder.delete(name)
        history.unlink(connection, installation_id)

    def delete_files(self) -> list[str]:
        with (
            explain_id_file(Problem.ID_NOT_DELETED, self._folder),
            contextlib.suppress(FileNotFoundError),
            open_folder(self._folder) as folder,
        ):
            names = [
                it
                for it in folder.list_names()
                if it in (FILE, *_read_set_aside(folder))
            ]
            for name in names:
                folder.delete(name)
            return names
        return []


def _read_set_aside(folder: Folder) -> dict[str, str]:
    names = (it for it in folder.list_names() if it.startswith(SET_ASIDE_FILE))
    ids = {name: parse_id(folder.read(name)) for name in sorted(names)}
    return {name: known for name, known in ids.items() if known}
