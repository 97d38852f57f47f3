"""The README, followed to the letter, and what else it says."""

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
from tests.support import pages
from tests.support.repository import Repository

ENVIRONMENT = "python3 -m venv .venv && .venv/bin/pip install -qc constraints.txt nox && .venv/bin/nox"


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
def test_the_readme_is_followed(tmp_path: Path) -> None:
    with pages.followed("README.md") as page:
        a_release_step_by_step(page, tmp_path / "repository")
        an_admin_looks(page, tmp_path / "data")
        serve_prints_its_url_alone_and_ends_at_ctrl_c(page, tmp_path / "worker-data")


def a_release_step_by_step(page: pages.Followed, folder: Path) -> None:
    """From an untagged commit to a verified beta, then an image's and a tarball's stamp."""
    repository = flow.tagged_repository(folder)
    repository.git("tag", "--delete", flow.TAG)
    remote = Repository.bare(folder.with_name("remote"))
    repository.git("remote", "add", "origin", str(remote.root))
    repository.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    commit = repository.git("rev-parse", "HEAD")

    def run(command: str, answer: str = "") -> str:
        return page.types(repository.root, command, answer=answer)

    run("build-stamp show --format json")
    page.take("pip install 'paperless-report[release]'")  # its parts are installed
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


def an_admin_looks(page: pages.Followed, data: Path) -> None:
    page.take("pip install 'paperless-report[report]'")  # it is installed
    pages.typed(flow.ROOT, "python demo/manage.py migrate", environ=on(data))

    printed = page.types(
        flow.ROOT / "demo",
        "export PAPERLESS_APPS=paperless_report",
        "python manage.py send_usage_report --dry-run",
        environ=on(data),
    )

    assert closing(printed) == "Dry run \N{EM DASH} nothing sent."


def on(data: Path) -> dict[str, str]:
    return {"PAPERLESS_DATA_DIR": str(data)}


@pytest.mark.slow
def test_the_demo_host_runs_from_its_tree(tmp_path: Path) -> None:
    with pages.followed("demo/README.md") as page:
        page.take("pip install -e '.[report]'")  # as this session is installed

        printed = page.types(
            flow.ROOT,
            "python demo/manage.py migrate",
            "python demo/manage.py loaddata demo",
            "python demo/manage.py send_usage_report --dry-run",
            environ=on(tmp_path / "data"),
        )

    assert "Documents       : 0\N{EN DASH}99" in printed
    assert closing(printed) == "Dry run \N{EM DASH} nothing sent."


def closing(printed: str) -> str:
    return printed.strip().splitlines()[-1]


def serve_prints_its_url_alone_and_ends_at_ctrl_c(
    page: pages.Followed, data: Path
) -> None:
    command = page.take(".venv/bin/nox -s serve -- --port 8787 --data worker-data")
    words = command.replace("8787", "0").replace("worker-data", str(data)).split()
    process = subprocess.Popen(
        (sys.executable, "-m", "nox", *words[1:]),
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
