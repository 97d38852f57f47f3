"""Logged events keep their time, obey consent, and are bounded in number and age."""

import datetime as dt
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from paperless_report import (
    Problem,
    Reporter,
    ReportingError,
    Request,
    Result,
    Waiting,
)
from paperless_report.counting import entries
from paperless_report.state import log
from paperless_report.state.database import FILE, MIGRATIONS
from tests.report.lines import LOGGED, LOGGED_EVENTS, LinesFormat, open_lines
from tests.report.shelf import DAY, EVENTS, HOUR, NOON, SWITCH, Shelf, number, text
from tests.support.waiting import MOST_SECONDS

ROOT = Path(__file__).parents[2]
MONTH = 30 * DAY
MIXED: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["fresh", "again"]},
        "targets": {"type": "array", "items": text("^[a-z]+$", 10), "maxItems": 3},
        "works": {"type": "boolean"},
        "rate": {"type": "integer", "enum": [9600, 115200]},
        "seconds": number(),
        "count": number(),
    },
}


def keep_log(shelf: Shelf, **changes: object) -> Reporter:
    """Return a reporter of a project that sends no logged event."""
    attributes: dict[str, Any] = {"format": None, "path": None, "keeps_log": True}
    return open_lines(shelf, **{**attributes, **changes})


def list_names(reporter: Reporter, *arguments: Any, **options: Any) -> list[str]:  # noqa: ANN401  # as read_log
    return [it.event for it in reporter.read_log(*arguments, **options)]


def test_an_event_keeps_its_time_and_what_the_contract_names(shelf: Shelf) -> None:
    events = {**LOGGED_EVENTS, "opened": MIXED}
    reporter = open_lines(shelf, events=events)

    reporter.record(
        "opened",
        kind="fresh",
        targets=["b", "a", "B"],
        works=True,
        rate=9600,
        seconds=7,
        file="/home/secret",
    )
    shelf.wait(HOUR)
    reporter.count("opened", kind="again", works=1)
    reporter.record("opened", kind="unknown")
    reporter.record("nope", kind="fresh")
    reporter.record("closed")

    assert [(it.at, it.event, it.properties) for it in reporter.read_log()] == [
        (
            *(NOON, "opened"),
            {
                "kind": "fresh",
                "targets": ["a", "b"],
                "works": True,
                "rate": 9600,
                "seconds": 7,
                "count": 1,
            },
        ),
        (NOON + HOUR, "opened", {"kind": "again", "count": 1}),
        (NOON + HOUR, "closed", {}),
    ]
    assert reporter.export()["counts"] == []


def test_an_event_that_is_not_logged_is_added_up_as_before(shelf: Shelf) -> None:
    reporter = open_lines(shelf)

    reporter.count("search")
    reporter.record("opened")

    assert [it["event"] for it in reporter.export()["counts"]] == ["search"]
    assert list_names(reporter) == ["opened"]


def test_the_log_can_be_read_by_event_and_time(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    for name in ("opened", "closed", "opened"):
        reporter.record(name)
        shelf.wait(HOUR)

    assert list_names(reporter) == ["opened", "closed", "opened"]
    assert list_names(reporter, "opened") == ["opened", "opened"]
    assert list_names(reporter, since=NOON + HOUR) == ["closed", "opened"]
    assert list_names(reporter, until=NOON + HOUR) == ["opened"]
    span = {"since": NOON + HOUR, "until": NOON + 2 * HOUR}
    assert list_names(reporter, "closed", **span) == ["closed"]
    assert list_names(reporter, "opened", **span) == []


def test_a_logged_event_ages_even_if_nothing_is_recorded_after_it(shelf: Shelf) -> None:
    reporter = open_lines(shelf, log_for=10 * HOUR)
    reporter.turn_on(reporter.preview())
    reporter.record("opened")
    reporter.flush()

    shelf.wait(10 * HOUR)
    assert (list_names(reporter), reporter.status().logged) == (["opened"], 1)
    shelf.wait(HOUR)

    assert (list_names(reporter), reporter.status().logged) == ([], 0)
    assert reporter.preview().logged == ()
    reporter.run()
    assert reporter.export()["log"] == []
    assert not any("opened" in it.path for it in shelf.endpoint.arrived)


def test_a_clock_that_was_wrong_for_a_while_leaves_nothing_for_ever(
    shelf: Shelf,
) -> None:
    reporter = open_lines(shelf)
    shelf.wait(3650 * DAY)
    reporter.record("opened")
    reporter.flush()

    shelf.wait(-3650 * DAY)
    reporter.record("closed")

    assert list_names(reporter) == ["closed"]
    assert [it["event"] for it in reporter.export()["log"]] == ["closed"]


def test_the_newest_of_each_event_are_kept(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_ROWS", 3)
    reporter = open_lines(shelf)
    reporter.record("closed")
    for letter in "abcde":
        shelf.wait(HOUR)
        reporter.record("opened", shelf=letter)

    assert [(it.event, it.properties) for it in reporter.read_log()] == [
        ("closed", {}),
        *(("opened", {"shelf": it}) for it in "cde"),
    ]


def test_memory_is_bounded_while_nothing_can_be_written(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 3)
    reporter = open_lines(shelf)
    for letter in "abcde":
        reporter.record("opened", shelf=letter)

    assert [it.properties["shelf"] for it in reporter.read_log()] == list("cde")


def test_a_disk_that_is_full_for_a_while_loses_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = open_lines(shelf)
    with monkeypatch.context() as patch:
        patch.setattr(log, "add", lambda *_: (_ for _ in ()).throw(OSError(28)))
        reporter.record("opened", shelf="a")
        reporter.count("search")
        reporter.flush()
    reporter.record("opened", shelf="b")

    assert [it.properties["shelf"] for it in reporter.read_log()] == ["a", "b"]
    assert len(reporter.export()["counts"]) == 1


def test_events_are_logged_before_consent_and_sent_after_it(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a")
    assert reporter.run().result is Result.NOT_ON
    preview = reporter.preview()

    reporter.turn_on(preview)
    reporter.run(now=True)

    assert [it.properties for it in preview.logged] == [{"shelf": "a"}]
    assert shelf.endpoint.arrived[-1].path.endswith("/opened/?shelf=a")


def turn_off_by_choice(reporter: Reporter, _: pytest.MonkeyPatch) -> None:
    reporter.turn_off()


def turn_off_by_variable(_: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")


def do_not_track(_: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", "1")


ALL_ENDS = [turn_off_by_choice, turn_off_by_variable, do_not_track]


@pytest.mark.parametrize("end", ALL_ENDS)
def test_nothing_is_logged_while_reporting_is_off(
    end: Any,  # noqa: ANN401  # a function
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reporter, other = open_lines(shelf), open_lines(shelf)
    other.record("closed")  # in the memory of a process that runs
    end(reporter, monkeypatch)

    reporter.record("opened")
    reporter.flush()
    other.flush()

    assert list_names(reporter) == []


@pytest.mark.parametrize("end", ALL_ENDS[1:])
def test_where_a_variable_turns_reporting_off_no_file_is_made(
    end: Any,  # noqa: ANN401  # a function
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reporter = keep_log(shelf)
    end(reporter, monkeypatch)

    reporter.record("opened")
    reporter.flush()

    assert not shelf.folder.exists()


def test_a_kept_log_survives_off_and_records_on(shelf: Shelf) -> None:
    reporter = keep_log(shelf)
    reporter.turn_on(reporter.preview())
    reporter.record("opened")  # still in memory
    reporter.count("search")

    reporter.turn_off()
    reporter.record("closed")
    reporter.count("search")

    assert list_names(reporter) == ["opened", "closed"]
    assert reporter.export()["counts"] == []


def test_a_kept_log_records_nothing_while_a_variable_decides(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = keep_log(shelf)
    reporter.record("opened")
    reporter.turn_off()
    monkeypatch.setenv(SWITCH, "0")

    reporter.record("closed")

    assert list_names(reporter) == ["opened"]


def test_a_kept_log_is_never_sent_and_needs_no_consent(shelf: Shelf) -> None:
    reporter = keep_log(shelf)
    reporter.turn_on(reporter.preview())
    reporter.record("opened")

    assert reporter.run(now=True).result is Result.SENT

    assert b"opened" not in shelf.endpoint.arrived[0].body
    assert list_names(reporter) == ["opened"]
    more = {**LOGGED_EVENTS, "lent": LOGGED_EVENTS["opened"]}
    assert keep_log(shelf, events=more, logged=[*LOGGED, "lent"]).growth() == ()
    assert "opened" not in reporter.preview().contract["events"]


def test_a_kept_log_makes_no_run_due(shelf: Shelf) -> None:
    reporter = keep_log(shelf)
    reporter.turn_on(reporter.preview())
    reporter.run(now=True)
    reporter.record("opened")

    assert reporter.run().result is Result.NOT_DUE


def test_delete_deletes_the_log_also_a_kept_one(shelf: Shelf) -> None:
    for open_reporter in (open_lines, keep_log):
        reporter = open_reporter(shelf)
        reporter.record("opened")
        reporter.flush()
        reporter.record("closed")

        reporter.delete()

        assert list_names(reporter) == []
        assert list(shelf.folder.iterdir()) == []


def test_to_log_an_event_that_was_counted_needs_consent(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())

    grown = open_lines(shelf, logged=[*LOGGED, "search"])

    assert [(it.event, it.title) for it in grown.growth()] == [("search", "Time")]
    assert grown.run(now=True).result is Result.NEEDS_CONSENT
    assert open_lines(shelf, logged=LOGGED[:1], events=EVENTS).project.logged


def test_what_an_older_version_logged_is_sent_only_as_the_contract_has_it_now(
    shelf: Shelf,
) -> None:
    wide = {**LOGGED_EVENTS, "opened": MIXED}
    older = open_lines(shelf, events=wide)
    older.record("opened", kind="fresh", seconds=7)
    older.record("opened", kind="again")
    older.record("closed")
    older.flush()
    narrow = {
        **MIXED,
        "properties": {"kind": {"type": "string", "enum": ["fresh"]}},
    }

    newer = open_lines(
        shelf,
        events={**EVENTS, "opened": narrow},
        logged=["opened"],
        groups={},
    )

    assert [(it.event, it.properties) for it in newer.read_log()] == [
        ("opened", {"kind": "fresh"})
    ]


def test_the_export_and_the_status_name_the_log(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a")

    exported = reporter.export()

    assert exported["log"] == [
        {"at": "2026-06-01T12:00:00Z", "event": "opened", "properties": {"shelf": "a"}}
    ]
    assert json.loads(json.dumps(exported)) == exported
    assert reporter.status().logged == 1


def test_status_says_since_when_reporting_is_on(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = open_lines(shelf)
    assert reporter.status().turned_on is None
    reporter.turn_on(reporter.preview())
    shelf.wait(DAY)
    grown = open_lines(shelf, logged=[*LOGGED, "search"])
    grown.turn_on(grown.preview())  # agrees to more, and is not a new start

    assert grown.status().turned_on == NOON
    grown.turn_off()
    assert grown.status().turned_on is None
    grown.turn_on()
    assert grown.status().turned_on == NOON + DAY
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    assert grown.status().turned_on is None


def test_reporting_is_on_since_the_first_run_if_the_clock_was_ahead(
    shelf: Shelf,
) -> None:
    reporter = open_lines(shelf)
    shelf.wait(2 * DAY)
    reporter.turn_on()
    shelf.wait(-2 * DAY)
    reporter.run()

    shelf.wait(5 * DAY)

    assert reporter.status().turned_on == NOON


PROGRAM = """
import os, sys
from pathlib import Path
from tests.report.lines import LOGGED, LOGGED_EVENTS
from tests.report.shelf import CONTRACT
from paperless_report import Project, Reporter
project = Project(
    name="Shelf", page="https://shelf.example/reports", prefix="SHELF",
    data_dir=Path(sys.argv[1]), contract=CONTRACT, events=LOGGED_EVENTS, logged=LOGGED,
    keeps_log=True,
)
reporter = Reporter(project)
for _ in range(int(sys.argv[3])):
    reporter.record("opened", shelf=sys.argv[2])
"""


def test_processes_at_once_log_every_event_once(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    processes = [
        subprocess.Popen(
            (sys.executable, "-c", PROGRAM, shelf.folder, letter, "50"), cwd=ROOT
        )
        for letter in "abc"
    ]
    assert [it.wait(MOST_SECONDS) for it in processes] == [0, 0, 0]

    shelf.now = dt.datetime.now(dt.UTC)
    shelves = [it.properties["shelf"] for it in keep_log(shelf).read_log()]

    assert sorted(shelves) == sorted("abc" * 50)


def test_a_killed_process_has_logged_what_it_flushed(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    code = f"{PROGRAM}\nreporter.flush()\nos.kill(os.getpid(), 9)"
    done = subprocess.run(
        (sys.executable, "-c", code, shelf.folder, "a", "5"), cwd=ROOT, check=False
    )

    shelf.now = dt.datetime.now(dt.UTC)
    assert done.returncode == -9
    assert len(keep_log(shelf).read_log()) == 5


class KilledError(BaseException):
    """Stands for the end of a process."""


@pytest.mark.parametrize("place", ["before the answer", "while it is stored"])
def test_after_a_crash_an_event_is_sent_again_only_after_a_wait(
    place: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may arrive twice: nothing can know whether it arrived."""
    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())
    reporter.run(now=True)
    shelf.endpoint.arrived.clear()
    reporter.record("opened")

    def die(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        if place == "while it is stored":
            patch.setattr(log, "subtract", die)
        else:
            patch.setattr("paperless_report.wire.delivery.send", lambda *_, **__: die())
        patch.setattr("paperless_report.state.sending.release", die)
        with pytest.raises(KilledError):
            reporter.run()
    seen = len(shelf.endpoint.arrived)

    assert reporter.run().result is not Result.SENT
    assert list_names(reporter) == ["opened"]
    shelf.wait(2 * HOUR)
    assert reporter.run().result is Result.SENT
    assert len(shelf.endpoint.arrived) == seen + 1
    assert list_names(reporter) == []


def test_an_event_with_the_number_of_a_deleted_one_is_not_deleted_with_it(
    shelf: Shelf,
) -> None:
    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())
    reporter.run(now=True)
    reporter.record("opened")

    def replace_event() -> None:
        other = open_lines(shelf)
        other.turn_group("openings", on=False)
        other.turn_group("openings", on=True)
        shelf.wait(HOUR)
        other.record("opened")
        other.flush()

    shelf.endpoint.on_arrival = replace_event
    reporter.run()

    assert [it.at for it in reporter.read_log()] == [NOON + HOUR]


@pytest.mark.parametrize("is_on_again", [False, True])
def test_turning_a_group_off_during_a_run_keeps_its_events_from_being_sent(
    shelf: Shelf, *, is_on_again: bool
) -> None:
    def turn_off() -> int:
        open_lines(shelf).turn_group("openings", on=False)
        if is_on_again:
            open_lines(shelf).turn_group("openings", on=True)
        return 7

    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())
    reporter.record("opened")
    reporter.flush()

    outcome = open_lines(shelf, collectors={"books": turn_off}).run(now=True)

    assert outcome.result is Result.STOPPED
    assert not any("opened" in it.path for it in shelf.endpoint.arrived)


def test_events_are_sent_although_new_ones_took_the_place_of_the_oldest(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_ROWS", 2)

    class OneRequest(LinesFormat):
        def build_requests(self, waiting: Waiting) -> Iterator[Request]:
            yield Request(path="/track/all", body=b"", logged=tuple(waiting.logged))

    def record() -> int:
        reporter.record("opened")
        reporter.flush()
        return 7

    reporter = open_lines(shelf, format=OneRequest())
    reporter.turn_on(reporter.preview())
    record()
    record()

    changes = {"format": OneRequest(), "collectors": {"books": record}}
    assert open_lines(shelf, **changes).run(now=True).result is Result.SENT


def make_first_version(path: Path) -> None:
    """Write a file as the first version of the tables has it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO groups_off VALUES ('openings')")
        connection.execute(
            "INSERT INTO history (at, url, body) VALUES (?, 'https://a.b', '{}')",
            (NOON.timestamp(),),
        )
        connection.commit()


@pytest.mark.parametrize("first", ["read_log", "status", "export", "record"])
def test_a_file_of_an_older_version_is_brought_up_to_date(
    first: str, shelf: Shelf
) -> None:
    shelf.folder.mkdir()
    make_first_version(shelf.folder / FILE)
    reporter = open_lines(shelf)

    if first == "record":
        reporter.record("closed")
        reporter.flush()
    else:
        getattr(reporter, first)()

    assert list_names(reporter) == (["closed"] if first == "record" else [])
    assert reporter.status().groups == {"openings": False}
    assert [(it.url, it.method) for it in reporter.history()] == [
        ("https://a.b", "POST")
    ]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE log SET properties = 'x'",
        "UPDATE log SET properties = '[1]'",
        "UPDATE log SET at = 1e300",
        "UPDATE log SET event = x'00'",
        "DROP TABLE log",
    ],
)
def test_a_damaged_log_is_an_error_with_a_code(damage: str, shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened")
    reporter.flush()
    with closing(sqlite3.connect(shelf.folder / FILE)) as connection:
        connection.execute(damage)
        connection.commit()

    with pytest.raises(ReportingError) as caught:
        reporter.read_log()

    assert caught.value.problem is Problem.STATE_DAMAGED
    outcome = open_lines(shelf, format=LinesFormat()).run()
    assert outcome.result in {Result.NOT_ON, Result.FAILED}


def test_what_others_added_before_is_not_too_much_for_a_new_event(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_ROWS", 2)
    reporter = open_lines(shelf)
    for name in ("opened", "closed", "opened", "opened", "closed"):
        shelf.wait(HOUR)
        reporter.record(name)
        reporter.flush()

    assert list_names(reporter) == ["closed", "opened", "opened", "closed"]


def test_the_status_counts_what_happened_a_moment_ago(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened")

    assert reporter.status().logged == 1


def test_the_status_reads_no_event_of_the_log(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = keep_log(shelf)
    reporter.record("opened")
    reporter.flush()
    monkeypatch.delattr(log, "list_entries")

    assert reporter.status().logged == 1


def test_an_event_is_in_the_span_that_begins_with_its_own_time(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    for microseconds in range(0, 1000, 7):
        shelf.now = NOON + dt.timedelta(microseconds=microseconds)
        reporter.record("opened")

    for entry in reporter.read_log():
        assert entry in reporter.read_log(since=entry.at)
        assert entry not in reporter.read_log(until=entry.at)
