"""Makes a backup of a database, or a dump of one on Cloudflare, the database of a server."""

import contextlib
import datetime as dt
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

from usage_receiver import database
from usage_receiver.database import DATABASE, DataError

# A dump of `nox -s backup` begins with it. Wrangler's own dumps do not say when they were made.
_DUMPED = re.compile(r"-- Backed up at (\S+)")


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
    require_file(file)
    for name in (DATABASE, f"{DATABASE}-wal"):
        database.refuse(data / name)
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


def require_file(file: Path) -> None:
    """Check that *file* is a file.

    Raises:
        DataError: If it is not.
        PermissionError: If only another user can know.
    """
    try:
        is_file = stat.S_ISREG(file.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"There is no file {file}. Name a backup.") from None
    if not is_file:
        raise DataError(f"{file} is not a file. Name a backup.")


def _load(file: Path, target: Path, migrations: Path) -> str:
    """Copy *file* to *target*, and return a time up to which it has every request."""
    dumped = None
    if file.suffix == ".sql":
        os.close(database.create(target))
        try:
            with database.connect(target) as connection:
                dumped = _execute_dump(connection, file)
        except DataError as error:
            raise DataError(str(error).replace(str(target), str(file))) from error
    else:
        with database.connect(file, mode="ro") as connection:
            # A copy of half a file would fail for a reason that says less.
            connection.execute("PRAGMA quick_check(1)").fetchall()
            database.copy(connection, target)
    with database.connect(target) as connection:
        _require_schema(connection, migrations)
        return dumped or _find_newest(connection, file)


def _execute_dump(connection: sqlite3.Connection, file: Path) -> str | None:
    """Execute the statements in *file*, and return when it was made if it says so."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    # Only a line feed ends a line: a text may contain other separators.
    with file.open(encoding="utf-8", newline="\n") as dump:
        dumped = _DUMPED.match(dump.readline())
        dump.seek(0)
        for statement in database.split(dump):
            connection.execute(statement)
    connection.execute("COMMIT")
    return dumped[1] if dumped else None


def _find_newest(connection: sqlite3.Connection, file: Path) -> str:
    """Return when the newest report arrived, but not after *file* was changed.

    The backup was made later, so it has every request to forget from before.
    """
    columns = connection.execute(
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables,"
        " pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'"
        " AND columns.name IN ('received', 'last_day')"
    ).fetchall()
    newest = [
        connection.execute(f'SELECT MAX("{column}") FROM "{table}"').fetchone()[0]  # noqa: S608  # the database's own names
        for table, column in columns
    ]
    changed = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
    modified = f"{changed:%Y-%m-%dT%H:%M:%SZ}"
    return min(max(filter(None, newest), default=modified), modified)


def _require_schema(connection: sqlite3.Connection, migrations: Path) -> None:
    """Check that *connection* has all that its migrations made: a dump may lack its end."""
    applied = database.read_migrations(connection, migrations)
    if not applied:
        raise DataError("The file has no list of migrations, as every backup has.")
    with contextlib.closing(sqlite3.connect(":memory:")) as complete:
        for file in sorted(migrations.glob("*.sql")):
            if file.name in applied:
                complete.executescript(file.read_text(encoding="utf-8"))
        missing = _read_names(complete) - _read_names(connection)
    if missing:
        names = ", ".join(sorted(missing))
        raise DataError(f"The file is not complete: it lacks {names}.")


def _read_names(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
