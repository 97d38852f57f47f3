"""Reads and changes a running receiver's database."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from worker.local.harness import Harness


def tables(worker: Harness) -> list[str]:
    """The names of the tables that the migrations created."""
    rows = worker.query(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        # D1's own tables, which it denies access to.
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'"
        " AND name <> 'd1_migrations'"
    )
    return [row["name"] for row in rows]


def split_statements(script: str) -> Iterator[str]:
    """Split SQL into statements, since a query is one statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            # D1 takes a comment after the statement for another one.
            yield re.sub(r";\s*--.*\n?$", ";", statement)
            statement = ""


def select_all(worker: Harness, table: str = "reports") -> list[dict[str, Any]]:
    """Every row of *table*, in the order of its key."""
    return worker.query(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608  # a table's name


def clear(worker: Harness, *names: str) -> None:
    """Delete every row of the named tables, of all tables without names."""
    # One query finds those with rows, since most are empty.
    columns = [
        f'EXISTS (SELECT 1 FROM "{it}") AS "{it}"'  # noqa: S608  # a table's name
        for it in names or tables(worker)
    ]
    (has_rows,) = worker.query(f"SELECT {', '.join(columns)}")
    for table in (it for it in has_rows if has_rows[it]):
        worker.query(f'DELETE FROM "{table}"')  # noqa: S608  # a table's name


def backdate(worker: Harness, received: str = "2020-01-01T00:00:00.000Z") -> None:
    """Pretend that every stored report was received at *received*, by default long ago."""
    worker.query("UPDATE reports SET received = ?1", received)


def count_reports(worker: Harness) -> int:
    (row,) = worker.query("SELECT COUNT(*) AS n FROM reports")
    return int(row["n"])


def refresh_installations(worker: Harness) -> None:
    """Fill `installations` from `reports`, for tests that insert into `reports` alone."""
    worker.query(
        "INSERT OR REPLACE INTO installations (received, uuid)"
        " SELECT MAX(received), uuid FROM reports GROUP BY uuid"
    )
