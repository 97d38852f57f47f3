"""A Django project reports on a schedule what its command sends, with the same ID."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from paperless_report.host import database
from paperless_report.host.kinds import load_project
from paperless_report.host.reporter import count, find_reporter, record
from paperless_report.project_faults import find_faults
from tests.report import bookshelf
from tests.report.command import Run
from tests.report.tallies import EVENTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_reporter")]


def test_weekly_reports_are_those_of_send_usage_report(run: Run) -> None:
    sent_once = run("--json")

    preview = find_reporter().preview()

    assert preview.bodies == (sent_once.encode(),)
    assert not preview.identity_is_new
    assert preview.problem is None


def test_turning_reports_on_creates_the_id_that_send_usage_report_uses(
    run: Run, data_dir: Path
) -> None:
    find_reporter().turn_on()

    uuid = json.loads(run("--json"))["uuid"]
    assert uuid == find_reporter().status().installation_id
    assert uuid == (data_dir / "usage_uuid").read_text().strip()
    assert uuid.encode() not in (data_dir / "usage_reporting.sqlite3").read_bytes()


def test_every_process_has_one_reporter() -> None:
    assert find_reporter() is find_reporter()


def test_the_setting_says_what_is_counted_and_how_often(
    settings: Settings, tmp_path: Path
) -> None:
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(
        tmp_path,
        bookshelf.build_schema(),
        events=EVENTS,
        groups={"prints": ["print"]},
        period=timedelta(days=1),
    )
    reporter = find_reporter()

    count("command", "add")
    count("command", "add", ok=False)
    record("print", origin="local", seconds=60)
    reporter.turn_group("prints", on=False)
    reporter.flush()

    counts = reporter.export()["counts"]
    assert [(it["name"], it["value"]) for it in counts] == [
        ("count", 2),
        ("error_count", 1),
    ]
    assert reporter.project.period == timedelta(days=1)


@pytest.mark.parametrize("value", ["no_such_package.PROJECT", {"package": 3}])
def test_a_fault_in_the_settings_never_reaches_what_counts(
    settings: Settings, data_dir: Path, value: object
) -> None:
    settings.USAGE_REPORTING_PROJECT = value

    count("command", "add")
    record("print", origin="local")

    assert list(data_dir.iterdir()) == []


def test_a_collector_without_a_field_does_not_stop_reports(
    settings: Settings, tmp_path: Path
) -> None:
    schema = bookshelf.build_schema()
    del schema["properties"]["layout"]
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(tmp_path, schema)

    project = load_project()

    assert {*project.collectors} == {"database", "book_bucket", "has_loans"}
    assert find_faults(project) == []


def test_an_admin_reads_once_that_the_database_is_slow(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mentioned = threading.Event()
    times: list[str] = []

    def collect() -> str:
        # Both queries wait, so both are slow however fast the machine is.
        assert mentioned.wait(60)
        threading.Event().wait(0.1)
        return "grid"

    def on_slow() -> None:
        times.append("slow")
        mentioned.set()

    monkeypatch.setattr(database, "_SLOW_SECONDS", 0.01)
    monkeypatch.setitem(bookshelf.COLLECTORS, "layout", collect)
    monkeypatch.setitem(bookshelf.COLLECTORS, "book_bucket", lambda: len(collect()))
    settings.USAGE_REPORTING_PROJECT = bookshelf.write_setting(
        tmp_path, bookshelf.build_schema()
    )

    find_reporter().preview(on_slow=on_slow)

    assert times == ["slow"]


def test_a_setting_that_cannot_be_used_is_one_sentence(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.USAGE_REPORTING_PROJECT = "no_such_package.PROJECT"

    with pytest.raises(Exception, match="which is not a Project"):
        call_command("usage_reporting", "status")

    assert capsys.readouterr().out == ""
