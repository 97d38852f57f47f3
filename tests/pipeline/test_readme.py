"""Every command of the README is run, or exempt for a reason."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from build_hooks import cli
from tests.pipeline import flow
from tests.report.test_preview import GOLDEN
from tests.support import readme
from tests.support.repository import Repository, hermetic

ENVIRONMENT = "python3 -m venv .venv && .venv/bin/pip install -qc constraints.txt nox && .venv/bin/nox"
COMMANDS = {
    f"{ENVIRONMENT} -s demo": "runs nox itself; its steps are test_pipeline's",
    ENVIRONMENT: "runs nox itself; it is what .ci/run runs",
    "build-stamp show --format json": "run below",
    "pip install 'paperless-report[release]'": "its parts are in every session's pins",
    "build-stamp cut beta --dry-run": "run below",
    "build-stamp cut beta --push": "run below",
    "python -m build": "run below",
    "build-stamp verify dist/* --tag v2.15.0-beta.rc1 --strict --rebuild": "run below",
    "build-stamp show src/paperless --format docker": "run below",
    "build-stamp write dist/paperless-ngx/src/paperless --from src/paperless": "run below",
    "pip install 'paperless-report[report]'": "test_pipeline installs the wheel so",
    "export PAPERLESS_APPS=paperless_report": "a variable; test_pipeline's host has the app",
    "python manage.py send_usage_report --dry-run": "test_pipeline runs it",
    ".venv/bin/nox -s serve -- --port 8787 --data worker-data": "run below",
}


def test_every_command_is_known_here() -> None:
    assert set(readme.commands()) == set(COMMANDS)


def test_ci_runs_the_readmes_test_command() -> None:
    script = (flow.ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert script.splitlines()[-1] == ENVIRONMENT


def test_the_preview_is_the_real_one() -> None:
    text = (flow.ROOT / "README.md").read_text(encoding="utf-8")

    assert f"{GOLDEN}Dry run \N{EM DASH} nothing sent.\n```" in text


def test_the_stamp_is_the_real_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    repository = flow.tagged_repository(tmp_path / "repository")
    cli.main(["show", str(repository.root), "--format", "json"])
    printed = capsys.readouterr().out
    commit = repository.git("rev-parse", "HEAD")[:9]
    text = (flow.ROOT / "README.md").read_text(encoding="utf-8")

    assert json.loads(printed)["build_date"] == "2026-05-18T12:00:00Z"
    assert printed.replace(commit, "bd86dca57") in text


@pytest.mark.slow
def test_a_release_by_the_readme_step_by_step(tmp_path: Path) -> None:
    """From an untagged commit to a verified beta, then an image's and a tarball's stamp."""
    repository = flow.tagged_repository(tmp_path / "repository")
    repository.git("tag", "--delete", flow.TAG)
    remote = Repository.bare(tmp_path / "remote")
    repository.git("remote", "add", "origin", str(remote.root))
    repository.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    commit = repository.git("rev-parse", "HEAD")

    def run(command: str, answer: str = "") -> str:
        assert command in COMMANDS
        return typed(command, repository.root, answer)

    assert f"Tag {flow.TAG} (annotated)" in run("build-stamp cut beta --dry-run")
    assert f"Tagged {flow.TAG}." in run("build-stamp cut beta --push", answer="y\n")
    assert remote.git("tag") == flow.TAG
    run("python -m build")
    printed = run(f"build-stamp verify dist/* --tag {flow.TAG} --strict --rebuild")
    assert printed.count("ok    rebuild") == 2

    arguments = run("build-stamp show src/paperless --format docker")
    assert f"--build-arg PAPERLESS_DEMO_SOURCE_COMMIT={commit}\n" in arguments
    assert "--build-arg PAPERLESS_DEMO_CHANNEL=beta\n" in arguments
    copy = repository.root / "dist" / "paperless-ngx" / "src"
    shutil.copytree(repository.root / "src", copy)
    run("build-stamp write dist/paperless-ngx/src/paperless --from src/paperless")
    assert f'"{commit[:9]}"' in (copy / "paperless" / "build_info.py").read_text()


def typed(command: str, folder: Path, answer: str) -> str:
    """Run *command* as typed into a shell in *folder*; give what it printed."""
    if command == "python -m build" or "--rebuild" in command:
        command += " --no-isolation"  # with what this session has installed and pinned
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ("sh", "-c", command),
        cwd=folder,
        env={**hermetic(os.environ), "PATH": path},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_demo_host_runs_from_its_tree(tmp_path: Path) -> None:
    install, *manage = readme.commands(flow.ROOT / "demo" / "README.md")
    assert install == "pip install -e '.[report]'"  # as this session is installed
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    for command in manage:
        done = subprocess.run(
            ("sh", "-c", command),
            cwd=flow.ROOT,
            env={
                **os.environ,
                "PATH": path,
                "PAPERLESS_DATA_DIR": str(tmp_path / "data"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    assert "Documents       : 0\N{EN DASH}99" in done.stdout
    assert done.stdout.endswith("Dry run \N{EM DASH} nothing sent.\n")


@pytest.mark.slow
def test_serve_prints_its_url_alone_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    data = tmp_path / "worker-data"
    process = subprocess.Popen(
        (
            *(sys.executable, "-m", "nox", "-s", "serve", "--"),
            *("--port", "0", "--data", str(data)),
        ),
        cwd=flow.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C in a terminal reaches all of them.
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answered = requests.get(f"{url}/health", timeout=30).status_code
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        process.wait(timeout=60)

    assert url.startswith("http://127.0.0.1:")
    assert (answered, rest) == (200, "")
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)
    assert list(data.rglob("*.sqlite"))


@pytest.mark.slow
def test_the_worker_bundles(tmp_path: Path) -> None:
    from worker.local import toolchain  # noqa: PLC0415  # Node is there in this session only

    began = time.time()
    subprocess.run(
        toolchain.wrangler("deploy", "--dry-run", "--outdir", str(tmp_path)),
        cwd=toolchain.WORKER,
        env=toolchain.environment(tmp_path / "home", os.environ),
        check=True,
        capture_output=True,
    )

    assert (tmp_path / "index.js").stat().st_mtime >= began - 1
