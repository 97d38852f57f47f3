"""The scripts of the workflows that publish, as they stand, with a recorder for what they call."""

import os
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support import workflows

RELEASE = workflows.ROOT / ".github" / "workflows" / "release.yml"
WORKER = workflows.ROOT / ".github" / "workflows" / "worker.yml"
Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs one step, *tool* being a recorder; the words of its one call."""

    def run_step(
        path: Path, job: str, name: str, tool: str, **environ: str
    ) -> list[str]:
        recorder = tmp_path / tool
        recorder.parent.mkdir(parents=True, exist_ok=True)
        recorder.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$CALLED"\n')
        recorder.chmod(0o755)
        called = tmp_path / "called"
        step = workflows.step(path, job, name)
        known: Mapping[str, str] = {
            "needs.build.outputs.channel": environ.pop("channel", ""),
            "github.repository": "owner/project",
            "github.token": "x",
            "secrets.CLOUDFLARE_ACCOUNT_ID": "x",
            "secrets.CLOUDFLARE_API_TOKEN": "x",
        }
        done = workflows.run(
            step,
            tmp_path,
            known,
            {
                "PATH": f"{recorder.parent}{os.pathsep}{os.environ['PATH']}",
                "CALLED": str(called),
                **environ,
            },
        )
        assert done.returncode == 0, done.stderr
        return called.read_text().splitlines()

    return run_step


@pytest.mark.parametrize(
    ("tag", "channel", "options"),
    [
        ("v0.1.0rc1", "beta", ["--prerelease", "--latest=false"]),
        ("v0.1.0", "stable", []),
    ],
)
def test_a_beta_is_a_prerelease_and_never_the_latest(
    run: Run, tmp_path: Path, tag: str, channel: str, options: list[str]
) -> None:
    (tmp_path / "dist").mkdir()
    for name in ("a file.whl", "b.tar.gz"):
        (tmp_path / "dist" / name).touch()

    words = run(
        RELEASE, "announce", "Make the release", "bin/gh", channel=channel, TAG=tag
    )

    assert words == [
        *("release", "create", tag, "--verify-tag", "--title", tag),
        *("--notes-file", "notes/notes.md", *options),
        *("dist/a file.whl", "dist/b.tar.gz"),
    ]


def test_other_bytes_than_those_that_are_out_are_never_passed_over(
    run: Run, tmp_path: Path
) -> None:
    """The index says 200 to the same bytes, and 400 to others of that name."""
    (tmp_path / "dist").mkdir()
    for name in ("a.whl", "b.tar.gz"):
        (tmp_path / "dist" / name).touch()

    words = run(RELEASE, "publish", "Upload", "bin/twine")

    assert words == ["upload", "--non-interactive", "dist/a.whl", "dist/b.tar.gz"]


@pytest.mark.parametrize("environment", ["", "preview"])
def test_the_database_and_the_worker_are_those_of_one_environment(
    run: Run, environment: str
) -> None:
    wrangler = "node_modules/.bin/wrangler"

    assert run(
        WORKER, "deploy", "Migrate the database", wrangler, ENVIRONMENT=environment
    ) == [*("d1", "migrations", "apply", "DB", "--remote"), f"--env={environment}"]
    assert run(WORKER, "deploy", "Deploy", wrangler, ENVIRONMENT=environment) == [
        "deploy",
        f"--env={environment}",
    ]


def test_the_worker_is_migrated_then_deployed_then_tried() -> None:
    names = [it.name for it in workflows.steps(WORKER, "deploy") if it.script]

    assert names[-3:] == ["Migrate the database", "Deploy", "Try it, storing nothing"]


@pytest.mark.parametrize(("answer", "status"), [(400, 0), (204, 1)])
def test_a_worker_that_takes_an_empty_report_fails_the_deployment(
    tmp_path: Path, answer: int, status: int
) -> None:
    class Worker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200 if self.path == "/health" else 404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(answer if self.path == "/report" else 404)

        def answer(self, code: int) -> None:
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the test tells."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Worker) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        step = workflows.step(WORKER, "deploy", "Try it, storing nothing")
        url = f"http://127.0.0.1:{server.server_port}"
        done = workflows.run(
            step,
            tmp_path,
            {"vars.WORKER_URL": url},
            {"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"},
        )
        server.shutdown()

    assert done.returncode == status, done.stdout + done.stderr
    assert ("::error::" in done.stdout) == bool(status)


def test_a_worker_that_is_tested_is_deployed() -> None:
    assert set(workflows.load(WORKER)["jobs"]["deploy"]["needs"]) == {"which", "test"}
