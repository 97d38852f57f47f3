"""A machine without codegraph's state, and an environment without this machine's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projects.codegraph import client
from projects.codegraph.batches import Batches
from tests.projects.clients import VARIABLES
from tests.projects.codegraph.machine import Machine
from tests.support.endpoint import Endpoint


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine whose requests arrive at an endpoint on loopback."""
    for name in (*VARIABLES, "CODEGRAPH_TELEMETRY", "CODEGRAPH_TELEMETRY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    # This machine may be busy.
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(Batches, "timeout_seconds", 30.0)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with Endpoint() as endpoint:
        monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", f"{endpoint.url}/v1/events")
        machine = Machine(home, endpoint)
        yield machine
        # Before the next test has a home of its own.
        machine.end()
