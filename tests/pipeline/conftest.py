"""Fixtures that are made once for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.pipeline.hosts import Host
from worker.local.harness import Harness, run_worker


@pytest.fixture(scope="session")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wheel, built from the working tree."""
    return commands.build_own_wheel(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="session")
def worker() -> Iterator[Harness]:
    """The Worker on the real local runtime, with an empty database."""
    with run_worker() as running:
        yield running


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo project's database, migrated and filled."""
    data = tmp_path_factory.mktemp("database")
    Host.imported_from(commands.ROOT / "demo" / "src", data).load_sample_data()
    return data / "db.sqlite3"
