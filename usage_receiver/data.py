"""Prepares, queries and backs up the database of a server, which may be running."""

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from usage_receiver import database, failures
from usage_receiver.database import DATABASE, DataError

# The backup from before the last migration. The server deletes it after a week.
BACKUP = f"{DATABASE}.before-migration"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare(data: Path, migrations: Path) -> None:
    """Make *data* a private folder, and back up a database that a migration will change.

    Args:
        data: The folder, which need not exist.
        migrations: The folder of the project's migrations.

    Raises:
        DataError: If something there is another user's or a link, or the database is from a
            newer version.
    """
    # For the files that Node and SQLite create, too.
    os.umask(_OTHERS)
    _prepare_folder(data)
    path = data / DATABASE
    if not os.path.lexists(path):
        os.close(database.create(path))
    for file in (path, data / f"{DATABASE}-wal", data / f"{DATABASE}-shm"):
        if os.path.lexists(file):
            _make_private(file)
    with database.connect(path) as connection:
        applied = database.read_migrations(connection, migrations)
        if applied and applied != database.list_migrations(migrations):
            (data / BACKUP).unlink(missing_ok=True)
            database.copy(connection, data / BACKUP)


def _prepare_folder(data: Path) -> None:
    if not data.is_dir():
        database.refuse(data)
        data.mkdir(parents=True)
    status = data.stat()
    if status.st_uid != os.geteuid():
        raise DataError(
            f"{data} belongs to {failures.find_owner(data)}. Run this as that user, or name"
            " a new folder inside it."
        )
    if status.st_mode & _OTHERS:
        is_ours = all(it.name.startswith((DATABASE, "lock")) for it in data.iterdir())
        if not is_ours:
            raise DataError(
                f"Other users can open {data}, which has other files. Name a new folder,"
                f" or run: chmod 700 {data}"
            )
    data.chmod(stat.S_IRWXU)


def _make_private(file: Path) -> None:
    status = file.lstat()
    # A link, also a hard one, may lead to where others can read or write.
    is_file = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
    if not is_file or status.st_uid != os.geteuid():
        raise DataError(f"{file} is a link or another user's. Move it away.")
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)


def run_sql(data: Path, sql: str) -> list[dict[str, Any]]:
    """Run all statements of *sql* on the database in *data*.

    Returns:
        The rows of the first statement that can return any.

    Raises:
        DataError: If there is no database, or a statement fails.
    """
    rows: list[dict[str, Any]] | None = None
    with database.connect(data / DATABASE) as connection:
        for statement in database.split([sql]):
            cursor = connection.execute(statement)
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
    with database.connect(data / DATABASE) as connection:
        database.copy(connection, file)
