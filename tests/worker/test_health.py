"""`GET /health` says whether reports can be stored."""

from tests.worker.client import get
from tests.worker.failing_database import failing
from worker.local.harness import Harness


def test_an_empty_database_is_healthy(worker: Harness) -> None:
    response = get(worker, "/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


def test_a_database_without_its_tables_gives_503(worker: Harness) -> None:
    """As before the first migration."""
    with failing(worker, "no reports table"):
        response = get(worker, "/health")

    assert response.status_code == 503
    assert response.json()["error"] == "unavailable"
    assert get(worker, "/health").status_code == 200
