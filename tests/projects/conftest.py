"""Starts the receiver of the project that a folder of tests is named after."""

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.worker.database import clear
from usage_receiver import configuration
from worker.local.harness import LOCAL, Harness, run_worker

HERE = Path(__file__).parent
PROJECTS = configuration.PAPERLESS_NGX.parent


@pytest.fixture(scope="session")
def start_receiver() -> Iterator[Callable[[str], Harness]]:
    """A function that starts a project's receiver, once in the whole run."""
    with contextlib.ExitStack() as running:
        yield cache(
            lambda name: running.enter_context(run_worker(LOCAL, PROJECTS / name))
        )


@pytest.fixture
def receiver(
    request: pytest.FixtureRequest, start_receiver: Callable[[str], Harness]
) -> Harness:
    """The receiver of the project, with empty tables and no rate limits."""
    worker = start_receiver(request.path.relative_to(HERE).parts[0])
    clear(worker)
    return worker
