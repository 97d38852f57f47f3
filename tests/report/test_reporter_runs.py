"""A run sends one report when it is due, loses nothing, and bothers nobody."""

import asyncio
import contextlib
import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable

import pytest

from paperless_report import Outcome, Problem, Reporter, Result
from paperless_report.contract import Value
from paperless_report.state import history, sending
from paperless_report.wire import delivery
from paperless_report.wire.answers import Cause, Failure
from tests.report.shelf import DAY, GROWN, HOUR, SWITCH, WEEKLY, Shelf
from tests.support import sockets
from tests.support.endpoint import Answer
from tests.support.waiting import MOST_SECONDS, wait_until

WEEK = 7 * DAY
WELL = Answer()
DOWN = Answer(503)


def already_sent(days_ago: int, days_left: int, shelf: Shelf) -> Answer:
    """Return the answer of a receiver that has a recent report."""
    content = {
        "error": "already_submitted",
        "last_sent": (shelf.now - days_ago * DAY).isoformat(),
        "retry_after_days": days_left,
    }
    return Answer(429, json.dumps(content).encode())


def run_often(
    reporter: Reporter, shelf: Shelf, time: dt.timedelta, step: dt.timedelta = HOUR
) -> list[Outcome]:
    """Run once in each *step* for *time*; return the runs that made a request."""
    outcomes = []
    for _ in range(time // step):
        before = len(shelf.endpoint.arrived)
        outcome = reporter.run()
        if len(shelf.endpoint.arrived) > before:
            outcomes.append(outcome)
        shelf.wait(step)
    return outcomes


def turn_on(shelf: Shelf, **changes: object) -> Reporter:
    reporter = shelf.open(**changes)
    reporter.turn_on(reporter.preview())
    return reporter


def make_due(shelf: Shelf, **changes: object) -> Reporter:
    """Return a reporter whose first report is due."""
    reporter = turn_on(shelf, **changes)
    shelf.wait(WEEK)
    return reporter


def undecided(_: Shelf) -> None:
    pass


def turned_off(shelf: Shelf) -> None:
    turn_on(shelf).turn_off()


def not_due(shelf: Shelf) -> None:
    turn_on(shelf)
    # The first slot may begin at once.
    shelf.open().run()


@pytest.mark.parametrize("prepare", [undecided, turned_off, not_due])
def test_no_socket_is_opened_unless_a_report_is_due(
    prepare: Callable[[Shelf], None], shelf: Shelf
) -> None:
    prepare(shelf)

    with sockets.denied() as attempts:
        shelf.open().run()

    assert attempts == []


@pytest.mark.parametrize(
    ("variable", "value"), [("DO_NOT_TRACK", "1"), (SWITCH, "off"), (SWITCH, "maybe")]
)
def test_no_socket_is_opened_where_a_variable_forbids_it(
    variable: str, value: str, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = make_due(shelf)
    monkeypatch.setenv(variable, value)

    with sockets.denied() as attempts:
        assert reporter.run(now=True).result is Result.NOT_ON

    assert attempts == []


def test_no_socket_is_opened_while_the_contract_waits_for_an_answer(
    shelf: Shelf,
) -> None:
    make_due(shelf)

    with sockets.denied() as attempts:
        outcome = shelf.open(contract=GROWN).run(now=True)

    assert (outcome.result, attempts) == (Result.NEEDS_CONSENT, [])


def test_an_installation_reports_once_in_each_period(shelf: Shelf) -> None:
    reporter = turn_on(shelf)

    outcomes = run_often(reporter, shelf, 5 * WEEK + DAY, DAY)

    assert [it.result for it in outcomes] == 5 * [Result.SENT]


def test_a_machine_that_slept_sends_one_report(shelf: Shelf) -> None:
    reporter = make_due(shelf)
    reporter.run()
    shelf.wait(20 * WEEK)

    assert len(run_often(reporter, shelf, 3 * DAY)) == 1


def test_a_clock_that_is_set_back_costs_one_period_at_most(shelf: Shelf) -> None:
    shelf.wait(52 * WEEK)
    reporter = make_due(shelf)
    reporter.run()
    shelf.wait(-52 * WEEK)

    outcomes = run_often(reporter, shelf, 2 * WEEK + DAY, DAY)

    assert [it.result for it in outcomes] in (1 * [Result.SENT], 2 * [Result.SENT])


def test_a_variable_can_turn_reporting_on(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "yes")

    outcomes = run_often(shelf.open(), shelf, 2 * WEEK + DAY, DAY)

    assert [it.result for it in outcomes] == 2 * [Result.SENT]


def test_two_schedulers_send_one_report(shelf: Shelf) -> None:
    make_due(shelf)
    outcomes: list[Result] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(shelf.open().run().result))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(shelf.reports) == 1
    assert outcomes.count(Result.SENT) == 1
    assert set(outcomes) <= {Result.SENT, Result.BUSY, Result.NOT_DUE}


def test_the_time_is_read_once_no_other_process_can_write(shelf: Shelf) -> None:
    """Two runs at once could take each other's time for a clock that was set back."""
    make_due(shelf)
    seen: list[bool] = []

    def read_clock() -> dt.datetime:
        file = shelf.folder / "usage_reporting.sqlite3"
        with contextlib.closing(sqlite3.connect(file, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                seen.append(True)
            else:
                seen.append(False)
        return shelf.now

    project = shelf.open().project
    assert Reporter(project, clock=read_clock).run().result is Result.SENT

    assert seen
    assert all(seen)


def test_a_receiver_that_is_down_sees_few_tries_and_loses_nothing(shelf: Shelf) -> None:
    reporter = turn_on(shelf)
    reporter.count("search")
    reporter.flush()
    shelf.wait(WEEK)
    shelf.endpoint.answer = DOWN

    failed = run_often(reporter, shelf, DAY)
    shelf.endpoint.answer = WELL
    sent = run_often(reporter, shelf, 2 * DAY)

    assert 2 <= len(failed) <= 4
    assert {it.result for it in failed} == {Result.FAILED}
    assert len(sent) == 1
    assert shelf.reports[-1]["events"][0]["properties"] == {"count": 1}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_retry_after_is_obeyed(status: int, shelf: Shelf) -> None:
    reporter = make_due(shelf)
    shelf.endpoint.answer = Answer(status, headers={"Retry-After": "259200"})

    outcome = reporter.run()

    assert outcome.failure
    assert outcome.next_try == shelf.now + 3 * DAY
    assert len(run_often(reporter, shelf, 3 * DAY)) == 0
    assert len(run_often(reporter, shelf, HOUR)) == 1


def test_a_receiver_with_a_recent_report_is_asked_again_when_it_says(
    shelf: Shelf,
) -> None:
    reporter = make_due(shelf, contract=WEEKLY)
    reporter.count("search")
    reporter.flush()
    shelf.endpoint.answer = already_sent(3, 4, shelf)

    outcome = reporter.run()
    assert outcome.result is Result.ALREADY_SENT
    assert run_often(reporter, shelf, 3 * DAY) == []
    shelf.endpoint.answer = WELL
    assert len(run_often(reporter, shelf, 2 * DAY)) == 1
    assert shelf.reports[-1]["events"]


class KilledError(BaseException):
    """Stands for the end of a process."""


def test_after_a_crash_the_same_counts_are_not_sent_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KilledError

    reporter = turn_on(shelf, contract=WEEKLY)
    reporter.count("search")
    reporter.flush()
    shelf.wait(WEEK)
    with monkeypatch.context() as patch:
        patch.setattr(history, "answer", die)
        patch.setattr(sending, "release", die)
        with pytest.raises(KilledError):
            reporter.run()
    (before,) = reporter.history()
    assert (before.body, before.answer) == (shelf.endpoint.arrived[0].body, None)

    assert reporter.run().result is Result.NOT_DUE
    shelf.wait(2 * HOUR)
    shelf.endpoint.answer = already_sent(0, 7, shelf)
    assert reporter.run().result is Result.ALREADY_SENT

    assert reporter.export()["counts"] == []


def test_of_two_requests_without_an_answer_the_one_that_arrived_is_subtracted(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = turn_on(shelf, contract=WEEKLY)
    shelf.wait(WEEK)
    for _ in range(2):
        reporter.count("search")
        reporter.flush()
        shelf.wait(2 * DAY)
        with monkeypatch.context() as patch:
            patch.setattr(
                delivery, "send", lambda *_, **__: Failure(Cause.TIMEOUT, "10")
            )
            assert reporter.run(now=True).result is Result.FAILED
    shelf.wait(2 * DAY)
    shelf.endpoint.answer = already_sent(2, 5, shelf)

    assert reporter.run(now=True).result is Result.ALREADY_SENT

    assert reporter.export()["counts"] == []


def test_an_answer_that_cannot_be_stored_does_not_make_tries_more_frequent(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may have room to store a request, and none to store its answer."""

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError

    reporter = make_due(shelf)
    monkeypatch.setattr(history, "answer", fail)

    assert 2 <= len(run_often(reporter, shelf, DAY)) <= 4


def test_many_counts_are_divided_into_requests(shelf: Shelf) -> None:
    reporter = turn_on(shelf)
    names = [f"{a}{b}" for a in "abcdefghijklmno" for b in "abcdefghijklmno"]
    for name in names:
        reporter.count("command", name)
    reporter.flush()
    shelf.wait(WEEK)

    assert reporter.run().requests == 3

    sent = [it["properties"]["name"] for each in shelf.reports for it in each["events"]]
    assert sent == names
    assert reporter.export()["counts"] == []


def test_a_receiver_that_counts_one_report_gets_the_rest_in_the_next_one(
    shelf: Shelf,
) -> None:
    reporter = turn_on(shelf, contract=WEEKLY)
    for a in "abcdefghijk":
        for b in "abcdefghijk":
            reporter.count("command", a + b)
    reporter.flush()
    shelf.wait(WEEK)

    run_often(reporter, shelf, 2 * WEEK, DAY)

    assert [len(it.get("events", [])) for it in shelf.reports] == [100, 21]


def test_turning_off_during_a_run_stops_it_before_the_request(shelf: Shelf) -> None:
    def turn_off() -> Value:
        shelf.open().turn_off()
        return 7

    reporter = turn_on(shelf)
    shelf.wait(WEEK)

    outcome = shelf.open(collectors={"books": turn_off}).run()

    assert outcome.result is Result.STOPPED
    assert shelf.endpoint.arrived == []
    assert reporter.status().installation_id is None


@pytest.mark.parametrize("is_on_again", [False, True])
def test_turning_a_group_off_during_a_run_keeps_its_counts_from_being_sent(
    shelf: Shelf, *, is_on_again: bool
) -> None:
    def turn_off() -> Value:
        shelf.open().turn_group("searches", on=False)
        if is_on_again:
            shelf.open().turn_group("searches", on=True)
        return 7

    reporter = turn_on(shelf)
    reporter.count("search")
    reporter.flush()
    shelf.wait(WEEK)

    outcome = shelf.open(collectors={"books": turn_off}).run()

    assert outcome.result is Result.STOPPED
    assert shelf.endpoint.arrived == []
    assert shelf.open().run().result is Result.SENT


def test_deleting_while_a_report_is_collected_leaves_nothing(shelf: Shelf) -> None:
    def delete() -> Value:
        shelf.open().delete()
        raise LookupError

    make_due(shelf)

    assert shelf.open(collectors={"books": delete}).run().problem
    assert list(shelf.folder.iterdir()) == []


def test_deleting_during_a_request_leaves_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = make_due(shelf)
    send = delivery.send

    def delete_meanwhile(*arguments: object, **options: object) -> object:
        answer = send(*arguments, **options)  # type: ignore[arg-type]
        shelf.open().delete()
        return answer

    monkeypatch.setattr(delivery, "send", delete_meanwhile)

    assert reporter.run().result is Result.STOPPED
    assert list(shelf.folder.iterdir()) == []


def test_a_run_that_cannot_collect_a_required_field_sends_nothing(shelf: Shelf) -> None:
    make_due(shelf)

    outcome = shelf.open(collectors={"books": lambda: "many"}).run()

    assert outcome.problem
    assert outcome.problem.problem is Problem.FIELDS_MISSING
    assert shelf.endpoint.arrived == []
    assert shelf.open().run().result is Result.SENT


def raise_error() -> None:
    raise LookupError


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, Problem.INVALID_DECLARATION),
        ({"data_dir": raise_error}, Problem.UNEXPECTED),
        ({"contract": "no_such_package:x.json"}, Problem.INVALID_DECLARATION),
    ],
)
def test_a_broken_declaration_never_reaches_the_host(
    changes: dict[str, object],
    problem: Problem,
    shelf: Shelf,
    capfd: pytest.CaptureFixture[str],
) -> None:
    reporter = shelf.open(**changes)

    reporter.count("search")
    reporter.record("search", count=2)
    reporter.flush()
    outcome = reporter.run()

    assert outcome.problem
    assert outcome.problem.problem is problem
    assert capfd.readouterr() == ("", "")


def test_a_failure_says_why_and_the_history_keeps_it(shelf: Shelf) -> None:
    reporter = make_due(shelf)
    shelf.endpoint.answer = Answer(400, b'{"error": "invalid", "detail": "id is bad"}')

    outcome = reporter.run()

    assert outcome.failure
    assert (outcome.failure.cause, outcome.failure.detail) == (
        Cause.REFUSED,
        "id is bad",
    )
    assert "id is bad" in str(reporter.history()[0].answer)


def test_a_background_thread_sends_and_ends(shelf: Shelf) -> None:
    reporter = make_due(shelf)

    end = reporter.run_in_background(check_every_seconds=0.01)
    wait_until(lambda: shelf.reports)
    end()

    wait_until(
        lambda: not any(it.name == "usage-report-runs" for it in threading.enumerate())
    )


def test_an_event_loop_is_never_blocked(shelf: Shelf) -> None:
    collecting, enough = threading.Event(), threading.Event()

    def collect() -> Value:
        collecting.set()
        enough.wait(MOST_SECONDS)
        return 7

    make_due(shelf)
    reporter = shelf.open(collectors={"books": collect})

    async def serve() -> None:
        task = asyncio.create_task(reporter.run_forever())
        await asyncio.to_thread(collecting.wait, MOST_SECONDS)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(serve(), MOST_SECONDS))
    enough.set()
    wait_until(lambda: shelf.reports)
