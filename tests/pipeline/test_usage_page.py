"""docs/usage-reporting.md, followed by a newcomer on a fresh demo host, to the letter."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.pipeline import flow
from tests.support import readme
from worker.local.harness import Harness, harness

PAGE = flow.ROOT / "docs" / "usage-reporting.md"
MANAGE = "python3 manage.py send_usage_report"
TRIES = 20
NEEDS_ENGINE = "needs a Docker engine"
IN_DOCKER = "docker compose exec webserver with-contenv s6-setuidgid paperless"
COMMANDS = {
    "pip install 'paperless-report[report]'": "typed below",
    "export PAPERLESS_APPS=paperless_report": "typed below",
    f"{IN_DOCKER} {MANAGE}": NEEDS_ENGINE,
    f"{IN_DOCKER} env PAPERLESS_APPS=paperless_report {MANAGE}": NEEDS_ENGINE,
    f"{MANAGE} --dry-run": "typed below",
    f"{MANAGE} --json": "typed below",
    "export PAPERLESS_USAGE_REPORTING_URL=https://reports.example.org": "typed below",
    MANAGE: "typed below",
    f"{MANAGE} --forget": "typed below",
    f"PAPERLESS_USAGE_REPORTING_URL=http://127.0.0.1:8787 {MANAGE}": "typed below",
}


def test_every_command_is_known_here() -> None:
    (listener,) = set(readme.commands(PAGE)) - set(COMMANDS)

    assert listener.startswith('python3 -c "import http.server')
    assert set(COMMANDS) < set(readme.commands(PAGE))


class Newcomer:
    """Types the page's commands into a shell whose variables last."""

    def __init__(self, folder: Path, environ: Mapping[str, str], url: str) -> None:
        self._folder = folder
        self._environ = dict(environ)
        self._url = url
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])

    def types(self, command: str, answer: str = "") -> str:
        assert command in readme.commands(PAGE), command
        if command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            known = {"https://reports.example.org": self._url}
            self._environ[name] = known.get(value, value)
            return ""
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
def test_a_newcomer_installs_looks_sends_is_refused_and_forgets(
    newcomer: Newcomer, worker: Harness
) -> None:
    newcomer.types("pip install 'paperless-report[report]'")
    newcomer.types("export PAPERLESS_APPS=paperless_report")

    shown = newcomer.types(f"{MANAGE} --dry-run")
    assert closing(shown) == "Dry run \N{EM DASH} nothing sent."
    payload = json.loads(newcomer.types(f"{MANAGE} --json"))
    assert payload["uuid"] in shown

    newcomer.types("export PAPERLESS_USAGE_REPORTING_URL=https://reports.example.org")
    assert closing(newcomer.types(MANAGE, "n\n")) == "Nothing sent."
    assert closing(newcomer.types(MANAGE, "y\n")) == "Report sent. Thank you!"
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] == payload["uuid"]

    for days in (0, 6):
        worker.query(
            "UPDATE reports SET received = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?1)",
            f"-{days} days",
        )
        assert closing(newcomer.types(MANAGE, "y\n")).startswith(
            f"Already submitted {days} days ago. Nothing sent. You can send again"
        )

    printed = newcomer.types(f"{MANAGE} --forget", "y\n")
    assert printed.endswith("Forgotten: the reports are deleted, and so is the ID.\n")
    assert worker.query("SELECT * FROM reports") == []
    assert closing(newcomer.types(f"{MANAGE} --forget", "y\n")) == "Nothing to forget."

    newcomer.types(MANAGE, "y\n")
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] != payload["uuid"]


@pytest.mark.slow
def test_a_newcomer_sees_what_arrives(newcomer: Newcomer) -> None:
    newcomer.types("pip install 'paperless-report[report]'")
    newcomer.types("export PAPERLESS_APPS=paperless_report")
    (line,) = set(readme.commands(PAGE)) - set(COMMANDS)
    (send,) = (it for it in COMMANDS if it.endswith(f":8787 {MANAGE}"))
    shown = newcomer.types(f"{MANAGE} --json")

    with newcomer.starts(line) as listener:
        for _ in range(TRIES):  # it may not be listening yet
            if "Report sent." in newcomer.types(send, "y\n"):
                break
        else:
            listener.terminate()
        arrived, _ = listener.communicate()

    assert arrived.rstrip("\n").endswith(shown)
    assert re.search(r"^User-Agent: paperless-report/\d+\.\d+$", arrived, re.MULTILINE)
    for told in (socket.gethostname(), "python-requests", "Authorization", "Cookie"):
        assert told not in arrived


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_derived_image_installs_as_the_page_does_elsewhere() -> None:
    (dockerfile,) = blocks("dockerfile")

    _, run, environment = dockerfile.splitlines()
    assert run.replace("--no-cache-dir ", "") == (
        "RUN pip install 'paperless-report[report]'"
    )
    assert environment == "ENV PAPERLESS_APPS=paperless_report"


@pytest.mark.slow
def test_the_start_up_hook_installs_it(newcomer: Newcomer, tmp_path: Path) -> None:
    (script,) = blocks("bash")
    path = tmp_path / "10-paperless-report"
    path.write_text(script, encoding="utf-8")

    with newcomer.starts(f"bash {path}") as hook:
        printed = hook.communicate()

    assert hook.returncode == 0
    assert printed == ("", "")
