"""A project's own format decides what a request is, and what its answer means."""

import datetime as dt
import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from paperless_report import (
    Problem,
    Project,
    Reporter,
    ReportFormat,
    ReportingError,
    Request,
    Result,
    Variables,
    Waiting,
    preparation,
)
from paperless_report.report.outgoing import split_events
from paperless_report.wire.answers import Cause
from tests.report.lines import FinalFormat, LinesFormat, open_lines
from tests.report.shelf import CONTRACT, DAY, HOUR, Shelf
from tests.support import sockets
from tests.support.endpoint import Answer
from tests.support.waiting import MOST_SECONDS

WEEK = 7 * DAY
MINUTE = dt.timedelta(minutes=1)


def turn_on(shelf: Shelf, **changes: object) -> Reporter:
    """Return a reporter whose periodic report was sent, so that none is due."""
    reporter = open_lines(shelf, **changes)
    reporter.turn_on(reporter.preview())
    reporter.run(now=True)
    shelf.endpoint.arrived.clear()
    shelf.wait(MINUTE)
    return reporter


def list_lines(shelf: Shelf) -> list[str]:
    """Return the method and the last part of the path of each request."""
    return [
        f"{it.method} {urlsplit(it.path).path.split('/')[-2]}"
        for it in shelf.endpoint.arrived
    ]


class CountsFormat(ReportFormat):
    """Sends counts without facts, three events in a request."""

    accepted = frozenset({200})
    sends_facts_alone = False

    def build_requests(self, waiting: Waiting) -> Iterable[Request]:
        """Write the counts."""
        parts = split_events(
            waiting.counted, most_events=3, most_bytes=1000, size=lambda _: 100
        )
        for part in parts:
            body = json.dumps([it.to_json() for it in part]).encode()
            sums = tuple(sum_ for it in part for sum_ in it.sums)
            yield Request(body=body, sums=sums)


class NothingFormat(LinesFormat):
    """Never has anything to send."""

    def build_requests(self, _: Waiting) -> Iterator[Request]:
        """Write nothing."""
        return iter(())


class BrokenFormat(LinesFormat):
    """Has a bug."""

    def build_requests(self, _: Waiting) -> Iterator[Request]:
        """Fail."""
        raise KeyError("books")


def test_a_request_is_what_the_format_says(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    preview = reporter.preview()
    reporter.turn_on(preview)
    reporter.record("opened", shelf="top left")

    reporter.run(now=True)

    facts, event = shelf.endpoint.arrived
    assert (facts.method, facts.path) == (
        "POST",
        f"/track/{preview.installation_id}/facts/",
    )
    assert facts.body == b"books=1-9"
    assert (event.method, event.body) == ("GET", b"")
    assert event.path == f"/track/{preview.installation_id}/opened/?shelf=top%20left"
    for it in (facts, event):
        assert it.headers["User-Agent"] == "Shelf/1"
        assert "Content-Type" not in it.headers


def test_a_preview_shows_the_requests_that_a_run_then_sends(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a")
    preview = reporter.preview()
    reporter.turn_on(preview)

    reporter.run(now=True)

    url = shelf.endpoint.url
    assert [(it.method, it.url, it.body) for it in preview.requests] == [
        (it.method, f"{url}{it.path}", it.body) for it in shelf.endpoint.arrived
    ]
    for shown, it in zip(preview.requests, shelf.endpoint.arrived, strict=True):
        assert shown.headers.items() <= it.headers.items()
    assert [it.event for it in preview.logged] == ["opened"]
    assert [(it.method, it.url, it.body) for it in reporter.history()] == [
        (it.method, it.url, it.body) for it in preview.requests
    ]


def test_a_logged_event_is_sent_by_the_next_run_and_leaves_the_slot(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf)
    before = reporter.status()
    assert reporter.run().result is Result.NOT_DUE

    reporter.record("opened", shelf="a")
    assert reporter.run().result is Result.SENT

    assert list_lines(shelf) == ["GET opened"]
    assert reporter.read_log() == ()
    after = reporter.status()
    assert (after.last_sent, after.next_due) == (before.last_sent, before.next_due)
    assert after.failures == 0


def test_the_periodic_report_is_sent_once_in_its_slot_whatever_is_logged(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf, period=DAY)

    for _ in range(3 * 4):
        reporter.record("opened")
        reporter.run()
        shelf.wait(6 * HOUR)

    lines = list_lines(shelf)
    assert lines.count("GET opened") == 3 * 4
    assert lines.count("POST facts") in {2, 3}  # the ID decides when a slot begins


def test_a_refused_request_keeps_its_events_and_waits(shelf: Shelf) -> None:
    reporter = turn_on(shelf)
    reporter.record("opened")
    shelf.endpoint.answer = Answer(500)

    outcome = reporter.run()

    assert outcome.result is Result.FAILED
    assert outcome.failure
    assert (outcome.failure.cause, outcome.failure.detail) == (Cause.STATUS, "500")
    assert reporter.run().result is Result.NOT_DUE
    assert len(shelf.endpoint.arrived) == 1
    assert [it.event for it in reporter.read_log()] == ["opened"]
    shelf.wait(2 * HOUR)
    shelf.endpoint.answer = Answer(200)
    assert reporter.run().result is Result.SENT
    assert reporter.read_log() == ()


def test_a_status_that_is_not_accepted_is_a_failure(shelf: Shelf) -> None:
    class CreatedFormat(LinesFormat):
        accepted = frozenset({201})

    reporter = turn_on(shelf, format=CreatedFormat())
    reporter.record("opened")
    shelf.wait(2 * HOUR)

    assert reporter.run().result is Result.FAILED
    shelf.endpoint.answer = Answer(201)
    shelf.wait(5 * HOUR)
    assert reporter.run().result is Result.SENT


def test_where_any_answer_is_final_a_refused_event_is_not_sent_again(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf, format=FinalFormat())
    reporter.record("opened")
    reporter.record("closed")
    shelf.endpoint.answer = Answer(500)

    outcome = reporter.run()

    assert (outcome.result, outcome.requests) == (Result.FAILED, 0)
    assert list_lines(shelf) == ["GET opened", "GET closed"]
    assert reporter.read_log() == ()
    assert (reporter.status().failures, reporter.run().result) == (0, Result.NOT_DUE)


def test_where_any_answer_is_final_a_refused_report_ends_its_slot(shelf: Shelf) -> None:
    reporter = turn_on(shelf, format=FinalFormat())
    shelf.endpoint.answer = Answer(500)
    shelf.wait(WEEK)

    assert reporter.run().result is Result.FAILED
    shelf.wait(HOUR)

    assert reporter.run().result is Result.NOT_DUE
    assert list_lines(shelf) == ["POST facts"]


def test_an_answer_that_is_final_and_asks_to_wait_keeps_the_rest(shelf: Shelf) -> None:
    reporter = turn_on(shelf, format=FinalFormat())
    reporter.record("opened")
    reporter.record("closed")
    shelf.endpoint.answer = Answer(429, headers={"Retry-After": f"{12 * 3600}"})

    assert reporter.run().result is Result.FAILED
    assert [it.event for it in reporter.read_log()] == ["closed"]
    shelf.wait(11 * HOUR)
    assert reporter.run().result is Result.NOT_DUE
    shelf.endpoint.answer = Answer(200)
    shelf.wait(2 * HOUR)
    assert reporter.run().result is Result.SENT
    assert list_lines(shelf) == ["GET opened", "GET closed"]


def test_where_any_answer_is_final_a_broken_connection_keeps_the_events(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf, format=FinalFormat())
    reporter.record("opened")

    def break_connection() -> None:
        raise ConnectionError

    shelf.endpoint.on_arrival = break_connection

    assert reporter.run().result is Result.FAILED
    assert [it.event for it in reporter.read_log()] == ["opened"]


def test_a_request_ends_after_the_formats_own_time(shelf: Shelf) -> None:
    class HastyFormat(LinesFormat):
        timeout_seconds = 0.2

    reporter = turn_on(shelf, format=HastyFormat())
    reporter.record("opened")
    finish = threading.Event()
    shelf.endpoint.on_arrival = lambda: finish.wait(MOST_SECONDS)

    outcome = reporter.run()
    finish.set()

    assert outcome.failure
    # Whichever notices first.
    assert (outcome.failure.cause, outcome.failure.detail) in {
        (Cause.TIMEOUT, "0.2"),
        (Cause.NO_CONNECTION, "ReadTimeout"),
    }
    assert [it.event for it in reporter.read_log()] == ["opened"]


def test_a_format_that_has_nothing_to_send_leaves_no_trace(shelf: Shelf) -> None:
    reporter = open_lines(shelf, format=NothingFormat())
    reporter.turn_on(reporter.preview())

    assert reporter.run(now=True).result is Result.NOT_DUE

    assert (reporter.history(), reporter.status().failures) == ((), 0)
    assert (reporter.preview().requests, reporter.preview().bodies) == ((), ())
    assert not reporter.status().is_busy


def test_a_format_with_a_bug_never_reaches_the_host(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())

    outcome = open_lines(shelf, format=BrokenFormat()).run(now=True)

    assert outcome.problem
    assert outcome.problem.problem is Problem.UNEXPECTED
    assert not reporter.status().is_busy
    assert reporter.run(now=True).result is Result.SENT


def test_a_preview_explains_a_format_with_a_bug(shelf: Shelf) -> None:
    with pytest.raises(ReportingError) as caught:
        open_lines(shelf, format=BrokenFormat()).preview()

    assert caught.value.problem is Problem.UNEXPECTED
    assert caught.value.details == {"reason": "KeyError"}


def test_a_format_is_not_asked_to_write_a_report_that_lacks_a_required_field(
    shelf: Shelf,
) -> None:
    reporter = open_lines(shelf, collectors={})

    preview = reporter.preview()

    assert preview.problem
    assert preview.problem.problem is Problem.FIELDS_MISSING
    assert preview.requests == ()


def test_without_anything_to_send_no_id_is_made_and_nothing_is_collected(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELF_USAGE_REPORTING", "1")
    reporter = shelf.open(
        format=CountsFormat(), collectors={"books": lambda: pytest.fail("collected")}
    )

    with sockets.denied() as attempts:
        assert reporter.run().result is Result.NOT_DUE
        assert reporter.run(now=True).result is Result.NOT_DUE

    assert attempts == []
    assert not shelf.folder.exists()


def test_counts_of_past_days_are_sent_without_facts_and_subtracted(
    shelf: Shelf,
) -> None:
    reporter = shelf.open(format=CountsFormat(), period=DAY)
    reporter.turn_on(reporter.preview())
    for name in ("a", "b", "c", "d"):
        reporter.count("command", name)
    shelf.endpoint.answer = Answer(200)
    assert reporter.run(now=True).result is Result.NOT_DUE
    shelf.wait(2 * DAY)

    outcome = reporter.run()

    assert (outcome.result, outcome.requests) == (Result.SENT, 2)
    bodies = [json.loads(it.body) for it in shelf.endpoint.arrived]
    names = [[it["properties"]["name"] for it in events] for events in bodies]
    assert names == [["a", "b", "c"], ["d"]]
    assert reporter.export()["counts"] == []
    assert reporter.run(now=True).result is Result.NOT_DUE


def test_after_a_failure_halfway_the_rest_is_sent_later_and_nothing_twice(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf)
    for name in ("a", "b", "c"):
        reporter.record("opened", shelf=name)

    def answer_once() -> None:
        if len(shelf.endpoint.arrived) == 2:
            shelf.endpoint.answer = Answer(503)

    shelf.endpoint.on_arrival = answer_once
    outcome = reporter.run()
    shelf.endpoint.on_arrival = lambda: None
    shelf.endpoint.answer = Answer(200)
    shelf.wait(2 * HOUR)
    reporter.run()

    queries = [parse_qs(urlsplit(it.path).query) for it in shelf.endpoint.arrived]
    assert (outcome.result, outcome.requests) == (Result.FAILED, 1)
    assert [it["shelf"] for it in queries] == [["a"], ["b"], ["b"], ["c"]]


def test_a_run_sends_so_many_requests_at_most(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "MOST_REQUESTS", 3)
    reporter = turn_on(shelf)
    for _ in range(5):
        reporter.record("opened")

    assert [reporter.run().requests for _ in range(3)] == [3, 2, 0]


def test_two_runs_are_no_closer_than_the_least_gap(shelf: Shelf) -> None:
    reporter = open_lines(shelf, least_gap=HOUR)
    reporter.turn_on(reporter.preview())
    assert reporter.run(now=True).result is Result.SENT

    for wait in (dt.timedelta(), MINUTE, HOUR - 2 * MINUTE):
        shelf.wait(wait)
        reporter.record("opened")
        outcome = reporter.run(now=True)
        assert outcome.result is Result.NOT_DUE
        assert outcome.next_try
        assert outcome.next_try > shelf.now
    shelf.wait(2 * MINUTE)

    assert reporter.run().result is Result.SENT
    assert list_lines(shelf) == ["POST facts", *3 * ["GET opened"]]


def test_a_failure_waits_for_the_least_gap_too(shelf: Shelf) -> None:
    reporter = open_lines(shelf, least_gap=6 * HOUR)
    reporter.turn_on(reporter.preview())
    shelf.endpoint.answer = Answer(503)
    assert reporter.run(now=True).result is Result.FAILED

    shelf.wait(5 * HOUR)
    assert reporter.run(now=True).result is Result.NOT_DUE
    shelf.wait(2 * HOUR)

    assert reporter.run(now=True).result is Result.FAILED


def test_a_clock_that_is_set_back_keeps_no_run_waiting_for_longer_than_the_gap(
    shelf: Shelf,
) -> None:
    reporter = open_lines(shelf, least_gap=HOUR)
    reporter.turn_on(reporter.preview())
    reporter.run(now=True)

    shelf.wait(-30 * DAY)
    assert reporter.run(now=True).result is Result.NOT_DUE
    shelf.wait(2 * HOUR)

    assert reporter.run(now=True).result is Result.SENT


@pytest.mark.parametrize("end", ["turn_off", "delete", "turn_group"])
def test_what_an_admin_does_between_two_requests_stops_the_second(
    end: str, shelf: Shelf
) -> None:
    reporter = turn_on(shelf)
    reporter.record("closed")
    reporter.record("opened")
    actions: dict[str, Any] = {
        "turn_off": lambda: open_lines(shelf).turn_off(),
        "delete": lambda: open_lines(shelf).delete(),
        "turn_group": lambda: open_lines(shelf).turn_group("openings", on=False),
    }
    shelf.endpoint.on_arrival = actions[end]

    assert reporter.run().result is Result.STOPPED
    assert list_lines(shelf) == ["GET closed"]
    if end == "delete":
        assert list(shelf.folder.iterdir()) == []
    else:
        assert "opened" not in {it.event for it in reporter.read_log()}
        assert reporter.status().failures == 0


def test_an_event_of_a_group_that_is_off_is_neither_stored_nor_sent(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf)
    reporter.record("opened")
    reporter.record("closed")
    reporter.turn_group("openings", on=False)
    reporter.record("opened")

    assert [it.event for it in reporter.read_log()] == ["closed"]
    assert reporter.run().result is Result.SENT
    assert list_lines(shelf) == ["GET closed"]


def test_a_program_sees_each_request_and_cannot_break_it(shelf: Shelf) -> None:
    seen: list[tuple[str, str, bytes]] = []

    def show(method: str, url: str, body: bytes) -> None:
        assert not shelf.endpoint.arrived  # right before
        seen.append((method, url, body))
        raise OSError("standard error is closed")

    project = open_lines(shelf).project
    reporter = Reporter(project, clock=lambda: shelf.now, on_request=show)
    preview = reporter.preview()
    reporter.turn_on(preview)
    assert seen == []

    assert reporter.run(now=True).result is Result.SENT
    assert seen == [(it.method, it.url, it.body) for it in preview.requests]
    shelf.endpoint.arrived.clear()
    reporter.forget()
    assert [(method, url) for method, url, _ in seen[1:]] == [
        ("POST", f"{shelf.endpoint.url}/forget")
    ]


@pytest.mark.parametrize(
    ("path", "configured", "report", "forget"),
    [
        ("", "", "/", "/forget"),
        ("", "/in-here/?key=1", "/in-here/?key=1", "/in-here/forget?key=1"),
        ("/v1/events", "", "/v1/events", "/forget"),
        ("/v1/events", "/v1/events", "/v1/events", "/forget"),
        ("/v1/events", "/a/v1/events/?b=c", "/a/v1/events?b=c", "/a/forget?b=c"),
        ("/submit", "/submit/", "/submit", "/forget"),
        ("/submit", "/report", "/report/submit", "/report/forget"),
        (None, "/report", "/report", "/forget"),
        (None, "/report?b=c", "/report?b=c", "/forget?b=c"),
    ],
)
def test_a_configured_address_may_end_with_the_path_or_leave_it_out(
    path: str | None, configured: str, report: str, forget: str, shelf: Shelf
) -> None:
    reporter = shelf.open(path=path, endpoint=f"{shelf.endpoint.url}{configured}")
    reporter.turn_on(reporter.preview())

    reporter.run(now=True)
    reporter.forget()

    assert [it.path for it in shelf.endpoint.arrived] == [report, forget]


def test_the_query_of_a_request_follows_that_of_the_address(shelf: Shelf) -> None:
    address = f"{shelf.endpoint.url}/track/{{id}}/{{event}}/?key=1"
    reporter = turn_on(shelf, endpoint=address)
    reporter.record("opened", shelf="a")

    reporter.run()

    (arrived,) = shelf.endpoint.arrived
    assert arrived.path.endswith("/opened/?key=1&shelf=a")
    assert arrived.path.startswith("/track/")


def name_variables(shelf: Shelf) -> Reporter:
    """Return a reporter of a project with names of its own."""
    names = Variables(
        switch="SHELF_TELEMETRY",
        endpoint="SHELF_URL",
        data_dir="SHELF_DATA",
        off=("NO_SHELF", "CI"),
        other_endpoints=("OLD_SHELF_URL",),
    )
    return shelf.open(prefix="", variable_names=names)


def test_a_variable_that_turns_off_wins_over_the_one_that_decides(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = name_variables(shelf)
    monkeypatch.setenv("SHELF_TELEMETRY", "1")
    monkeypatch.delenv("CI", raising=False)
    assert reporter.status().decision.variable == "SHELF_TELEMETRY"
    assert reporter.status().decision.state.name == "ON"

    monkeypatch.setenv("CI", "0")  # any value but an empty one

    decision = reporter.status().decision
    assert (decision.state.name, decision.variable) == ("OFF", "CI")
    assert reporter.run(now=True).result is Result.NOT_ON
    monkeypatch.setenv("CI", "")
    assert reporter.status().decision.state.name == "ON"


def test_the_address_has_several_names(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = name_variables(shelf)
    monkeypatch.setenv("OLD_SHELF_URL", "https://old.example")
    assert reporter.status().url == "https://old.example/report"

    monkeypatch.setenv("SHELF_URL", "https://new.example")

    assert reporter.status().url == "https://new.example/report"


def test_a_project_that_is_not_enabled_does_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELF_USAGE_REPORTING", "1")
    reporter = shelf.open(enabled=False, default="on after notice")
    reporter.count("search")

    assert reporter.run(now=True).result is Result.NOT_ON
    with pytest.raises(Exception, match="TURNED_OFF_BY_PACKAGER"):
        reporter.turn_on()
    assert reporter.turn_off() is None
    assert not shelf.folder.exists()


def test_a_project_that_is_not_enabled_leaves_another_programs_state_alone(
    shelf: Shelf,
) -> None:
    owner = shelf.open(default="on after notice")
    owner.turn_on()
    removed = owner.turn_off()
    shelf.endpoint.answer = Answer(500)
    assert owner.forget(removed).kept == (removed,)
    shelf.endpoint.arrived.clear()
    shelf.wait(DAY)

    with sockets.denied() as attempts:
        shelf.open(enabled=False).run()

    assert attempts == []


def test_a_project_that_is_not_enabled_does_not_turn_another_program_off(
    shelf: Shelf,
) -> None:
    owner = shelf.open()
    owner.turn_on()
    before = owner.export()

    assert shelf.open(enabled=False).turn_off() is None

    assert owner.export() == before


def test_a_project_that_is_not_enabled_never_shows_another_programs_notice(
    shelf: Shelf,
) -> None:
    shelf.open(enabled=False, default="on after notice").mark_notice_shown()

    assert not shelf.folder.exists()
    assert shelf.open(default="on after notice").status().decision.awaits_notice


def test_a_preview_without_an_id_has_null_and_saves_a_new_one(shelf: Shelf) -> None:
    reporter = shelf.open(shows_null_id=True)

    preview = reporter.preview()

    assert preview.installation_id is None
    assert json.loads(preview.bodies[0]) == {"id": None, "books": "1-9"}
    assert (preview.problem, preview.identity_is_new) == (None, True)
    reporter.turn_on(preview)
    known = reporter.status().installation_id
    assert known
    assert json.loads(reporter.preview().bodies[0])["id"] == known


def test_a_nested_id_is_null_too(shelf: Shelf) -> None:
    identifier = CONTRACT["properties"]["id"]
    contract = {
        **CONTRACT,
        "x-installation-id": "installation.id",
        "required": ["installation", "books"],
        "properties": {
            "installation": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": identifier},
            },
            "books": CONTRACT["properties"]["books"],
        },
    }

    preview = shelf.open(contract=contract, shows_null_id=True).preview()

    assert json.loads(preview.bodies[0])["installation"] == {"id": None}


class AskingFormat(LinesFormat):
    """Keeps what it was given."""

    given: ClassVar[list[Waiting]] = []

    def build_requests(self, waiting: Waiting) -> Iterator[Request]:
        """Keep what there is."""
        self.given.append(waiting)
        return super().build_requests(waiting)


def test_a_format_gets_all_that_waits_and_which_groups_are_off(shelf: Shelf) -> None:
    reporter = turn_on(shelf, format=AskingFormat(), groups={"searches": ["search"]})
    reporter.count("search")
    reporter.count("command", "add")
    reporter.turn_group("searches", on=False)
    reporter.flush()
    shelf.wait(DAY)
    reporter.record("opened", shelf="a", nope=1)
    AskingFormat.given.clear()

    reporter.run()

    (waiting,) = AskingFormat.given
    assert waiting.installation_id == reporter.status().installation_id
    assert waiting.report == {"id": waiting.installation_id, "books": "1-9"}
    assert [(it.event, it.properties) for it in waiting.counted] == [
        ("command", {"name": "add", "count": 1})
    ]
    assert [(it.at, it.event, it.properties) for it in waiting.logged] == [
        (shelf.now, "opened", {"shelf": "a"})
    ]
    assert waiting.events_off == frozenset({"search"})
    assert waiting.now == shelf.now


def test_a_declaration_needs_no_format(shelf: Shelf) -> None:
    project: Project = shelf.open().project

    assert (project.format, project.logged, project.report_path) == (
        None,
        (),
        "/report",
    )
