"""A Reporter shows what it would send, and obeys what the admin chose."""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from paperless_report import (
    Problem,
    Reporter,
    ReportingError,
    Result,
    Source,
    State,
)
from paperless_report.contract.growth import Kind
from paperless_report.state import history
from tests.report.shelf import DAY, EVENTS, GROWN, SWITCH, Shelf
from tests.support import sockets


def test_using_a_project_names_all_of_its_faults(shelf: Shelf) -> None:
    reporter = shelf.open(name="", kind="a/b", contract={"type": "object"})

    with pytest.raises(ReportingError) as caught:
        reporter.status()

    faults = caught.value.details["faults"]
    assert [it.partition(" ")[0] for it in faults] == ["name", "kind", "contract"]  # type: ignore[attr-defined]


def test_nothing_is_written_before_there_is_something_to_keep(shelf: Shelf) -> None:
    reporter = shelf.open()

    reporter.status()
    reporter.preview()
    reporter.run()
    reporter.history()
    reporter.export()

    assert not shelf.folder.exists()


def test_what_is_counted_before_consent_is_in_the_first_report(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.count("command", "add")
    reporter.count("command", "add", ok=False)
    reporter.flush()
    shelf.wait(DAY)

    reporter.turn_on(reporter.preview())
    reporter.run(now=True)

    (report,) = shelf.reports
    assert report["events"] == [
        {
            "event": "command",
            "day": "2026-06-01",
            "properties": {"name": "add", "count": 2, "error_count": 1},
        }
    ]


def test_the_bytes_that_are_shown_are_the_bytes_that_are_sent(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.count("search")
    reporter.flush()
    shelf.wait(DAY)
    preview = reporter.preview()

    reporter.turn_on(preview)
    reporter.run(now=True)

    assert preview.bodies == tuple(it.body for it in shelf.endpoint.arrived)
    assert [it.body for it in reporter.history()] == list(preview.bodies)
    assert preview.url == f"{shelf.endpoint.url}/report"


def test_turning_on_stores_the_id_that_was_shown(shelf: Shelf) -> None:
    reporter = shelf.open()
    preview = reporter.preview()
    assert preview.identity_is_new

    reporter.turn_on(preview)

    assert reporter.status().installation_id == preview.installation_id
    assert not reporter.preview().identity_is_new


def test_turning_on_again_keeps_the_id_and_the_schedule(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    before = reporter.status()
    shelf.wait(DAY)

    reporter.turn_on(reporter.preview())

    assert reporter.status() == before


def test_turning_off_deletes_the_id_and_what_waits(shelf: Shelf) -> None:
    reporter, other = shelf.open(), shelf.open()
    reporter.turn_on()
    reporter.count("search")
    reporter.flush()
    other.count("search")
    installation_id = reporter.status().installation_id
    shelf.wait(DAY)

    assert reporter.turn_off() == installation_id
    other.flush()
    reporter.count("search")
    reporter.flush()

    status = reporter.status()
    assert (status.decision.state, status.installation_id) == (State.OFF, None)
    assert reporter.export()["counts"] == []


def replace_the_id_file_by_a_folder(shelf: Shelf, _: pytest.MonkeyPatch) -> None:
    (shelf.folder / "usage_uuid").unlink()
    (shelf.folder / "usage_uuid").mkdir()


def fail_after_the_id_is_deleted(_: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr(history, "unlink", fail)


@pytest.mark.parametrize(
    "obstruct", [replace_the_id_file_by_a_folder, fail_after_the_id_is_deleted]
)
def test_reporting_is_off_even_if_the_id_cannot_be_deleted(
    obstruct: Callable[[Shelf, pytest.MonkeyPatch], None],
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf.folder.mkdir()
    reporter = shelf.open(identity_file=True)
    reporter.turn_on()
    obstruct(shelf, monkeypatch)

    with pytest.raises(ReportingError):
        reporter.turn_off()

    assert reporter.run(now=True).result is Result.NOT_ON


@pytest.mark.parametrize("variable", [SWITCH, "DO_NOT_TRACK"])
def test_a_variable_that_turns_reporting_off_leaves_what_is_stored(
    variable: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    reporter.count("search")
    reporter.flush()
    before = reporter.export()

    monkeypatch.setenv(variable, "1" if variable == "DO_NOT_TRACK" else "off")
    reporter.count("search")
    reporter.flush()

    assert reporter.status().decision.overrides_stored
    assert reporter.run(now=True).result is Result.NOT_ON
    assert reporter.export() == before


def test_the_default_on_counts_once_the_notice_was_shown(shelf: Shelf) -> None:
    reporter = shelf.open(default="on after notice")
    assert reporter.status().decision.state is State.UNDECIDED

    reporter.mark_notice_shown()

    decision = reporter.status().decision
    assert (decision.state, decision.source) == (State.ON, Source.DEFAULT)
    assert reporter.run(now=True).result is Result.SENT


def by_admin(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    reporter = shelf.open()
    reporter.turn_on(reporter.preview())
    return reporter


def by_variable(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Reporter:
    monkeypatch.setenv(SWITCH, "on")
    return shelf.open()


@pytest.mark.parametrize("consent", [by_admin, by_variable])
def test_nothing_more_is_sent_until_someone_agrees(
    consent: Callable[[Shelf, pytest.MonkeyPatch], Reporter],
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert consent(shelf, monkeypatch).run(now=True).result is Result.SENT
    newer = shelf.open(contract=GROWN)

    outcome = newer.run(now=True)

    assert outcome.result is Result.NEEDS_CONSENT
    assert [(it.kind, it.name) for it in outcome.growth] == [(Kind.NEW_FIELD, "python")]
    assert newer.status().growth == outcome.growth
    newer.turn_on(newer.preview())
    assert newer.run(now=True).result is Result.SENT
    assert "python" in shelf.reports[-1]


@pytest.mark.parametrize("accepted", ["", "{", "5", '{"facts": 5, "events": {}}'])
def test_a_damaged_consent_is_a_problem_and_no_consent(
    accepted: str, shelf: Shelf
) -> None:
    reporter = shelf.open()
    reporter.turn_on(reporter.preview())
    file = shelf.folder / "usage_reporting.sqlite3"
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE choice SET accepted = ?", (accepted,))

    outcome = reporter.run(now=True)

    assert outcome.problem
    assert outcome.problem.problem is Problem.STATE_DAMAGED
    assert shelf.endpoint.arrived == []


def test_a_contract_that_sends_less_needs_no_consent(shelf: Shelf) -> None:
    older = shelf.open(contract=GROWN)
    older.turn_on(older.preview())

    assert shelf.open().run(now=True).result is Result.SENT


def test_a_group_that_is_off_is_neither_kept_nor_sent(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    reporter.count("search")
    reporter.flush()

    reporter.turn_group("searches", on=False)
    reporter.count("search")
    reporter.count("command", "add")
    reporter.flush()

    assert reporter.status().groups == {"searches": False}
    assert {it["event"] for it in reporter.export()["counts"]} == {"command"}


@pytest.mark.parametrize(
    "groups", [{}, {"lookups": ["search"]}, {"searches": ["command"]}]
)
def test_an_event_that_leaves_a_group_that_is_off_needs_consent(
    shelf: Shelf, groups: dict[str, list[str]]
) -> None:
    reporter = shelf.open()
    reporter.turn_on(reporter.preview())
    reporter.turn_group("searches", on=False)
    assert reporter.growth() == ()

    newer = shelf.open(groups=groups)
    (event, _) = newer.growth()
    assert (event.kind, event.event) == (Kind.NEW_EVENT, "search")
    assert newer.run(now=True).result is Result.NEEDS_CONSENT

    newer.turn_on(newer.preview())
    assert newer.run(now=True).result is Result.SENT


def test_to_turn_a_group_on_is_consent_to_its_events(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_group("searches", on=False)
    reporter.turn_on(reporter.preview())
    due = reporter.status().next_due
    shelf.wait(DAY)

    reporter.turn_group("searches", on=True)

    assert reporter.growth() == ()
    assert reporter.status().next_due == due


def test_to_turn_a_group_on_that_is_on_is_no_consent_to_more_of_it(
    shelf: Shelf,
) -> None:
    shelf.open().turn_on()
    reporter = shelf.open(events={**EVENTS, "search": EVENTS["command"]})

    reporter.turn_group("searches", on=True)

    assert {it.event for it in reporter.growth()} == {"search"}


def test_more_of_a_group_that_is_off_needs_no_consent(shelf: Shelf) -> None:
    older = shelf.open()
    older.turn_on(older.preview())
    older.turn_group("searches", on=False)
    grown = {**EVENTS, "search": EVENTS["command"], "lookup": EVENTS["command"]}

    newer = shelf.open(events=grown, groups={"searches": ["search", "lookup"]})

    assert newer.growth() == ()
    newer.turn_group("searches", on=True)
    assert newer.growth() == ()


def test_an_unknown_group_is_refused(shelf: Shelf) -> None:
    with pytest.raises(ReportingError) as caught:
        shelf.open().turn_group("nope", on=False)

    assert caught.value.problem is Problem.UNKNOWN_GROUP


def test_the_packager_decides_for_good(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "packaged_shelf"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "build_info.py").write_text("REPORTING = False\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(SWITCH, "on")
    reporter = shelf.open(package="packaged_shelf")

    with pytest.raises(ReportingError) as caught:
        reporter.turn_on()
    reporter.count("search")
    reporter.flush()

    assert caught.value.problem is Problem.TURNED_OFF_BY_PACKAGER
    assert reporter.status().decision.source is Source.PACKAGER
    assert reporter.run(now=True).result is Result.NOT_ON
    assert not shelf.folder.exists()


def test_export_is_json_that_holds_what_is_stored(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    reporter.run(now=True)
    reporter.count("search")

    export = json.loads(json.dumps(reporter.export()))

    assert export["on"] is True
    assert export["installation_id"] in export["history"][0]["body"]
    assert export["history"][0]["answer"] == "204"
    assert [it["value"] for it in export["counts"]] == [1]
    assert set(export["accepted"]["events"]) == {"command", "search"}
    report = export["sending"]["report"]
    assert export["accepted_at"] == export["at"] == report["last_sent"]
    assert (export["notice_shown"], report["failures"]) == (False, 0)


@pytest.mark.parametrize("identity_file", [False, True])
def test_delete_removes_everything_without_a_socket(
    *, identity_file: bool, shelf: Shelf
) -> None:
    shelf.folder.mkdir()
    reporter = shelf.open(identity_file=identity_file)
    reporter.turn_on()
    reporter.run(now=True)
    reporter.count("search")

    with sockets.denied():
        names = reporter.delete()
    reporter.flush()

    assert set(names) == {
        "usage_reporting.sqlite3",
        *(["usage_uuid"] if identity_file else []),
    }
    assert list(shelf.folder.iterdir()) == []
    assert reporter.status().decision.state is State.UNDECIDED


def test_with_an_id_file_the_database_holds_no_id(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    reporter = shelf.open(identity_file=True)
    reporter.turn_on()
    reporter.run(now=True)
    installation_id = (shelf.folder / "usage_uuid").read_text().strip()

    assert shelf.reports[0]["id"] == installation_id
    content = (shelf.folder / "usage_reporting.sqlite3").read_bytes()
    assert installation_id.encode() not in content
    assert installation_id.encode() in reporter.history()[0].body
