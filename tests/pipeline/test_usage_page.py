"""docs/usage-reporting.md, followed by a newcomer on a fresh demo host, to the letter."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.pipeline import flow
from tests.report.test_preview import GOLDEN
from tests.support import pages
from tests.support.needs import require
from worker.local.harness import Harness, harness

PAGE = "docs/usage-reporting.md"
MANAGE = "python3 manage.py send_usage_report"
TRIES = 20
Types = Callable[..., str]  # a command of the page, and what is answered


class Newcomer:
    """Types the page's commands into a shell whose variables last."""

    def __init__(self, folder: Path, environ: Mapping[str, str], url: str) -> None:
        self._folder = folder
        self._environ = dict(environ)
        self._url = url
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])

    def types(self, command: str, answer: str = "") -> str:
        if command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            known = {"https://reports.example.org": self._url}
            self._environ[name] = known.get(value, value)
            return ""
        require("bash")
        done = subprocess.run(
            ("bash", "-c", self._here(command)),
            cwd=self._folder,
            env=self._environ,
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def starts(self, command: str) -> subprocess.Popen[str]:
        require("bash")
        return subprocess.Popen(
            ("bash", "-c", f"exec {self._here(command)}"),
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _here(self, command: str) -> str:
        """The page's port may be taken on this machine."""
        return command.replace("8787", self._port)


@pytest.fixture(scope="module")
def worker() -> Iterator[Harness]:
    with harness() as running:
        yield running


@pytest.fixture(scope="module")
def newcomer(worker: Harness, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """At a demo host that has never heard of reports."""
    folder = tmp_path_factory.mktemp("newcomer")
    own_wheel = flow.build_own_wheel(folder / "own")
    host = folder / "host"
    shutil.copytree(flow.ROOT / "demo", host, ignore=shutil.ignore_patterns("data"))
    flow.run(sys.executable, "-m", "venv", folder / "venv")
    environ = {
        **{key: it for key, it in os.environ.items() if key.startswith("PIP_")},
        "PATH": f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PAPERLESS_DATA_DIR": str(folder / "data"),
        "PAPERLESS_APPS": "",
        # Nothing is on an index yet: this tree's wheel lies where pip looks.
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {own_wheel.parent}",
        "PIP_CONSTRAINT": str(flow.ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return Newcomer(host, environ, worker.url)


def closing(printed: str) -> str:
    return printed.strip().splitlines()[-1]


@pytest.mark.slow
def test_a_newcomer_follows_the_page(newcomer: Newcomer, worker: Harness) -> None:
    with pages.follow("docs/usage-reporting.md") as page:

        def types(command: str, answer: str = "") -> str:
            return newcomer.types(page.check_off(command), answer)

        installs_and_looks(types)
        sends_is_refused_and_forgets(types, worker)
        sees_what_arrives(types, newcomer, page)


def installs_and_looks(types: Types) -> None:
    types("pip install 'paperless-report[report]'")
    types("export PAPERLESS_APPS=paperless_report")

    shown = types(f"{MANAGE} --dry-run")
    assert closing(shown) == "Dry run \N{EM DASH} nothing sent."
    assert json.loads(types(f"{MANAGE} --json"))["uuid"] in shown


def sends_is_refused_and_forgets(types: Types, worker: Harness) -> None:
    own = json.loads(types(f"{MANAGE} --json"))["uuid"]
    types("export PAPERLESS_USAGE_REPORTING_URL=https://reports.example.org")
    assert closing(types(MANAGE, "n\n")) == "Nothing sent."
    assert closing(types(MANAGE, "y\n")) == "Report sent. Thank you!"
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] == own

    for days in (0, 6):
        worker.query(
            "UPDATE reports SET received = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?1)",
            f"-{days} days",
        )
        assert closing(types(MANAGE, "y\n")).startswith(
            f"Already submitted {days} days ago. Nothing sent. You can send again"
        )

    printed = types(f"{MANAGE} --forget", "y\n")
    assert printed.endswith(
        "Forgotten: the reports and the installation ID are deleted.\n"
    )
    assert worker.query("SELECT * FROM reports") == []
    assert closing(types(f"{MANAGE} --forget", "y\n")) == "Nothing to forget."

    types(MANAGE, "y\n")
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] != own


def sees_what_arrives(
    types: Types, newcomer: Newcomer, page: pages.FollowedPage
) -> None:
    shown = types(f"{MANAGE} --json")

    with newcomer.starts(page.find('python3 -c "import http.server')) as listener:
        for _ in range(TRIES):  # it may not be listening yet
            sent = types(
                f"PAPERLESS_USAGE_REPORTING_URL=http://127.0.0.1:8787 {MANAGE}", "y\n"
            )
            if "Report sent." in sent:
                break
        else:
            listener.terminate()
        arrived, _ = listener.communicate()

    assert arrived.rstrip("\n").endswith(shown)
    assert re.search(r"^User-Agent: paperless-report/\d+\.\d+$", arrived, re.MULTILINE)
    for told in (socket.gethostname(), "python-requests", "Authorization", "Cookie"):
        assert told not in arrived


def test_the_preview_is_the_real_one() -> None:
    text = (flow.ROOT / PAGE).read_text(encoding="utf-8")

    assert f"{GOLDEN}Dry run \N{EM DASH} nothing sent.\n```" in text


def test_the_derived_image_installs_as_the_page_does_elsewhere() -> None:
    (dockerfile,) = pages.blocks(PAGE, "dockerfile")

    _, run, environment = dockerfile.text.splitlines()
    assert run.replace("--no-cache-dir ", "") == (
        "RUN pip install 'paperless-report[report]'"
    )
    assert environment == "ENV PAPERLESS_APPS=paperless_report"


@pytest.mark.slow
def test_the_start_up_hook_installs_it(newcomer: Newcomer, tmp_path: Path) -> None:
    (script,) = pages.blocks(PAGE, "bash")
    path = tmp_path / "10-paperless-report"
    path.write_text(script.text, encoding="utf-8")

    with newcomer.starts(f"bash {path}") as hook:
        printed = hook.communicate()

    assert hook.returncode == 0
    assert printed == ("", "")
