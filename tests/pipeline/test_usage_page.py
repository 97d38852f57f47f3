"""docs/how-to/usage-reporting.md: its commands work on a host that has no reporting yet."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.needs import needs
from worker.local.harness import Harness

PAGE = "docs/how-to/usage-reporting.md"
MANAGE = "python3 manage.py send_usage_report"
REPORTING = "python3 manage.py usage_reporting"
TRIES = 20
Types = Callable[..., str]  # a command of the page and what is answered


class Admin:
    """Types the page's commands into a shell that keeps its variables."""

    def __init__(self, folder: Path, environ: Mapping[str, str], url: str) -> None:
        self.environ = dict(environ)
        self._folder = folder
        self._url = url

    def types(self, command: str, answer: str = "") -> str:
        if command.startswith("export "):
            name, value = command.removeprefix("export ").split("=")
            value = value.replace("https://reports.example.org", self._url)
            self.environ[name] = value
            return ""
        return commands.run(
            *("bash", "-c", f"cd {self._folder} && {command}"),
            environ=self.environ,
            answer=answer,
        )


@pytest.fixture(scope="module")
def admin(
    worker: Harness, own_wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Admin:
    """The admin of a demo project in a new virtual environment."""
    folder = tmp_path_factory.mktemp("admin")
    host = folder / "host"
    shutil.copytree(commands.ROOT / "demo", host, ignore=shutil.ignore_patterns("data"))
    commands.run(sys.executable, "-m", "venv", folder / "venv")
    environ = {
        **{name: text for name, text in os.environ.items() if name.startswith("PIP_")},
        **commands.variables_for_pip(own_wheel),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PATH": f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PAPERLESS_DATA_DIR": str(folder / "data"),
        "PAPERLESS_APPS": "",
    }
    return Admin(host, environ, worker.url)


def last_line(printed: str) -> str:
    return printed.strip().splitlines()[-1]


@pytest.mark.slow
@needs("bash")
def test_the_commands_of_the_page_work(admin: Admin, worker: Harness) -> None:
    worker.query("DELETE FROM reports")
    with pages.follow("docs/how-to/usage-reporting.md") as page:

        def types(command: str, answer: str = "") -> str:
            return admin.types(page.check_off(command), answer)

        install_and_preview(types)
        send_and_forget(types, worker)
        report_every_week(types)
        watch_a_report_arrive(types, admin, page)


def install_and_preview(types: Types) -> None:
    types("pip install 'paperless-report[report]'")
    types("export PAPERLESS_APPS=paperless_report")

    shown = types(f"{MANAGE} --dry-run")
    assert last_line(shown) == "Dry run \N{EM DASH} nothing sent."
    assert json.loads(types(f"{MANAGE} --json"))["uuid"] in shown


def send_and_forget(types: Types, worker: Harness) -> None:
    uuid = json.loads(types(f"{MANAGE} --json"))["uuid"]
    types("export PAPERLESS_USAGE_REPORTING_URL=https://reports.example.org")
    assert last_line(types(MANAGE, "n\n")) == "Nothing sent."
    assert last_line(types(MANAGE, "y\n")) == "Report sent. Thank you!"
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] == uuid

    for days, when in ((0, "today"), (6, "6 days ago")):
        worker.query(
            "UPDATE reports SET received = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?1)",
            f"-{days} days",
        )
        assert last_line(types(MANAGE, "y\n")).startswith(
            f"Already submitted {when}. Nothing sent. You can send again"
        )

    printed = types(f"{MANAGE} --forget", "y\n")
    assert printed.endswith(
        "Forgotten: the reports and the installation ID are deleted.\n"
    )
    assert worker.query("SELECT * FROM reports") == []
    assert last_line(types(f"{MANAGE} --forget", "y\n")) == "Nothing to forget."

    types(MANAGE, "y\n")
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] != uuid


def report_every_week(types: Types) -> None:
    assert "Reporting is on." in types(f"{REPORTING} on", "y\n")
    assert types(f"{REPORTING} run").startswith("No report is due. No report was sent.")
    assert types(f"{REPORTING} status").startswith("  Reporting       : on\n")
    assert types(f"{REPORTING} history") == "Nothing has been sent.\n"
    assert types(f"{REPORTING} off").startswith("Reporting is off")


def watch_a_report_arrive(types: Types, admin: Admin, page: pages.FollowedPage) -> None:
    body = types(f"{MANAGE} --json")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])  # 8787 may be in use
    listen = page.find('python3 -c "import http.server').replace("8787", port)
    send = page.check_off(
        f"PAPERLESS_USAGE_REPORTING_URL=http://127.0.0.1:8787 {MANAGE}"
    )

    with subprocess.Popen(
        ("bash", "-c", f"exec {listen}"),
        env=admin.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as listener:
        try:
            for _ in range(TRIES):  # until it listens
                if "Report sent." in admin.types(send.replace("8787", port), "y\n"):
                    break
            request, _ = listener.communicate(timeout=30)
        finally:
            listener.kill()

    assert request.rstrip("\n").endswith(body)
    assert re.search(r"^User-Agent: paperless-report/\d+\.\d+$", request, re.MULTILINE)
    for trace in (socket.gethostname(), "python-requests", "Authorization", "Cookie"):
        assert trace not in request


def test_the_derived_image_installs_as_the_page_does_elsewhere() -> None:
    (dockerfile,) = pages.blocks(PAGE, "dockerfile")

    _, run, environment = dockerfile.text.splitlines()
    assert run.replace("--no-cache-dir ", "") == (
        "RUN pip install 'paperless-report[report]'"
    )
    assert environment == "ENV PAPERLESS_APPS=paperless_report"


@pytest.mark.slow
@needs("bash")
def test_the_start_up_script_installs_the_package_silently(
    admin: Admin, tmp_path: Path
) -> None:
    (block,) = pages.blocks(PAGE, "bash")
    script = tmp_path / "10-paperless-report"
    script.write_text(block.text, encoding="utf-8")

    assert admin.types(f"bash {script} 2>&1") == ""
