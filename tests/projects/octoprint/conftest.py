"""OctoPrint's receiver with a clock that a test sets and metadata of each statement."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.database import clear
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

OCTOPRINT = configuration.PAPERLESS_NGX.with_name("octoprint")


@pytest.fixture(scope="session")
def instrumented_runtime() -> Iterator[Harness]:
    config = configuration.read_environment("local", OCTOPRINT)
    main = str(Path(__file__).with_name("instrumented.ts"))
    with run_worker({"config": {**config, "main": main}}, OCTOPRINT) as worker:
        yield worker


@pytest.fixture
def instrumented(instrumented_runtime: Harness) -> Harness:
    """The instrumented receiver, with empty tables."""
    clear(instrumented_runtime)
    return instrumented_runtime
