"""Counting is exact over threads, bounded, never raises, and keeps to the contract."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paperless_report.contract.events import Event, parse_events
from paperless_report.counting import background, cells, writer
from paperless_report.counting.background import Counters
from tests.report.tallies import EVENTS, Sums
from tests.support.hostile_values import OTHER_TYPES, STRINGS
from tests.support.waiting import MOST_SECONDS

ADDED = ("command", '{"name":"add"}', "count")


class Store:
    """Takes sums as the state does, and can be full or switched off."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str, str], int] = {}
        self.error: Exception | None = None

    def persist(self, sums: Sums, _: object) -> bool:
        if self.error:
            raise self.error
        for key, value in sums.items():
            self.sums[key] = self.sums.get(key, 0) + value
        return True


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def counters(store: Store) -> Iterator[Counters]:
    made = Counters(lambda: parse_events(EVENTS), store.persist)
    yield made
    made.pause()  # ends its thread


Call = tuple[str, tuple[object, ...], dict[str, object]]


def count(*arguments: object, **labels: object) -> Call:
    return "count", arguments, labels


def record(*arguments: object, **properties: object) -> Call:
    return "record", arguments, properties


CALLS: dict[str, tuple[list[Call], dict[tuple[str, str], int]]] = {
    "a name": ([count("command", "add")], {('{"name":"add"}', "count"): 1}),
    "the same name by keyword": (
        [count("command", "add"), count("command", name="add")],
        {('{"name":"add"}', "count"): 2},
    ),
    "an error": (
        [count("command", "add", ok=False), count("command", "add", ok=True)],
        {('{"name":"add"}', "count"): 2, ('{"name":"add"}', "error_count"): 1},
    ),
    "labels in any order": (
        [
            count("command", client="cli", name="add"),
            count("command", "add", client="cli"),
        ],
        {('{"client":"cli","name":"add"}', "count"): 2},
    ),
    "a list in any order": (
        [count("print", tools=["b", "a"]), count("print", tools=("a", "b"))],
        {('{"tools":["a","b"]}', "count"): 2},
    ),
    "integers to add up beside others": (
        [record("print", rate=9600, seconds=90), record("print", rate=9600, seconds=5)],
        {('{"rate":9600}', "seconds"): 95, ('{"rate":9600}', "count"): 2},
    ),
    "a count of its own": ([record("print", count=5)], {("{}", "count"): 5}),
    "an event without a count": ([record("scan", files=7)], {("{}", "files"): 7}),
    "true beside 1": (
        [count("print", is_paused=it, rate=it) for it in (True, 1, True, 1.0)],
        {('{"is_paused":true}', "count"): 2, ('{"rate":1}', "count"): 2},
    ),
    "an optional label that does not fit": (
        [count("command", "add", client="/home/anna")],
        {('{"name":"add"}', "count"): 1},
    ),
    "a label that is not declared": (
        [count("command", "add", user="anna")],
        {('{"name":"add"}', "count"): 1},
    ),
    "a required label that does not fit": ([count("command", "Add")], {}),
    "no required label": ([count("command")], {}),
    "no such event": ([count("commands", "add")], {}),
    "an event that is not a text": ([count(["command"], "add")], {}),
    "nothing to add": ([record("scan", files=0)], {}),
    "a sum that does not fit": ([record("scan", files=-1)], {}),
}


@pytest.mark.parametrize(("calls", "expected"), CALLS.values(), ids=CALLS)
def test_these_calls_add_these_sums(
    calls: list[Call],
    expected: dict[tuple[str, str], int],
    counters: Counters,
    store: Store,
) -> None:
    for method, arguments, properties in calls:
        getattr(counters, method)(*arguments, **properties)
    counters.flush()

    assert {key[1:]: value for key, value in store.sums.items()} == expected


def test_a_combination_is_checked_once(
    counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [
        count("command", "add", client="cli"),
        count("print"),
        count("print", is_paused=True, rate=1),
    ]
    for _, arguments, labels in calls:
        counters.count(*arguments, **labels)  # type: ignore[arg-type]
    monkeypatch.setattr(Event, "clean", lambda *_: pytest.fail("Checked again."))
    for _, arguments, labels in calls:
        counters.count(*arguments, **labels)  # type: ignore[arg-type]


class Disguised(str):
    """A text that passes for another."""

    __slots__ = ()

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("add")

    def __len__(self) -> int:
        return 1


class Failing(str):
    """A text that raises whenever it is used."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise RuntimeError


class Pretender:
    """An object that says it is a text."""

    @property
    def __class__(self) -> type:
        return str

    @__class__.setter
    def __class__(self, _class: type) -> None:
        raise TypeError


CANARIES: list[Any] = [
    *(it for it in STRINGS if it not in {"constructor", "null"}),
    *OTHER_TYPES,
    *("/home/anna/taxes.pdf", "C:\\Users\\anna", "192.0.2.7", "2001:db8::7"),
    *("anna@example.org", "https://anna.example.org/", "Dear diary,\nI am", b"add"),
    *(Disguised("/home/anna"), Failing("/home/anna"), Pretender(), object()),
    *(["ok", "/home/anna"], [["ok"]], {"ok": "/home/anna"}),
]


def test_nothing_that_is_not_in_the_contract_gets_into_a_sum(
    counters: Counters, store: Store
) -> None:
    for value in CANARIES * 2:
        counters.count(value)
        counters.count(value, value, value)
        counters.count("command", value)
        counters.count("command", "add", client=value)
        counters.count("print", origin=value, is_paused=value, rate=value, tools=value)
        counters.record("command", name=value, count=value)
        counters.record("print", origin=value, seconds=value, tools=value)
        counters.record("scan", files=value)
    counters.flush()

    for event, text, name in store.sums:
        labels = json.loads(text)
        fitting = parse_events(EVENTS)[event].clean({**labels, "count": 1})
        assert fitting
        assert fitting[0] == labels
        assert name in EVENTS[event]["properties"]
    assert store.sums[ADDED] == 2 * len(CANARIES), "An unfit optional label drops more."


def test_eight_threads_lose_and_double_nothing(
    counters: Counters, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WRITE_SECONDS", 0.001)

    def work() -> None:
        for number in range(50_000):
            counters.count("command", "add")
            if number % 100 == 0:
                counters.record("scan", files=3)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counters.flush()

    assert store.sums == {ADDED: 400_000, ("scan", "{}", "files"): 12_000}


def test_a_signal_handler_may_count_and_flush(counters: Counters, store: Store) -> None:
    counted = handled = 0

    def handle(*_: object) -> None:
        nonlocal handled
        handled += 1
        counters.count("command", "add")
        counters.record("scan", files=1)
        counters.flush()
        start_timer()

    def start_timer() -> None:
        # Of CPU time, and once: on a busy machine, a handler may take longer than that.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.001)

    before = signal.signal(signal.SIGVTALRM, handle)
    start_timer()
    try:
        while counted < 10_000 or handled < 3:
            counters.count("command", "add")
            counters.record("scan", files=1)
            counted += 1
        counters.flush()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    counters.flush()

    assert set(store.sums.values()) == {counted + handled}


@pytest.mark.parametrize("error", [OSError(28, "full"), OSError(30, "read-only")])
def test_a_disk_that_cannot_be_written_loses_nothing(
    error: OSError, counters: Counters, store: Store
) -> None:
    store.error = error
    for _ in range(3):
        counters.count("command", "add")
        counters.flush()
    store.error = None
    counters.flush()

    assert store.sums == {ADDED: 3}


def test_counts_are_dropped_while_reporting_is_off() -> None:
    written: list[Sums] = []

    def persist(sums: Sums, _: object) -> bool:
        written.append(sums)
        return False

    counters = Counters(lambda: parse_events(EVENTS), persist)
    for _ in range(2):
        counters.count("command", "add")
        counters.flush()
    counters.pause()

    assert written == [{ADDED: 1}, {ADDED: 1}]


def test_discarding_drops_what_is_not_written(counters: Counters, store: Store) -> None:
    store.error = OSError()
    counters.count("command", "add")
    counters.flush()
    counters.count("command", "add")
    store.error = None
    counters.discard()
    counters.count("command", "add")
    counters.flush()

    assert store.sums == {ADDED: 1}


def test_events_that_cannot_be_read_count_nothing_and_are_not_read_again() -> None:
    reads = []

    def load() -> dict[str, Any]:
        reads.append(1)
        raise OSError

    counters = Counters(load, lambda *_: pytest.fail("There is nothing to write."))
    for _ in range(2):
        counters.count("command", "add")
        counters.record("scan", files=1)
    counters.flush()

    assert reads == [1]


def test_only_so_many_combinations_are_in_memory(
    counters: Counters, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "MOST_CELLS", 3)
    for name in ("a", "b", "c", "d", "a"):
        counters.count("command", name)
    counters.flush()
    kept = len(store.sums)
    monkeypatch.setattr(background, "_ROTATION_SECONDS", 0)
    counters.flush()
    for name in ("e", "a"):
        counters.count("command", name)
    counters.flush()

    assert kept == 3
    assert store.sums == {
        ("command", f'{{"name":"{name}"}}', "count"): value
        for name, value in {"a": 3, "b": 1, "c": 1, "e": 1}.items()
    }


def writer_threads() -> list[threading.Thread]:
    return [it for it in threading.enumerate() if it.name == "usage-report-counts"]


def test_the_thread_runs_while_there_is_something_to_count(
    counters: Counters, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_QUIET_WRITES", 2)
    monkeypatch.setattr(writer, "PATIENCE_SECONDS", 0.1)
    before = {*writer_threads()}  # of other tests
    for total in (1, 2):
        monkeypatch.setattr(writer, "WRITE_SECONDS", MOST_SECONDS)
        counters.count("command", "add")
        (thread,) = {*writer_threads()} - before
        monkeypatch.setattr(writer, "WRITE_SECONDS", 0.01)
        counters.flush()  # wakes the thread
        assert thread.daemon
        thread.join(MOST_SECONDS)
        assert not thread.is_alive()
        assert store.sums == {ADDED: total}


def test_without_another_thread_counts_wait_for_a_flush(
    counters: Counters, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    counters.count("command", "add")
    counters.count("command", "add")
    counters.flush()

    assert store.sums == {ADDED: 2}


def test_a_program_that_starts_pays_for_the_standard_library_alone() -> None:
    code = """
import sys, threading
before, events = set(sys.modules), []
from paperless_report import Project, Reporter
names = {it.partition(".")[0] for it in set(sys.modules) - before}
sys.addaudithook(lambda event, _: events.append(event))
Reporter(Project(
    name="Shelf", page="https://example.org/", prefix="SHELF",
    data_dir="/nowhere", contract="/nowhere/report.schema.json",
))
did = {"open", "import", "socket.__new__", "sqlite3.connect"} & {*events}
print(names - {*sys.stdlib_module_names, "paperless_report"}, did, threading.active_count())
print(names & {"asyncio", "http", "logging", "requests", "socket", "sqlite3", "ssl"})
"""
    done = subprocess.run(
        (sys.executable, "-c", code),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == ["set() set() 1", "set()"]
