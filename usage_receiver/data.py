"""Queries, backs up and restores the database of a server, which may be running."""

import contextlib
import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "receiver.sqlite"
# How long to wait for the server to finish writing.
_BUSY_SECONDS = 30
# A dump of `nox -s backup` begins with it. Wrangler's own dumps do not say when they were made.
_DUMPED = re.compile(r"-- Backed up at (\S+)")


class DataError(Exception):
    """The command failed; `str()` of the error says why, and what to do."""


def run_sql(data: Path, sql: str) -> list[dict[str, Any]]:
    """Run all statements of *sql* on the database in *data*.

    Returns:
        The rows of the first statement that can return any.

    Raises:
        DataError: If there is no database, or a statement fails.
    """
    rows: list[dict[str, Any]] | None = None
    with _connect(data / DATABASE) as database:
        for statement in _split([sql]):
            cursor = database.execute(statement)
            if cursor.description and rows is None:
                names = [column[0] for column in cursor.description]
                rows = [dict(zip(names, row, strict=True)) for row in cursor]
            cursor.close()
    return rows or []


def to_json(rows: Iterable[dict[str, Any]]) -> str:
    """Write *rows* as a JSON array, a row a line, and a blob as an array of its bytes."""
    lines = (json.dumps(row, ensure_ascii=False, default=list) for row in rows)
    return "[" + ",\n".join(lines) + "]"


def back_up(data: Path, file: Path) -> None:
    """Copy the database in *data* to *file*, without what was deleted from it.

    Raises:
        DataError: If there is no database, or *file* exists, also as a link.
    """
    with _connect(data / DATABASE) as database:
        _copy(database, file)


def restore(
    data: Path,
    file: Path,
    migrations: Path,
    purge: Callable[[Path], str],
) -> list[str]:
    """Make *file* the database in *data*, a folder that has none.

    Reports that are older than their retention are deleted before the database is there.

    Args:
        data: The folder, which no server uses meanwhile.
        file: A backup, or a dump of SQL statements whose name ends in `.sql`.
        migrations: The folder of the project's migrations.
        purge: Migrates the database in a folder, deletes what is older than its retention,
            and returns lines on that.

    Returns:
        Lines on what was deleted, and on the requests to forget that are lost.

    Raises:
        DataError: If there is a database, or *file* is not a whole one of this project.
    """
    if not file.is_file():
        raise DataError(f"There is no file {file}.")
    for name in (DATABASE, f"{DATABASE}-wal"):
        _refuse(data / name)
    if not data.is_dir():
        data.mkdir(parents=True)
        data.chmod(0o700)
    folder = data / f"{DATABASE}.restoring"
    # A command that was killed has left it.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o700)
    try:
        since = _load(file, folder / DATABASE, migrations)
        lines = purge(folder).splitlines()
        (folder / DATABASE).rename(data / DATABASE)
    finally:
        shutil.rmtree(folder)
    lost = f"Requests to forget that arrived after {since} are lost."
    return [*lines, f"{lost} Repeat those that you know of."]


def _load(file: Path, target: Path, migrations: Path) -> str:
    """Copy *file* to *target*, and return a time up to which it has every request."""
    dumped = None
    if file.suffix == ".sql":
        os.close(_create(target))
        with _connect(target) as database:
            dumped = _execute_dump(database, file)
    else:
        with _connect(file, mode="ro") as database:
            _copy(database, target)
    with _connect(target) as database:
        _require_schema(database, migrations)
        return dumped or _find_newest(database, file)


def _execute_dump(database: sqlite3.Connection, file: Path) -> str | None:
    """Execute the statements in *file*, and return when it was made if it says so."""
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    # Only a line feed ends a line: a text may contain other separators.
    with file.open(encoding="utf-8", newline="\n") as dump:
        dumped = _DUMPED.match(dump.readline())
        dump.seek(0)
        for statement in _split(dump):
            database.execute(statement)
    database.execute("COMMIT")
    return dumped[1] if dumped else None


def _find_newest(database: sqlite3.Connection, file: Path) -> str:
    """Return when the newest report arrived, but not after *file* was changed.

    The backup was made later, so it has every request to forget from before.
    """
    columns = database.execute(
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables,"
        " pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'"
        " AND columns.name IN ('received', 'last_day')"
    ).fetchall()
    newest = [
        database.execute(f'SELECT MAX("{column}") FROM "{table}"').fetchone()[0]  # noqa: S608  # the database's own names
        for table, column in columns
    ]
    changed = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
    modified = f"{changed:%Y-%m-%dT%H:%M:%SZ}"
    return min(max(filter(None, newest), default=modified), modified)


def _require_schema(database: sqlite3.Connection, migrations: Path) -> None:
    """Check that *database* has all that its migrations made: a dump may lack its end."""
    applied = {name for (name,) in database.execute("SELECT name FROM d1_migrations")}
    with contextlib.closing(sqlite3.connect(":memory:")) as complete:
        for file in sorted(migrations.glob("*.sql")):
            if file.name in applied:
                complete.executescript(file.read_text(encoding="utf-8"))
        missing = _read_names(complete) - _read_names(database)
    if missing:
        names = ", ".join(sorted(missing))
        raise DataError(f"The file is not complete: it lacks {names}.")


def _read_names(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}


def _copy(database: sqlite3.Connection, target: Path) -> None:
    """Write a copy, which is at *target* as soon as it is complete."""
    _refuse(target)
    part = target.with_name(f"{target.name}.incomplete")
    part.unlink(missing_ok=True)
    descriptor = _create(part)
    try:
        database.execute("VACUUM INTO ?", (str(part),))
        os.fsync(descriptor)
        part.rename(target)
    finally:
        os.close(descriptor)
        part.unlink(missing_ok=True)


def _create(path: Path) -> int:
    """Create a file for the current user alone, and return its descriptor."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # The umask may have taken more away.
    os.fchmod(descriptor, 0o600)
    return descriptor


def _refuse(path: Path) -> None:
    """Check that nothing is at *path*, not even a link that leads nowhere."""
    if os.path.lexists(path):
        raise DataError(
            f"{path} exists. Move it away, or choose another name or folder."
        )


@contextlib.contextmanager
def _connect(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """Open the database at *path*, which exists, until the end of the block."""
    if not stat.S_ISREG(path.lstat().st_mode if os.path.lexists(path) else 0):
        raise DataError(f"There is no database at {path}.")
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
        raise DataError(f"{path}: {error}") from error


def _split(texts: Iterable[str]) -> Iterator[str]:
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
