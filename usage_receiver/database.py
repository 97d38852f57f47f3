"""Opens, copies and creates the files of a database for the current user alone."""

import contextlib
import os
import re
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

DATABASE = "receiver.sqlite"
# How long to wait for the server to finish writing.
_BUSY_SECONDS = 30


class DataError(Exception):
    """The command failed; `str()` of the error says why, and what to do."""


def copy(database: sqlite3.Connection, target: Path) -> None:
    """Write a copy, which is at *target* as soon as it is complete."""
    refuse(target)
    if not target.parent.is_dir():
        raise DataError(f"There is no folder {target.parent}. Create it first.")
    part = target.with_name(f"{target.name}.incomplete")
    part.unlink(missing_ok=True)
    descriptor = create(part)
    try:
        database.execute("VACUUM INTO ?", (str(part),))
        os.fsync(descriptor)
        part.rename(target)
    finally:
        os.close(descriptor)
        part.unlink(missing_ok=True)
        # SQLite leaves it where there is no room.
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)


def create(path: Path) -> int:
    """Create a file for the current user alone, and return its descriptor."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # The umask may have taken more away.
    os.fchmod(descriptor, 0o600)
    return descriptor


def refuse(path: Path) -> None:
    """Check that nothing is at *path*, not even a link that leads nowhere."""
    if os.path.lexists(path):
        raise DataError(
            f"{path} exists. Move it away, or choose another name or folder."
        )


def require(path: Path) -> None:
    """Check that there is a database at *path*.

    Raises:
        DataError: If there is none.
        PermissionError: If only another user can know.
    """
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_file = False
    if not is_file:
        raise DataError(f"There is no database at {path}. Check --data.")


@contextlib.contextmanager
def connect(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """Open the database at *path*, which exists, until the end of the block."""
    require(path)
    try:
        with contextlib.closing(
            sqlite3.connect(
                f"file:{quote(str(path.absolute()))}?mode={mode}",
                uri=True,
                timeout=_BUSY_SECONDS,
                # Every statement is a transaction, unless it begins one.
                isolation_level=None,
            )
        ) as database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("PRAGMA foreign_keys = ON")
            # Nothing of a report is in the system's temporary folder.
            database.execute("PRAGMA temp_store = MEMORY")
            yield database
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DataError(_describe(path, error)) from error


def _describe(path: Path, error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{path} is damaged, or not a database of SQLite. Use a backup."
    if code == sqlite3.SQLITE_CANTOPEN:
        return f"{path} cannot be opened. Run this as the user that it belongs to."
    return f"{path}: {error}"


def split(texts: Iterable[str]) -> Iterator[str]:
    """Split *texts*, each a part of the same script, into statements."""
    statement = ""
    for text in texts:
        for piece in re.split(r"(?<=;)", text):
            statement += piece
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""
    if statement.strip():
        yield statement


def read_migrations(connection: sqlite3.Connection, migrations: Path) -> set[str]:
    """Return the names of the migrations in the folder *migrations* that were applied.

    Raises:
        DataError: If others were applied, too.
    """
    # Wrangler's own table, so that a database can move from Cloudflare.
    find = "SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'"
    if not connection.execute(find).fetchone():
        return set()
    applied = {name for (name,) in connection.execute("SELECT name FROM d1_migrations")}
    if unknown := applied - list_migrations(migrations):
        raise DataError(
            "The database is from a newer version or another project, because it has the"
            f" migrations {', '.join(sorted(unknown))}, and {migrations} has not. Name the"
            " project's folder with --project, install the newer version, or restore a"
            " backup from before them."
        )
    return applied


def list_migrations(migrations: Path) -> set[str]:
    """Return the names of the files in the folder *migrations*."""
    return {file.name for file in migrations.glob("*.sql")}
