"""Runs the receivers of latest_kind, stores their installations and rounds their counts."""

import datetime as dt
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests

from tests.worker.client import post
from tests.worker.clock import midnight
from tests.worker.entry_points import run_entry_point
from tests.worker.statistics import read_secret, round_count
from worker.local.harness import Harness

FOLDER = Path(__file__).with_name("latest_kind")
QUARTER = dt.timedelta(minutes=15)
# A Sunday, on which an edition is due.
SUNDAY = midnight(2026, 5, 17) + dt.timedelta(hours=3, minutes=17)


def run_workshop(main: str) -> AbstractContextManager[Harness]:
    """Run the receiver that the module *main* of latest_kind exports."""
    tables = (FOLDER / "machines.sql").read_text("utf-8")
    # Without variables, each report kind has a retention of its own.
    return run_entry_point(FOLDER / main, tables, vars={})


def machine_id(number: int) -> str:
    return f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"


def send(
    worker: Harness, number: int, time: dt.datetime, version: str = "1.4"
) -> requests.Response:
    """Send a report of installation *number* as if it were *time*."""
    clock = str(round(time.timestamp() * 1000))
    report = {"machine": {"id": machine_id(number), "version": version}}
    response = post(worker, report, "/machine", **{"Test-Clock": clock})
    assert response.status_code == 204, response.text
    return response


def store(
    worker: Harness,
    count: int,
    first: dt.datetime,
    last: dt.datetime,
    start: int = 0,
    **facts: object,
) -> None:
    """Store *count* installations, numbered from *start*, with the days of *first* and *last*."""
    row = {"machine.version": "1.4", "tools": None, "excluded": 0, **facts}
    worker.query(
        """WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
        INSERT INTO machines ("machine.id", first_day, last_day, "machine.version", tools, excluded)
        SELECT printf('%08x-5d5c-4c53-9a67-0a4c3f0f6a11', i), ?3, ?4, ?5, ?6, ?7 FROM n""",
        *(start, start + count, f"{first:%F}", f"{last:%F}"),
        *(str(row["machine.version"]), row["tools"], row["excluded"]),  # type: ignore[arg-type]
    )


def rounded(worker: Harness, count: int, *name: str) -> int | None:
    return round_count(read_secret(worker), count, *name, kind="machine")


def total_is(worker: Harness, edition: dict[str, Any], count: int) -> bool:
    return bool(edition["total"] == rounded(worker, count, "total"))
