"""`GET /health` on the real runtime."""

import requests

from tests.worker.faults import fault
from worker.local.harness import Harness


def ask(worker: Harness) -> requests.Response:
    return requests.get(f"{worker.url}/health", timeout=30)


def test_it_is_well_with_an_empty_database(worker: Harness) -> None:
    answer = ask(worker)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_database_without_its_tables_is_ill(worker: Harness) -> None:
    """As one is that has not been migrated."""
    with fault(worker, "no table"):
        answer = ask(worker)

    assert answer.status_code == 503
    assert answer.json()["error"] == "unavailable"
    assert ask(worker).status_code == 200
