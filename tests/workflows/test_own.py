"""This project's own workflows, run by act: releases, CI, the Worker's deployment."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import workflows
from tests.support.needs import needs
from tests.workflows.forge import Forge, MakeForge, Run

pytestmark = pytest.mark.slow
nightly = pytest.mark.nightly

BETA, FINAL = "v0.1.0rc1", "v0.1.0"
ENGINE = "usage-receiver.tgz"
SHELL_CHARACTERS = "a\"$(touch${IFS}$FORGE/pwned)`id`;&|'"
CLOUDFLARE = {"CLOUDFLARE_ACCOUNT_ID": "account", "CLOUDFLARE_API_TOKEN": "token"}


def files(version: str) -> list[str]:
    return [
        f"{name}-{version}{suffix}"
        for name in ("paperless_report", "usage_receiver")
        for suffix in ("-py3-none-any.whl", ".tar.gz")
    ]


@dataclass(frozen=True)
class Released:
    forge: Forge
    run: Run


def add_heading(forge: Forge) -> None:
    """Give the changelog the heading that a final release needs."""
    changelog = forge.clone.root / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased", "## 0.1.0"))
    forge.clone.commit("Release 0.1.0")
    forge.clone.git("push", "--quiet", "origin", "main")


@pytest.fixture(scope="module")
def final(make_own: MakeForge) -> Released:
    forge = make_own()
    add_heading(forge)
    # A candidate at the same commit must not be built instead.
    forge.clone.tag(BETA, annotated=True)
    forge.clone.git("push", "--quiet", "origin", "--tags")
    return Released(forge, forge.push_tag(FINAL))


def test_a_final_release_goes_from_its_tag_to_published_files(final: Released) -> None:
    jobs = workflows.load(workflows.RELEASE)["jobs"]

    # act calls both jobs that use build.yml `build`, as the job in that file.
    assert {*final.run.jobs} >= {*jobs} - {"receiver"}, final.run.log
    assert set(final.run.jobs.values()) == {"success"}, final.run.log
    assert final.forge.index() == files("0.1.0")
    assert final.forge.channels_on_index() == {"stable"}


def test_the_attested_files_are_the_published_ones(final: Released) -> None:
    attested = {it["name"]: it["sha256"] for it in final.forge.notes("attested")}

    assert attested.pop(ENGINE)
    assert attested == final.forge.hashes("index") != {}


def test_a_final_release_is_the_latest_with_its_notes(final: Released) -> None:
    (release,) = final.forge.releases().values()

    assert release["tag"] == FINAL
    assert sorted(release["files"]) == sorted([*files("0.1.0"), ENGINE])
    assert not any("prerelease" in it for it in release["options"])


def test_the_image_has_the_released_wheel_and_the_stamp_of_its_commit(
    final: Released,
) -> None:
    commit = final.forge.clone.git("rev-parse", "HEAD")
    images = {
        path.name: json.loads(path.read_text())
        for path in (final.forge.state / "registry").iterdir()
    }

    assert {*images} == {FINAL, "stable"}
    for image in images.values():
        assert image["wheels"] == files("0.1.0")[:1]
        assert f"PAPERLESS_DEMO_SOURCE_COMMIT={commit}" in image["build-args"]
        assert "PAPERLESS_DEMO_CHANNEL=stable" in image["build-args"]
        assert f"org.opencontainers.image.revision={commit}" in image["labels"]


@nightly
def test_a_candidate_is_a_prerelease_under_names_of_its_own(
    make_own: MakeForge,
) -> None:
    forge = make_own()

    run = forge.push_tag(BETA)

    assert set(run.jobs.values()) == {"success"}, run.log
    assert forge.index() == files("0.1.0rc1")
    assert forge.channels_on_index() == {"beta"}
    options = forge.releases()[BETA]["options"]
    assert {"--prerelease", "--latest=false"} <= {*options}
    assert {path.name for path in (forge.state / "registry").iterdir()} == {
        BETA,
        "beta",
    }


@nightly
def test_a_failed_test_publishes_nothing(make_own: MakeForge) -> None:
    forge = make_own()
    forge.leave("fail-nox")

    run = forge.push_tag(BETA)

    assert run.jobs["test"] == "failure", run.log
    assert not {"attest", "publish", "announce", "image"} & {*run.jobs}, run.log
    assert (forge.index(), forge.releases(), forge.hashes("registry")) == ([], {}, {})


@nightly
def test_an_image_that_fails_is_pushed_by_the_next_run(make_own: MakeForge) -> None:
    forge = make_own()
    forge.leave("fail-docker-build-push-action")

    first = forge.push_tag(BETA)
    published = forge.hashes("index")
    second = forge.run("release.yml", *forge.tag_event(BETA))

    assert first.jobs["image"] == "failure", first.log
    assert forge.hashes("index") == published != {}
    assert set(second.jobs.values()) == {"success"}, second.log
    assert {*forge.hashes("registry")} == {BETA, "beta"}


def test_a_pull_request_from_a_fork_uses_no_secret_and_runs_no_name(
    make_own: MakeForge,
) -> None:
    forge = make_own()

    run = forge.run("ci.yml", *forge.pull_request_event(SHELL_CHARACTERS))

    assert set(run.jobs.values()) == {"success"}, run.log
    calls = forge.notes("calls")
    assert {it["job"] for it in calls} == {*workflows.load(workflows.CI)["jobs"]}
    assert not any(it.get("secrets") for it in calls)
    assert not any(
        it["inputs"].get(key)
        for it in calls
        if "inputs" in it
        for key in ("token", "password")
    )
    assert (forge.index(), forge.releases()) == ([], {})
    assert not (forge.state / "pwned").exists()


@pytest.mark.parametrize("path", workflows.WORKFLOWS, ids=lambda it: it.name)
def test_only_ci_runs_for_a_pull_request(path: object) -> None:
    """GitHub would run every other workflow with the secrets of the repository."""
    name = str(getattr(path, "name", ""))

    triggers = workflows.load(workflows.CI.with_name(name))["on"]

    assert ("pull_request" in triggers) == (name == "ci.yml")


@nightly
def test_ci_runs_every_job_on_main(make_own: MakeForge) -> None:
    forge = make_own()

    run = forge.run("ci.yml", *forge.branch_event("main"))

    assert set(run.jobs.values()) == {"success"}, run.log


@nightly
def test_the_nightly_jobs_run(make_own: MakeForge) -> None:
    forge = make_own()
    event = forge.branch_event("main")

    run = forge.run("nightly.yml", "schedule", *event[1:])

    assert {*run.jobs} == {*workflows.load(workflows.NIGHTLY)["jobs"]}
    assert set(run.jobs.values()) == {"success"}, run.log


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
