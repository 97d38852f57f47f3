"""The deployment of the Worker, run by act."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.needs import needs
from tests.workflows.forge import SHELL_CHARACTERS, Forge, MakeForge

pytestmark = pytest.mark.slow
nightly = pytest.mark.nightly

BETA, FINAL = "v0.1.0rc1", "v0.1.0"
CLOUDFLARE = {"CLOUDFLARE_ACCOUNT_ID": "account", "CLOUDFLARE_API_TOKEN": "token"}


class _Worker(http.server.BaseHTTPRequestHandler):
    """Answers as a healthy Worker: an empty report is refused."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400 if self.path == "/report" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def deployed() -> Iterator[str]:
    """A healthy Worker on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Worker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def worker(make_own: MakeForge, deployed: str) -> Forge:
    forge = make_own()
    forge.variables = {"WORKER_URL": deployed}
    forge.secrets = CLOUDFLARE
    return forge


def deployments(forge: Forge) -> list[list[str]]:
    """The calls of nox that deploy, and their dry runs."""
    calls = [it["arguments"] for it in forge.calls("nox")]
    return [it for it in calls if "deploy" in it]


@needs("curl")
@pytest.mark.parametrize(
    ("tag", "environment"),
    [(BETA, "preview"), pytest.param(FINAL, "production", marks=nightly)],
)
def test_a_tag_deploys_the_worker_to_its_environment(
    worker: Forge, tag: str, environment: str
) -> None:
    run = worker.push_tag(tag, workflow="worker.yml")

    assert set(run.jobs.values()) == {"success"}, run.log
    deploy = ["--session", "deploy", "--", "--env", environment]
    assert deployments(worker) == [[*deploy, "--dry-run"], deploy]


@nightly
@needs("curl")
def test_only_the_steps_that_deploy_get_the_secrets(worker: Forge) -> None:
    worker.push_tag(BETA, workflow="worker.yml")

    with_secrets = [it for it in worker.notes("calls") if it.get("secrets")]
    assert [it["arguments"] for it in with_secrets] == [deployments(worker)[-1]]


@nightly
def test_a_worker_that_fails_its_tests_is_not_deployed(worker: Forge) -> None:
    worker.leave("fail-nox")

    run = worker.push_tag(BETA, workflow="worker.yml")

    assert run.jobs["test"] == "failure", run.log
    assert deployments(worker) == []


@nightly
def test_a_tag_with_shell_characters_is_refused_and_not_run(worker: Forge) -> None:
    for workflow in ("release.yml", "worker.yml"):
        run = worker.run(workflow, *push_quietly(worker, f"v1{SHELL_CHARACTERS}"))

        assert "success" not in {run.jobs.get("build"), run.jobs.get("channel")}, (
            run.log
        )
    assert worker.index() == []
    assert deployments(worker) == []
    assert not (worker.state / "pwned").exists()


def push_quietly(forge: Forge, tag: str) -> tuple[str, str, str, Any]:
    if tag not in forge.clone.git("tag").splitlines():
        forge.clone.tag(tag)
        forge.clone.git("push", "--quiet", "origin", f"refs/tags/{tag}")
    return forge.tag_event(tag)
