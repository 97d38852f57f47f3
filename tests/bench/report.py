"""Compares a dry run with a command of the same host that does nothing."""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import page
from tests.bench.timing import Run, compare, log, run_interleaved, time_process
from tests.pipeline import commands

NOTHING = "a command that does nothing"
OURS = "`send_usage_report --dry-run`"
COMMANDS = {
    NOTHING: ("nothing",),
    OURS: ("send_usage_report", "--dry-run"),
    "the same with a plain `COUNT(*)`": ("count_all", "--dry-run"),
}
SIZES = (100_000, 1_000_000)

_ADD = """
INSERT INTO documents_document (title, created)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
SELECT 'a title', '2026-05-18' FROM n
"""
_HEAD = (
    "| documents | command | wall time, relative to doing nothing | added CPU time, ms |",
    "| --- | --- | --- | --- |",
)


def main(rounds: int) -> None:
    """Measure, print the results, and update the page."""
    rows: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-report-") as name:
        for size in SIZES:
            data = Path(name, str(size))
            data.mkdir()
            log(f"Making a host of {size:,} documents")
            _fill(data, size)
            rows += _rows(size, _measure(data, rounds, f"{size:,}"))
    table = "\n".join((*_HEAD, *rows))
    print(table)
    page.write("report", f"{rounds} rounds, SQLite.\n\n{table}")


def _measure(data: Path, rounds: int, what: str) -> dict[str, list[Run]]:
    return run_interleaved(
        COMMANDS, lambda it: _manage(data, *COMMANDS[it]), rounds, what
    )


def _rows(size: int, runs: dict[str, list[Run]]) -> Iterator[str]:
    for name, (wall, cpu) in compare(runs, NOTHING).items():
        yield f"| {size:,} | {name} | {wall} | {cpu} |"


def _fill(data: Path, size: int) -> None:
    _manage(data, "migrate", "--verbosity", "0")
    with sqlite3.connect(data / "db.sqlite3") as database:
        database.execute(_ADD, (size,))
    database.close()


def _manage(data: Path, *arguments: str) -> Run:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(commands.ROOT),
        "PAPERLESS_DATA_DIR": str(data),
        "PAPERLESS_APPS": "paperless_report,tests.bench.host",
    }
    command = (sys.executable, str(commands.ROOT / "demo" / "manage.py"), *arguments)
    return time_process(command, commands.ROOT, environ)
