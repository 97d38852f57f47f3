"""What the whole run makes once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import flow, reports
from worker.local.harness import Harness, harness


@pytest.fixture(scope="session")
def own_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wheel, made from this tree."""
    return flow.build_own_wheel(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="session")
def worker() -> Iterator[Harness]:
    """The Worker on the real local runtime, with a database of its own."""
    with harness() as running:
        yield running


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A host's database, migrated and filled once for all installations."""
    data = tmp_path_factory.mktemp("database")
    tree = flow.ROOT / "demo" / "src"
    reports.manage(tree, data, "migrate", "--verbosity", "0")
    reports.manage(tree, data, "loaddata", "--verbosity", "0", "demo")
    return data / "db.sqlite3"
