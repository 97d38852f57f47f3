"""A machine on which codegraph runs, and whose clock a test sets."""

import datetime as dt
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paperless_report.results import Status
from projects.codegraph.client import Telemetry, build_project
from tests.support.endpoint import Endpoint
from tests.support.pages import ROOT

NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
PROJECT = "projects.codegraph.client:project"


@dataclass
class Machine:
    """A machine, a user and a receiver.

    Attributes:
        home: The user's home.
        endpoint: Where CODEGRAPH_TELEMETRY_ENDPOINT leads.
        now: What the clock says.
    """

    home: Path
    endpoint: Endpoint
    now: dt.datetime = NOON
    _opened: list[Telemetry] = field(default_factory=list)

    def open(self, **changes: Any) -> Telemetry:  # noqa: ANN401  # as for build_project
        """Return what a process of codegraph has."""
        declared = build_project(**{"node_major": 24, **changes})
        telemetry = Telemetry(declared, clock=lambda: self.now)
        self._opened.append(telemetry)
        return telemetry

    def end(self) -> None:
        """End all processes of codegraph, which write what they counted."""
        for telemetry in self._opened:
            telemetry.reporter.flush()

    def wait(self, time: dt.timedelta) -> None:
        """End all processes, and set the clock forward."""
        self.end()
        self.now += time

    def deliver(self) -> None:
        """Deliver what waits, in a process of its own."""
        self.open().deliver(wait=True)

    def turn_on(self) -> None:
        """Answer the installer's question with yes."""
        self.open().ask(lambda: True)

    @property
    def status(self) -> Status:
        """What the command `status` shows."""
        return self.open().reporter.status()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What arrived."""
        return [json.loads(it.body) for it in self.endpoint.arrived]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that arrived."""
        return [event for body in self.bodies for event in body["events"]]

    @property
    def folder(self) -> Path:
        """The folder that keeps the state."""
        return self.home / ".codegraph"

    def read_stored(self) -> str:
        """Return all that is stored here as text."""
        (file,) = self.folder.glob("*.sqlite*")
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return "\n".join(connection.iterdump())

    def start(self, code: str) -> "subprocess.Popen[str]":
        """Start a process that runs *code* with `telemetry`, at the time of the clock."""
        setup = (
            "import datetime as dt, sys\n"
            "from projects.codegraph import client\n"
            # This machine may be busy.
            "client.Batches.timeout_seconds, client.PATIENCE_SECONDS = 30, 60\n"
            f"now = dt.datetime.fromisoformat({self.now.isoformat()!r})\n"
            "telemetry = client.Telemetry(clock=lambda: now)\n"
        )
        return subprocess.Popen(
            (sys.executable, "-c", setup + code),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str) -> tuple[str, str]:
        """Run *code* in a process of its own; return standard output and error."""
        process = self.start(code)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return output, errors
