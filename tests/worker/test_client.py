"""The command against the real Worker."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from worker.local.harness import Harness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _host(
    tmp_path: Path, settings: Settings, worker: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", worker.url)
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)


def send(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    printed = io.StringIO()
    call_command("send_usage_report", *arguments, stdout=printed)
    return printed.getvalue()


def test_what_is_sent_is_stored_and_sent_once(
    worker: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Report sent. Thank you!" in send(monkeypatch)
    assert "Already submitted 0 days ago. Nothing sent." in send(monkeypatch)

    (row,) = worker.query("SELECT * FROM reports")
    assert row["uuid"] == (tmp_path / "usage_uuid").read_text().strip()
    assert row["version"] == "2.15.0"
    assert row["doc_bucket"] == "0-99"
    assert row["feature_ai"] == 0


def test_the_worker_accepts_every_byte_that_the_client_can_build(
    worker: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No field that the client sends is dropped on arrival."""
    printed = send(monkeypatch)

    (row,) = worker.query("SELECT * FROM reports")
    stored = {name for name, value in row.items() if value is not None} - {
        "id",
        "received",
    }
    assert len(stored) == sum(" : " in line for line in printed.splitlines()), (
        json.dumps(row)
    )


def test_what_was_sent_is_forgotten(
    worker: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send(monkeypatch)
    first = (tmp_path / "usage_uuid").read_text().strip()

    assert "so is the ID." in send(monkeypatch, "--forget")
    assert worker.query("SELECT * FROM reports") == []
    assert not (tmp_path / "usage_uuid").exists()

    assert "Report sent. Thank you!" in send(monkeypatch)
    (row,) = worker.query("SELECT uuid FROM reports")
    assert row["uuid"] != first


def test_another_installation_is_not_forgotten(
    worker: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send(monkeypatch)
    (tmp_path / "usage_uuid").unlink()
    send(monkeypatch)

    send(monkeypatch, "--forget")

    assert len(worker.query("SELECT * FROM reports")) == 1
