"""`GET /health` answers 200 with an empty database; test_kinds tries missing tables."""

from tests.worker.client import get
from worker.local.harness import Harness


def test_an_empty_database_is_healthy(worker: Harness) -> None:
    response = get(worker, "/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"
