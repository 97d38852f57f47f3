"""One real runtime for the whole run; empty tables for each test."""

import datetime as dt
from collections.abc import Iterator

import pytest

from paperless_report import contract
from tests.worker.population import DAY, Row, generate, put
from worker.local import configuration
from worker.local.harness import Harness, harness

# When the daily cron is due, in most tests of it.
DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
UUID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"


@pytest.fixture(scope="session")
def runtime() -> Iterator[Harness]:
    """The Worker on workerd, with D1."""
    with harness() as running:
        yield running


@pytest.fixture
def worker(runtime: Harness) -> Harness:
    """The same, its tables empty."""
    empty(runtime)
    return runtime


@pytest.fixture(scope="session")
def observed_runtime() -> Iterator[Harness]:
    """The Worker with a clock to set, and D1's own account of each statement."""
    with harness(
        {
            "config": {
                **configuration.environment("local"),
                "main": "../tests/worker/observed.ts",
            }
        }
    ) as it:
        yield it


@pytest.fixture
def observed(observed_runtime: Harness) -> Harness:
    """The same, its tables empty."""
    empty(observed_runtime)
    return observed_runtime


def tables(worker: Harness) -> list[str]:
    """The tables that the migrations made, by name."""
    found = worker.query(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        # D1 lets nobody look into its own.
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'"
        " AND name <> 'd1_migrations'"
    )
    return [it["name"] for it in found]


def empty(worker: Harness) -> None:
    """Delete every row of every table."""
    for table in tables(worker):
        worker.query(f'DELETE FROM "{table}"')  # noqa: S608  # the database's own names


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    """A year's reports of a population, as they lie in the database."""
    return generate(6, 400, DUE - 300 * DAY, DUE)


@pytest.fixture
def counted(worker: Harness, rows: list[Row]) -> Harness:
    """The Worker with these reports, counted by its cron."""
    put(worker, rows)
    assert worker.run_cron(DUE) == "ok"
    return worker


@pytest.fixture
def report() -> dict[str, object]:
    """A report with every field: the contract's own examples."""
    return {
        name: field.schema["examples"][0]
        for name, field in contract.load_fields().items()
    }
