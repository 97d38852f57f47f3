"""worker.yml's last step, which tries what was deployed: on the real Worker, and on worse."""

import os
from pathlib import Path

import pytest

from tests.support import workflows
from tests.support.endpoint import Answer, Endpoint
from tests.support.needs import needs
from worker.local.harness import Harness

pytestmark = [
    pytest.mark.slow,
    needs("bash", "curl"),
]

STEP = workflows.find_step(workflows.WORKER, "deploy", "Check the deployed Worker")


def tried(url: str, folder: Path) -> tuple[int, str]:
    known = {"vars.WORKER_URL": url}
    done = workflows.run_step(STEP, folder, known, {"PATH": os.environ["PATH"]})
    return done.returncode, done.stdout + done.stderr


def test_a_worker_that_is_well_passes_and_stores_nothing(
    worker: Harness, tmp_path: Path
) -> None:
    (before,) = worker.query("SELECT COUNT(*) AS rows FROM reports")

    status, printed = tried(worker.url, tmp_path)

    assert status == 0, printed
    assert worker.query("SELECT COUNT(*) AS rows FROM reports") == [before]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(503), "error: 503"),
        (Answer(204), "An empty report to POST /report got 204 instead of 400."),
    ],
    ids=["no database", "takes anything"],
)
def test_one_that_is_not_fails(answer: Answer, reason: str, tmp_path: Path) -> None:
    with Endpoint() as endpoint:
        endpoint.answer = answer

        status, printed = tried(endpoint.url, tmp_path)

    assert status != 0
    assert reason in printed
