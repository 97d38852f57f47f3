"""Every command of the README is run, or exempt for a reason."""

import json
import os
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
from tests.support.repository import COMMITTED

ENVIRONMENT = "python3 -m venv .venv && .venv/bin/pip install -qc constraints.txt nox && .venv/bin/nox"
NEEDS_ACCOUNT = "needs a Cloudflare account"
COMMANDS = {
    f"{ENVIRONMENT} -s demo": "runs nox itself; its steps are test_pipeline's",
    ENVIRONMENT: "runs nox itself; it is what .ci/run runs",
    "build-stamp show --format json": "run below",
    "pip install 'paperless-report[report]'": "test_pipeline installs the wheel so",
    "export PAPERLESS_APPS=paperless_report": "a variable; test_pipeline's host has the app",
    "python manage.py send_usage_report --dry-run": "test_pipeline runs it",
    ".venv/bin/nox -s serve -- --port 8787 --data worker-data": "run below, without nox",
    "npm ci --ignore-scripts": "worker.local.toolchain runs it before every session",
    "npx wrangler d1 create usage-reports": NEEDS_ACCOUNT,
    "npx wrangler d1 migrations apply usage-reports --remote": NEEDS_ACCOUNT,
    "npx wrangler deploy": "test_the_worker_bundles runs it dry",
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
    assert COMMITTED == 1_779_105_600
    assert printed.replace(commit, "bd86dca57") in text


@pytest.mark.slow
def test_serve_prints_its_url_alone_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    process = subprocess.Popen(
        (
            *(sys.executable, "-m", "worker.local", "serve"),
            *("--port", "0", "--data", str(tmp_path / "worker-data")),
        ),
        cwd=flow.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert requests.get(url, timeout=30).status_code == 404
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        status = process.wait(timeout=30)

    assert url.startswith("http://127.0.0.1:")
    assert (rest, status) == ("", 0)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)
    assert list((tmp_path / "worker-data").rglob("*.sqlite"))


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
