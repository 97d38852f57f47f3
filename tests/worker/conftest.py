"""One receiver of a kind for the whole run, with empty tables for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.clock import DAY, DUE
from tests.worker.database import clear
from tests.worker.entry_points import run_entry_point
from tests.worker.labs import run_lab
from tests.worker.machines import run_workshop
from tests.worker.operator import run_operated
from tests.worker.population import Row, generate_reports, store
from tests.worker.reports import Report, example_report
from worker.local.harness import Harness, run_worker


@pytest.fixture(scope="session")
def runtime() -> Iterator[Harness]:
    """The receiver of paperless-ngx."""
    with run_worker() as worker:
        yield worker


@pytest.fixture
def worker(runtime: Harness) -> Harness:
    """This receiver, with empty tables."""
    clear(runtime)
    return runtime


@pytest.fixture(scope="session")
def instrumented_runtime() -> Iterator[Harness]:
    """This receiver with a clock that a test sets and metadata of each statement."""
    with run_entry_point(Path(__file__).with_name("instrumented.ts")) as worker:
        yield worker


@pytest.fixture
def instrumented(instrumented_runtime: Harness) -> Harness:
    """The instrumented receiver, with empty tables."""
    clear(instrumented_runtime)
    return instrumented_runtime


@pytest.fixture(scope="session")
def workshop_runtime() -> Iterator[Harness]:
    """A receiver whose report kinds have the storage mode latest, with a clock."""
    with run_workshop("worker.ts") as worker:
        yield worker


@pytest.fixture
def workshop(workshop_runtime: Harness) -> Harness:
    """This receiver, with empty tables."""
    clear(workshop_runtime)
    return workshop_runtime


@pytest.fixture(scope="session")
def lab_runtime() -> Iterator[Harness]:
    """A receiver whose report kinds count events, with a clock."""
    with run_lab() as worker:
        yield worker


@pytest.fixture
def lab(lab_runtime: Harness) -> Harness:
    """This receiver, with empty tables."""
    clear(lab_runtime)
    return lab_runtime


@pytest.fixture(scope="session")
def operator_runtime() -> Iterator[Harness]:
    """A receiver with counters and the operator's secrets."""
    with run_operated() as worker:
        yield worker


@pytest.fixture
def operated(operator_runtime: Harness) -> Harness:
    """This receiver, with empty tables."""
    clear(operator_runtime)
    return operator_runtime


@pytest.fixture(scope="session")
def year_of_reports() -> list[Row]:
    """The reports of a population over most of a year, as the database holds them."""
    return generate_reports(6, 400, DUE - 300 * DAY, DUE)


@pytest.fixture
def counted(worker: Harness, year_of_reports: list[Row]) -> Harness:
    """The receiver with these reports, counted by its daily run."""
    store(worker, year_of_reports)
    assert worker.run_cron(DUE) == "ok"
    return worker


@pytest.fixture
def report() -> Report:
    """A report with every field: the contract's own examples."""
    return example_report()
