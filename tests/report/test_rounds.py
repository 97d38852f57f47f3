"""A thread runs the reporter at intervals, and at once when an event is logged."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from paperless_report import Reporter, preparation, rounds
from tests.report.lines import open_lines
from tests.report.shelf import Shelf
from tests.support.waiting import MOST_SECONDS, wait_until

LONG_SECONDS = 3600.0


def list_sent(shelf: Shelf) -> list[str]:
    """List the events that arrived, in their order, without the facts."""
    names = [it.path.split("/")[3] for it in shelf.endpoint.arrived]
    return [it for it in names if it != "facts"]


def open_on(shelf: Shelf, **changes: object) -> Reporter:
    """Return a reporter whose admin has just said yes."""
    reporter = open_lines(shelf, **changes)
    reporter.turn_on(reporter.preview())
    return reporter


@contextmanager
def running(reporter: Reporter, **options: Any) -> Iterator[None]:  # noqa: ANN401  # as run_in_background
    """Run *reporter* in a thread, and begin after its first call."""
    called = threading.Event()
    run = reporter.run

    def call() -> object:
        outcome = run()
        called.set()
        return outcome

    reporter.run = call  # type: ignore[method-assign,assignment]  # the thread calls it
    stop = reporter.run_in_background(LONG_SECONDS, **options)
    try:
        assert called.wait(MOST_SECONDS)
        yield
    finally:
        stop(MOST_SECONDS)


def test_an_event_is_sent_at_once(shelf: Shelf) -> None:
    reporter = open_on(shelf)

    with running(reporter, at_once=True):
        for event in ("opened", "closed"):
            reporter.record(event)
            wait_until(lambda event=event: event in list_sent(shelf))  # type: ignore[misc]  # of a default value

    assert list_sent(shelf) == ["opened", "closed"]


def test_a_thread_may_wait_for_events_alone(shelf: Shelf) -> None:
    """A wait without an end is longer than the system's clock can count."""
    reporter = open_on(shelf)

    stop = reporter.run_in_background(float("inf"), at_once=True)
    for event in ("opened", "closed"):
        reporter.record(event)
        wait_until(lambda event=event: event in list_sent(shelf))  # type: ignore[misc]  # of a default value
    stop(MOST_SECONDS)

    assert list_sent(shelf) == ["opened", "closed"]


def test_what_happens_during_a_run_is_sent_by_the_next_one(shelf: Shelf) -> None:
    reporter = open_on(shelf)
    later = iter(["closed"])
    shelf.endpoint.on_arrival = lambda: [reporter.record(it) for it in later]

    with running(reporter, at_once=True):
        reporter.record("opened")
        wait_until(lambda: len(list_sent(shelf)) == 2)

    assert list_sent(shelf) == ["opened", "closed"]


def test_everything_is_sent_even_if_one_run_cannot(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (preparation, rounds):
        monkeypatch.setattr(module, "MOST_REQUESTS", 2)
    reporter = open_on(shelf)
    for _ in range(5):
        reporter.record("opened")

    with running(reporter):
        wait_until(lambda: len(list_sent(shelf)) == 5)


def test_without_at_once_an_event_waits_for_the_next_check(shelf: Shelf) -> None:
    reporter = open_on(shelf)
    calls = []

    with running(reporter, on_check=lambda: calls.append(1)):
        reporter.record("opened")
        reporter.flush()
        time.sleep(0.1)

    assert (list_sent(shelf), calls) == ([], [1])


def test_what_a_check_records_is_sent_by_its_run(shelf: Shelf) -> None:
    reporter = open_on(shelf)

    with running(reporter, on_check=lambda: reporter.record("opened")):
        assert list_sent(shelf) == ["opened"]


def test_an_event_that_wakes_the_thread_makes_no_check(shelf: Shelf) -> None:
    reporter = open_on(shelf)
    calls = []

    with running(reporter, at_once=True, on_check=lambda: calls.append(1)):
        reporter.record("opened")
        wait_until(lambda: list_sent(shelf))

    assert calls == [1]


def test_nothing_is_sent_or_lost_while_the_program_is_offline(shelf: Shelf) -> None:
    reporter = open_on(shelf)
    asked = threading.Semaphore(0)
    is_online = False

    def answer() -> bool:
        asked.release()
        return is_online

    stop = reporter.run_in_background(0.01, at_once=True, is_online=answer)
    reporter.record("opened")
    for _ in range(3):
        assert asked.acquire(timeout=MOST_SECONDS)
    assert shelf.endpoint.arrived == []

    is_online = True
    wait_until(lambda: list_sent(shelf))
    stop(MOST_SECONDS)

    assert reporter.status().failures == 0


def fail() -> bool:
    raise LookupError


def test_a_program_that_does_not_know_whether_it_is_online_sends_nothing(
    shelf: Shelf,
) -> None:
    reporter = open_on(shelf)
    checks = threading.Semaphore(0)

    stop = reporter.run_in_background(0.01, on_check=checks.release, is_online=fail)
    for _ in range(3):
        assert checks.acquire(timeout=MOST_SECONDS)
    stop(MOST_SECONDS)

    assert shelf.endpoint.arrived == []


def test_a_check_that_fails_ends_nothing(shelf: Shelf) -> None:
    reporter = open_on(shelf)

    with running(reporter, at_once=True, on_check=fail):
        reporter.record("opened")
        wait_until(lambda: list_sent(shelf))


def test_the_end_waits_for_the_current_run_if_it_should(shelf: Shelf) -> None:
    reporter = open_on(shelf)
    reporter.record("opened")
    arrived, answered = threading.Event(), threading.Event()
    ends: list[bool] = []

    def answer() -> None:
        arrived.set()
        answered.wait(MOST_SECONDS)
        ends.append(True)

    shelf.endpoint.on_arrival = answer
    stop = reporter.run_in_background(LONG_SECONDS)
    assert arrived.wait(MOST_SECONDS)
    stop()
    assert ends == []

    answered.set()
    stop(MOST_SECONDS)

    assert ends
    assert not any(it.name == "usage-report-runs" for it in threading.enumerate())


def test_a_process_without_room_for_a_thread_goes_on_without_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = open_on(shelf)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError

    monkeypatch.setattr(threading.Thread, "start", refuse)
    stop = reporter.run_in_background(at_once=True)
    reporter.record("opened")
    stop(MOST_SECONDS)

    assert shelf.endpoint.arrived == []
