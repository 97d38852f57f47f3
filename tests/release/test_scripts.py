"""The scripts of the publishing workflows, with a recorder in place of each tool."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import workflows
from tests.support.workflows import RELEASE, WORKER

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run one step and return the arguments of its one call of *tool*."""

    def run_step(
        path: Path, job: str, name: str, tool: str, **environ: str
    ) -> list[str]:
        recorder = tmp_path / tool
        recorder.parent.mkdir(parents=True, exist_ok=True)
        # `gh release view` finds no release.
        record = '[ "$2" != view ] && printf "%s\\n" "$@" > "$CALLED"'
        recorder.write_text(f"#!/bin/sh\n{record}\n")
        recorder.chmod(0o755)
        called = tmp_path / "called"
        expressions = {
            "needs.build.outputs.channel": environ.pop("channel", ""),
            "github.repository": "owner/project",
            "github.token": "x",
            "secrets.CLOUDFLARE_ACCOUNT_ID": "x",
            "secrets.CLOUDFLARE_API_TOKEN": "x",
            "vars.DEPLOYMENT": environ.pop("deployment", ""),
        }
        path_variable = f"{recorder.parent}{os.pathsep}{os.environ['PATH']}"
        finished = workflows.run_step(
            workflows.find_step(path, job, name),
            tmp_path,
            expressions,
            {"PATH": path_variable, "CALLED": str(called), **environ},
        )
        assert finished.returncode == 0, finished.stderr
        return called.read_text().splitlines()

    return run_step


@pytest.fixture
def dist(tmp_path: Path) -> list[str]:
    """Create two files in dist/ and return their paths."""
    (tmp_path / "dist").mkdir()
    for name in ("a file.whl", "b.tar.gz"):
        (tmp_path / "dist" / name).touch()
    return ["dist/a file.whl", "dist/b.tar.gz"]


@pytest.mark.parametrize(
    ("tag", "channel", "options"),
    [
        ("v0.1.0rc1", "beta", ["--prerelease", "--latest=false"]),
        ("v0.1.0", "stable", []),
    ],
)
def test_a_beta_is_a_prerelease_and_never_the_latest(
    run: Run, dist: list[str], tag: str, channel: str, options: list[str]
) -> None:
    arguments = run(
        RELEASE, "announce", "Create the release", "bin/gh", channel=channel, TAG=tag
    )

    assert arguments == [
        *("release", "create", tag, "--verify-tag", "--title", tag),
        *("--notes-file", "notes/notes.md", *options, *dist, "receiver/*", "engine/*"),
    ]


@pytest.mark.parametrize("environment", ["production", "preview"])
def test_the_database_and_the_worker_belong_to_one_environment(
    run: Run, environment: str
) -> None:
    step = "Migrate the database and deploy"

    called = run(WORKER, "deploy", step, "bin/nox", ENVIRONMENT=environment)

    assert called == ["--session", "deploy", "--", "--env", environment]


@pytest.mark.parametrize("text", ['{"account_id": "mine"}', ""])
def test_a_deployment_uses_what_the_repository_owns(
    run: Run, tmp_path: Path, text: str
) -> None:
    project = tmp_path / "projects" / "paperless-ngx"
    project.mkdir(parents=True)
    pip = tmp_path / "bin" / "python"
    pip.parent.mkdir()
    pip.write_text("#!/bin/sh\n")
    pip.chmod(0o755)
    step = "Install the locked packages and bundle the Worker"

    run(WORKER, "deploy", step, "bin/nox", ENVIRONMENT="preview", deployment=text)

    written = {it.name: it.read_text("utf-8") for it in project.iterdir()}
    assert written == ({"deployment.jsonc": f"{text}\n"} if text else {})


def test_a_deployment_bundles_deploys_and_checks_in_that_order() -> None:
    scripts = [it.name for it in workflows.steps(WORKER, "deploy") if it.script]

    assert scripts == [
        "Install the locked packages and bundle the Worker",
        "Migrate the database and deploy",
        "Check the deployed Worker",
    ]


def test_a_worker_is_tested_before_it_is_deployed() -> None:
    needed = workflows.load(WORKER)["jobs"]["deploy"]["needs"]

    assert set(needed) == {"channel", "test"}
