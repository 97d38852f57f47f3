"""The last step of worker.yml: it accepts a working Worker and rejects a broken one."""

import os
from pathlib import Path

import pytest

from tests.support import workflows
from tests.support.endpoint import Answer, Endpoint
from tests.support.needs import needs
from worker.local.harness import Harness

pytestmark = [pytest.mark.slow, needs("bash", "curl")]

STEP = workflows.find_step(workflows.WORKER, "deploy", "Check the deployed Worker")


def run_step(url: str, folder: Path) -> tuple[int, str]:
    """Run the step for the Worker at *url*; return its status and what it printed."""
    expressions = {"vars.WORKER_URL": url}
    done = workflows.run_step(STEP, folder, expressions, {"PATH": os.environ["PATH"]})
    return done.returncode, done.stdout + done.stderr


def test_a_working_worker_passes_and_stores_nothing(
    worker: Harness, tmp_path: Path
) -> None:
    (before,) = worker.query("SELECT COUNT(*) AS rows FROM reports")

    status, printed = run_step(worker.url, tmp_path)

    assert status == 0, printed
    assert worker.query("SELECT COUNT(*) AS rows FROM reports") == [before]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(503), "error: 503"),
        (Answer(204), "An empty report to POST /report got 204 instead of 400."),
    ],
    ids=["no database", "no validation"],
)
def test_a_broken_worker_fails(answer: Answer, reason: str, tmp_path: Path) -> None:
    with Endpoint() as endpoint:
        endpoint.answer = answer

        status, printed = run_step(endpoint.url, tmp_path)

    assert status != 0
    assert reason in printed
