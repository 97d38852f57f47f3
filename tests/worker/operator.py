"""Runs the receiver of operator_kind, and asks it for the operator's view."""

import datetime as dt
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests

from tests.worker.client import Server, get
from tests.worker.entry_points import run_entry_point
from worker.local.harness import Harness

SECRET = "the-first-secret-of-the-operator"  # noqa: S105  # of the tests
SECOND_SECRET = SECRET.replace("first", "second")

_FOLDER = Path(__file__).with_name("operator_kind")
_MACHINES = Path(__file__).with_name("latest_kind") / "machines.sql"
_COUNTERS = """CREATE TABLE "counters" (
    "day" TEXT, "event" TEXT, "pair" TEXT, "first" TEXT, "second" TEXT, "open" INTEGER,
    "count" INTEGER, "seconds" INTEGER,
    PRIMARY KEY ("day", "event", "pair", "first", "second")) WITHOUT ROWID;
"""
_LIMIT = {
    "name": "LIMIT_ADDRESS",
    "namespace_id": "1901",
    "simple": {"limit": 5, "period": 60},
}


def run_operated() -> AbstractContextManager[Harness]:
    """Run the receiver of operator_kind with a limit of five requests a minute."""
    tables = _MACHINES.read_text("utf-8") + _COUNTERS
    variables = {"OPERATOR_SECRET": SECRET, "OPERATOR_SECRET_2": SECOND_SECRET}
    return run_entry_point(
        _FOLDER / "worker.ts", tables, vars=variables, ratelimits=[_LIMIT]
    )


def ask(
    worker: Server, path: str, secret: str = SECRET, **headers: str
) -> requests.Response:
    """GET *path* as the operator."""
    return get(worker, path, **{"Authorization": f"Bearer {secret}", **headers})


def read_rows(worker: Server, path: str) -> list[dict[str, Any]]:
    """The rows of the table at *path*."""
    response = ask(worker, path)
    assert response.status_code == 200, response.text
    rows: list[dict[str, Any]] = response.json()
    return rows


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def days_ago(days: int) -> str:
    return f"{today() - dt.timedelta(days=days)}"


def add(worker: Harness, event: str, pair: str, *rows: tuple[object, ...]) -> None:
    """Store counters; each row has a day, two values, a count and seconds."""
    worker.query(
        """INSERT INTO counters
        SELECT value ->> 0, ?1, ?2, value ->> 1, value ->> 2, 0, value ->> 3, value ->> 4
        FROM json_each(?3)""",
        *(event, pair, json.dumps(rows)),
    )
