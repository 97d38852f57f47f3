"""Makes databases as the server leaves them, without starting it."""

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

from usage_receiver import configuration
from usage_receiver.database import DATABASE

MIGRATIONS = configuration.PAPERLESS_NGX / "migrations"
KNOWN = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
# Within the retention.
RECEIVED = f"{dt.datetime.now(dt.UTC) - dt.timedelta(1):%Y-%m-%dT%H:%M:%S.000Z}"


def fill(folder: Path, *ids: str, migrations: Path = MIGRATIONS) -> Path:
    """Make a database with a report of each ID; return its path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / DATABASE
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name)")
        for file in sorted(migrations.glob("*.sql")):
            database.executescript(file.read_text(encoding="utf-8"))
            insert = "INSERT INTO d1_migrations (name) VALUES (?)"
            database.execute(insert, (file.name,))
        for uuid in ids:
            insert = "INSERT INTO reports (received, uuid) VALUES (?, ?)"
            database.execute(insert, (RECEIVED, uuid))
    path.chmod(0o600)
    return path


def dump(path: Path, file: Path) -> Path:
    """Write the statements that make the database at *path* to *file*."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        statements = list(database.iterdump())
    # As `wrangler d1 export` writes them: without a transaction.
    statements = ["PRAGMA defer_foreign_keys=TRUE;", *statements[1:-1], ""]
    file.write_text("\n".join(statements), "utf-8", newline="")
    return file
