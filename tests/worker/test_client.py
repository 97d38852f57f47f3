"""The reporting command against the real Worker."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from tests.worker.database import count_reports, select_all
from worker.local.harness import Harness

pytestmark = [pytest.mark.both, pytest.mark.django_db]
# Runs the command with arguments, answers yes, and returns what it prints.
Command = Callable[..., str]


@pytest.fixture
def command(
    tmp_path: Path, settings: Settings, worker: Harness, monkeypatch: pytest.MonkeyPatch
) -> Command:
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", worker.url)
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)

    def command(*arguments: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        printed = io.StringIO()
        call_command("send_usage_report", *arguments, stdout=printed)
        return printed.getvalue()

    return command


def test_a_report_is_stored_once_as_it_was_shown(
    worker: Harness, command: Command, tmp_path: Path
) -> None:
    printed = command()
    assert "Report sent. Thank you!" in printed
    assert "Already submitted today. Nothing sent." in command()

    (row,) = select_all(worker)
    assert row["uuid"] == (tmp_path / "usage_uuid").read_text().strip()
    assert row["version"] == "2.15.0"
    assert row["doc_bucket"] == "0-99"
    assert row["feature_ai"] == 0
    # The receiver drops nothing that the client sends.
    stored = {name for name, value in row.items() if value is not None}
    lines = [line for line in printed.splitlines() if " : " in line]
    assert len(stored - {"id", "received"}) == len(lines), row


def test_after_forgetting_the_installation_reports_under_a_new_id(
    worker: Harness, command: Command, tmp_path: Path
) -> None:
    command()
    first = (tmp_path / "usage_uuid").read_text().strip()

    assert "installation ID are deleted." in command("--forget")
    assert select_all(worker) == []
    assert not (tmp_path / "usage_uuid").exists()

    assert "Report sent. Thank you!" in command()
    (row,) = select_all(worker)
    assert row["uuid"] != first


def test_forgetting_leaves_other_installations_alone(
    worker: Harness, command: Command, tmp_path: Path
) -> None:
    command()
    (tmp_path / "usage_uuid").unlink()
    command()

    command("--forget")

    assert count_reports(worker) == 1
