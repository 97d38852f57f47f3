"""Printernizer's receiver with the secret that its recorded clients knew, and an installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projects.printernizer import client
from tests.projects.clients import VARIABLES
from tests.projects.printernizer.installation import Installation
from tests.projects.printernizer.recorded import KEY
from tests.support.endpoint import Answer, Endpoint
from tests.worker.database import clear
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

PRINTERNIZER = configuration.PAPERLESS_NGX.with_name("printernizer")


@pytest.fixture(scope="session")
def keyed_runtime() -> Iterator[Harness]:
    config = configuration.read_environment("local", PRINTERNIZER)
    config["vars"] = {**config["vars"], "API_KEY": KEY}
    with run_worker({"config": config}, PRINTERNIZER) as worker:
        yield worker


@pytest.fixture
def keyed(keyed_runtime: Harness) -> Harness:
    """The receiver with the secret `API_KEY`, and empty tables."""
    clear(keyed_runtime)
    return keyed_runtime


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key, and none of this machine's own variables."""
    names = (
        *("PRINTERNIZER_USAGE_REPORTING", "USAGE_STATS_ENDPOINT"),
        *("SUPERVISOR_TOKEN", "HASSIO_TOKEN"),
    )
    for name in (*VARIABLES, *names):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(client.KEY, KEY)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A server that records what arrives, and accepts it."""
    with Endpoint() as running:
        running.answer = Answer(200, b"{}", {"Content-Type": "application/json"})
        yield running


@pytest.fixture
def installation(tmp_path: Path, endpoint: Endpoint) -> Installation:
    """An installation that reports to `endpoint`, and that nobody has used."""
    return Installation(tmp_path / "data", endpoint.url)
