"""Run in a copy of the project: what the host shows and sends, what the Worker does.

Its arguments are a command of the host, and what a dozen others report, as JSON.
Prints JSON.
"""

import json
import os
import subprocess
import sys
from typing import Any

import requests

from tests.worker.conftest import DUE, tables
from tests.worker.population import DAY, alike, put
from worker.local.harness import Harness, harness


def manage(*arguments: str, answer: str = "") -> str:
    return subprocess.run(
        (sys.executable, "demo/manage.py", *arguments),
        input=answer,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def rows(worker: Harness) -> dict[str, Any]:
    """What each table has that has anything."""
    found = {it: worker.query(f'SELECT * FROM "{it}"') for it in tables(worker)}  # noqa: S608  # the database's own names
    return {name: rows for name, rows in found.items() if rows}


def main(command: str, facts: str) -> None:
    manage("migrate", "--verbosity", "0")
    told: dict[str, Any] = {"shown": manage(command, "--dry-run")}
    with harness() as worker:
        os.environ["PAPERLESS_USAGE_REPORTING_URL"] = worker.url
        told["sent"] = [manage(command, answer="y\n") for _ in range(2)]
        told["rows"] = rows(worker)
        told["forgotten"] = manage(command, "--forget", answer="y\n")
        told["left"] = rows(worker)
        put(worker, alike(12, DUE - DAY, **json.loads(facts)))
        worker.run_cron(DUE)
        told["fields"] = requests.get(f"{worker.url}/stats", timeout=30).json()[
            "fields"
        ]
    print(json.dumps(told))  # noqa: T201  # what it is run for


if __name__ == "__main__":
    main(*sys.argv[1:])
