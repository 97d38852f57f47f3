"""Printernizer's receiver with the secret that its recorded clients knew."""

from collections.abc import Iterator

import pytest

from tests.projects.printernizer.recorded import KEY
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
