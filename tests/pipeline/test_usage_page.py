"""The pages for admins: their commands work on a host that has no reporting yet."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.needs import needs
from worker.local.harness import Harness

DOCKER = "docs/how-to/report-from-docker.md"
INSTALL = "pip install 'paperless-report[report]'"
ENABLE = "export PAPERLESS_APPS=paperless_report"
ENDPOINT = "export PAPERLESS_USAGE_REPORTING_URL=https://reports.example.org"
MANAGE = "python3 manage.py send_usage_report"
REPORTING = "python3 manage.py usage_reporting"
TRIES = 20


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
    """The admin of a demo project, with the package in a new virtual environment."""
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
    }
    admin = Admin(host, environ, worker.url)
    admin.types(INSTALL)
    admin.types(ENABLE)
    return admin


def last_line(printed: str) -> str:
    return printed.strip().splitlines()[-1]


@pytest.mark.slow
@needs("bash")
def test_an_admin_installs_looks_at_the_report_and_sends_it_once(
    admin: Admin, worker: Harness
) -> None:
    worker.query("DELETE FROM reports")
    with pages.follow("docs/how-to/usage-reporting.md") as page:
        page.check_off(INSTALL)  # by the fixture
        page.check_off(ENABLE)
        shown = admin.types(page.check_off(f"{MANAGE} --dry-run"))
        uuid = json.loads(admin.types(page.check_off(f"{MANAGE} --json")))["uuid"]
        admin.types(page.check_off(ENDPOINT))
        send = page.check_off(MANAGE)

    assert last_line(shown) == "Dry run \N{EM DASH} nothing sent."
    assert uuid in shown
    assert last_line(admin.types(send, "n\n")) == "Nothing sent."
    assert last_line(admin.types(send, "y\n")) == "Report sent. Thank you!"
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] == uuid
    for days, when in ((0, "today"), (6, "6 days ago")):
        worker.query(
            "UPDATE reports SET received = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?1)",
            f"-{days} days",
        )
        assert last_line(admin.types(send, "y\n")).startswith(
            f"Already submitted {when}. Nothing sent. You can send again"
        )


@pytest.mark.slow
@needs("bash")
def test_an_admin_turns_weekly_reports_on_and_off(
    admin: Admin, worker: Harness
) -> None:
    worker.query("DELETE FROM reports")
    admin.types(ENDPOINT)
    with pages.follow("docs/how-to/report-weekly.md") as page:

        def types(command: str, answer: str = "") -> str:
            return admin.types(page.check_off(command), answer)

        assert "Reporting is on." in types(f"{REPORTING} on", "y\n")
        assert types(f"{REPORTING} status").startswith("  Reporting       : on\n")
        assert types(f"{REPORTING} history").startswith("Nothing has been sent. ")
        assert last_line(types(f"{REPORTING} run --now")) == "Report sent. Thank you!"
        assert len(worker.query("SELECT uuid FROM reports")) == 1
        assert types(f"{REPORTING} off").startswith("Reporting is off")


@pytest.mark.slow
@needs("bash")
def test_an_admin_has_reports_deleted_and_uninstalls(
    admin: Admin, worker: Harness
) -> None:
    worker.query("DELETE FROM reports")
    admin.types(ENDPOINT)
    with pages.follow("docs/how-to/delete-reports.md") as page:

        def types(command: str, answer: str = "") -> str:
            return admin.types(page.check_off(command), answer)

        admin.types(f"{MANAGE}", "y\n")
        uuid = json.loads(admin.types(f"{MANAGE} --json"))["uuid"]
        assert types(f"{MANAGE} --forget", "y\n").endswith(
            "Forgotten: the reports and the installation ID are deleted.\n"
        )
        assert worker.query("SELECT * FROM reports") == []
        assert last_line(types(f"{MANAGE} --forget", "y\n")) == "Nothing to forget."
        assert json.loads(admin.types(f"{MANAGE} --json"))["uuid"] != uuid
        assert types(f"{REPORTING} off").startswith("Reporting is")
        types(f"{REPORTING} delete", "y\n")
        left = {it.name for it in Path(admin.environ["PAPERLESS_DATA_DIR"]).iterdir()}
        uninstall = page.check_off("pip uninstall --yes paperless-report")
        try:
            admin.types(uninstall)
            admin.environ["PAPERLESS_APPS"] = ""
            unknown = admin.types(f"{MANAGE} --dry-run 2>&1 || true")
        finally:
            admin.types(INSTALL)
            admin.types(ENABLE)

    assert [it for it in left if it.startswith("usage_")] == []
    assert "Unknown command: 'send_usage_report'" in unknown


@pytest.mark.slow
@needs("bash")
def test_a_system_administrator_schedules_reports_and_watches_one(
    admin: Admin,
) -> None:
    with pages.follow("docs/how-to/reporting-on-servers.md") as page:
        ran = admin.types(page.check_off(f"{REPORTING} run"))
        body = admin.types(page.check_off(f"{MANAGE} --json"))
        request = watch_a_report_arrive(admin, page)

    assert ran.endswith("No report was sent.\n")
    assert request.rstrip("\n").endswith(body)
    assert re.search(r"^User-Agent: paperless-report/\d+\.\d+$", request, re.MULTILINE)
    for trace in (socket.gethostname(), "python-requests", "Authorization", "Cookie"):
        assert trace not in request


def watch_a_report_arrive(admin: Admin, page: pages.FollowedPage) -> str:
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
    return request


def test_the_derived_image_installs_as_the_page_does_elsewhere() -> None:
    (dockerfile,) = pages.blocks(DOCKER, "dockerfile")

    _, run, environment = dockerfile.text.splitlines()
    assert run.replace("--no-cache-dir ", "") == f"RUN {INSTALL}"
    assert environment == ENABLE.replace("export", "ENV")


@pytest.mark.slow
@needs("bash")
def test_the_start_up_script_installs_the_package_silently(
    admin: Admin, tmp_path: Path
) -> None:
    (block,) = pages.blocks(DOCKER, "bash")
    script = tmp_path / "10-paperless-report"
    script.write_text(block.text, encoding="utf-8")

    assert admin.types(f"bash {script} 2>&1") == ""
