"""`manage.py usage_reporting`: the same commands, in a Django project."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from paperless_report.host.reporter import find_reporter
from tests.report.command import Run
from tests.support import sockets
from tests.support.endpoint import Answer, Endpoint

pytestmark = pytest.mark.django_db

URL = "PAPERLESS_USAGE_REPORTING_URL"


@pytest.fixture(autouse=True)
def _new_process() -> None:
    """Forget the reporter of an earlier test, which has another data directory."""
    find_reporter.cache_clear()


@pytest.fixture
def run(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, reporting to `endpoint`, with a reporter of its own."""
    monkeypatch.setenv(URL, endpoint.url)
    return Run(monkeypatch, "usage_reporting")


def test_one_id_serves_both_commands(
    run: Run, endpoint: Endpoint, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run(monkeypatch)("--dry-run")
    known = (data_dir / "usage_uuid").read_text().strip()

    shown = run("on", stdin="y\n")
    run("run", "--now")

    assert f" : {known}\n" in shown
    assert f"Reports go to {endpoint.url}/report\n" in shown
    assert "\n  manage.py usage_reporting off\n" in shown
    assert json.loads(endpoint.arrived[0].body)["uuid"] == known
    assert known.encode() not in (data_dir / "usage_reporting.sqlite3").read_bytes()


def test_a_failure_is_a_command_error_with_the_documented_status(
    run: Run, endpoint: Endpoint
) -> None:
    run("on", "--yes")
    endpoint.answer = Answer(503)

    with pytest.raises(CommandError, match="Could not reach the reporting") as caught:
        run("run", "--now")

    assert caught.value.returncode == 1


def test_a_packager_can_turn_reporting_off_for_good(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "build_info.py").write_text("REPORTING = False\n")
    monkeypatch.setattr(
        "paperless_report.facts.package.find_package_dir", lambda _: tmp_path
    )

    with sockets.denied() as attempts:
        status = run("status")
        with pytest.raises(CommandError, match="packager of this software has turned"):
            run("on", "--yes")
        ended = run("run", "--now")

    assert "Decided by      : the packager of this software\n" in status
    assert ended == (
        "Reporting is not turned on. No report was sent. This was decided by the packager\n"
        "of this software.\n"
    )
    assert attempts == []


def test_a_wrong_command_line_is_a_command_error(run: Run) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run("no-such-command")


@pytest.mark.usefixtures("other_host")
def test_a_host_without_a_project_is_a_command_error() -> None:
    with pytest.raises(CommandError, match="USAGE_REPORTING_PROJECT is missing"):
        call_command("usage_reporting", "status", stdout=io.StringIO())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own a process of root")
def test_a_caller_in_a_process_of_root_is_refused_on_another_users_folder(
    run: Run, data_dir: Path
) -> None:
    os.chown(data_dir, 65534, 65534)

    with pytest.raises(CommandError, match="This process runs as root"):
        run("on", "--yes")

    assert os.geteuid() == 0
    assert list(data_dir.iterdir()) == []


def test_a_caller_handles_the_errors_of_its_own_output() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        call_command("usage_reporting", "status", stdout=Full())
