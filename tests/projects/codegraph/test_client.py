"""codegraph's client in Python sends what the real one sends, merged, and no more than once."""

import datetime as dt
import json
import threading
from collections import Counter
from typing import Any

import pytest

from paperless_report import Logged, Waiting
from projects.codegraph.batches import Batches
from projects.codegraph.client import Telemetry
from projects.codegraph.facts import is_ci, read_processor
from tests.projects.clients import list_differing_headers
from tests.projects.codegraph.machine import DAY, HOUR, NOON, Machine
from tests.projects.codegraph.recorded import MACHINE, RECORDINGS, Recording, to_time
from tests.projects.codegraph.stored import read_machines, read_sums, sum_batch
from tests.support import sockets
from tests.support.endpoint import Answer
from tests.support.pages import ROOT
from worker.local.harness import Harness

PAGE = ROOT / "docs" / "explanation" / "deviations.md"
# Tests wait longer, since this machine may be busy.
TIMEOUT_SECONDS = Batches.timeout_seconds


def merge(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge the usage of one day, kind, name and client, as the client does."""
    sums: dict[str, Counter[str]] = {}
    others = []
    for event in events:
        props = {**event["props"]}
        if event["event"] != "usage_rollup":
            others.append(event)
            continue
        numbers = {name: props.pop(name) for name in ("count", "error_count")}
        key = json.dumps({**event, "props": props}, sort_keys=True)
        sums.setdefault(key, Counter()).update(numbers)
    merged = []
    for key, numbers in sums.items():
        event = json.loads(key)
        event["props"] |= {"count": 0, "error_count": 0, **numbers}
        merged.append(event)
    return [*sort(merged), *others]


def sort(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda it: json.dumps(it, sort_keys=True))


def replay(machine: Machine, recording: Recording) -> None:
    """Do what the recorded client did, at the same times."""
    telemetry = machine.open()
    for event in recording.events:
        props = event["props"]
        if f"{machine.now:%F}" != event["ts"][:10]:
            telemetry.reporter.flush()
        machine.now = dt.datetime.fromisoformat(event["ts"])
        match event["event"]:
            case "install":
                telemetry.record_install(**props)
            case "index":
                telemetry.record_index(props["languages"], files=2, seconds=0.4)
            case "uninstall" if props:
                telemetry.record_uninstall(**props)
            case "uninstall":
                telemetry.record_uninit()
            case _ if props["kind"] == "cli_command":
                telemetry.count_command(props["name"])
            case _:
                replay_tool(telemetry, **props)
    telemetry.reporter.flush()


def replay_tool(
    telemetry: Telemetry, name: str, count: int, error_count: int, **client: str
) -> None:
    del client["kind"]
    for number in range(count):
        telemetry.count_tool(name, ok=number >= error_count, **client)


def index(machine: Machine, number: int = 1) -> None:
    """Record *number* indexes without sending them."""
    telemetry = machine.open()
    for _ in range(number):
        telemetry.record_index(["go"], files=5, seconds=1)
    telemetry.reporter.flush()


@pytest.fixture
def on(machine: Machine) -> Machine:
    """A machine whose user has said yes."""
    machine.turn_on()
    return machine


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_request_has_the_fields_of_the_recorded_one(
    name: str, on: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = RECORDINGS[name]
    if recording.ci:
        monkeypatch.setenv("CI", "true")
    replay(on, recording)
    if recording.events[0]["event"] == "usage_rollup":
        on.wait(4 * DAY)

    on.deliver()

    (sent,) = on.bodies
    recorded = json.loads(recording.build().partition(b"\r\n\r\n")[2])
    assert sent.pop("machine_id") == on.status.installation_id
    del recorded["machine_id"]
    assert list(sent) == list(recorded)
    usage = sent["events"][0]["event"] == "usage_rollup"
    assert (sort(sent["events"]) if usage else sent["events"]) == merge(
        recorded["events"]
    )
    assert {**sent, "events": 0} == {**recorded, "events": 0}


def test_method_path_and_content_type_are_the_recorded_ones(on: Machine) -> None:
    index(on)
    on.deliver()

    (sent,) = on.endpoint.arrived
    assert (sent.method, sent.path) == ("POST", "/v1/events")
    assert sent.headers["Content-Type"] == "application/json"


def test_the_page_names_every_header_that_differs(on: Machine) -> None:
    index(on)
    on.deliver()
    section = PAGE.read_text("utf-8").partition("\n## codegraph\n")[2]
    section = section.partition("### The client here\n")[2].partition("\n## ")[0]

    differing = list_differing_headers(
        RECORDINGS["001"].build(), on.endpoint.arrived[0]
    )

    assert differing
    assert {it for it in differing if f"`{it}`" not in section} == set()


def test_the_numbers_of_an_index_are_ranges(on: Machine) -> None:
    telemetry = on.open()
    for files, seconds in ((0, 0), (99, 9.9), (100, 10), (1000, 60), (10_000, 300)):
        telemetry.record_index([], files, seconds)
    telemetry.deliver(wait=True)

    ranges = [
        (it["props"]["file_count_bucket"], it["props"]["duration_bucket"])
        for it in on.events
    ]
    assert ranges == [
        *[("<100", "<10s")] * 2,
        *[("100-1k", "10-60s"), ("1k-10k", "1-5m"), ("10k+", "5m+")],
    ]


def test_nothing_is_recorded_where_nothing_was_installed_or_removed(
    on: Machine,
) -> None:
    telemetry = on.open()
    telemetry.record_install([], "local", "fresh")
    telemetry.record_uninstall([])
    telemetry.deliver(wait=True)

    assert on.endpoint.arrived == []


def test_usage_is_sent_when_its_day_is_over(on: Machine) -> None:
    on.open().count_command("query")
    index(on)
    on.deliver()
    on.wait(DAY)
    on.deliver()

    assert [it["event"] for it in on.events] == ["index", "usage_rollup"]


def test_the_usage_of_a_day_is_one_event_however_many_processes_counted_it(
    on: Machine,
) -> None:
    for _ in range(3):
        on.run("telemetry.count_command('query')")
    on.wait(2 * DAY)
    on.deliver()

    (event,) = on.events
    assert (event["props"]["name"], event["props"]["count"]) == ("query", 3)


def test_each_event_is_sent_once(on: Machine) -> None:
    on.open().count_command("query")
    index(on)
    for _ in range(3 * 24):
        on.deliver()
        on.wait(HOUR)

    assert Counter(it["event"] for it in on.events) == {"index": 1, "usage_rollup": 1}


def test_a_name_is_cut_and_what_the_contract_does_not_allow_is_left_out(
    on: Machine,
) -> None:
    telemetry = on.open()
    telemetry.count_command("q" * 65)
    telemetry.count_command("query über alles")
    telemetry.count_tool("codegraph_node", client_name="ü", client_version="1" * 33)
    on.wait(2 * DAY)
    telemetry.deliver(wait=True)

    props = [it["props"] for it in on.events]
    assert [it["name"] for it in props] == ["q" * 64, "codegraph_node"]
    assert props[1]["client_version"] == "1" * 32
    assert "client_name" not in props[1]


def test_an_event_that_the_receiver_would_count_for_another_day_is_not_sent(
    on: Machine,
) -> None:
    on.open().count_command("old")
    on.wait(2 * DAY)
    on.open().count_command("query")
    index(on)
    on.wait(29 * DAY)
    on.deliver()

    sent = {it["props"].get("name", it["event"]): it["ts"] for it in on.events}
    assert set(sent) == {"query", "index"}
    assert min(sent.values()) > to_time(on.now - 30 * DAY)


def test_a_request_has_a_hundred_events_at_most(on: Machine) -> None:
    index(on, 250)
    on.deliver()

    assert [len(it["events"]) for it in on.bodies] == [100, 100, 50]


def test_a_request_has_as_many_bytes_at_most_as_the_receiver_reads() -> None:
    report = {"machine_id": MACHINE, "codegraph_version": "1.6.1"}
    sizes = set()
    for length in range(600, 1000):
        logged = [
            Logged(number, NOON, "index", {"languages": ["x" * length]})
            for number in range(100)
        ]
        waiting = Waiting(
            report=report, installation_id=MACHINE, logged=tuple(logged), now=NOON
        )
        requests = list(Batches().build_requests(waiting))
        assert [event for it in requests for event in it.logged] == logged
        sizes |= {len(it.body) for it in requests}

    assert 65_500 < max(sizes) <= 65_536


@pytest.mark.parametrize("status", [200, 204, 302, 400, 413, 429, 500, 503])
def test_any_answer_is_final(status: int, on: Machine) -> None:
    index(on, 150)
    on.endpoint.answer = Answer(status)
    on.deliver()
    on.wait(DAY)
    on.deliver()

    assert [len(it["events"]) for it in on.bodies] == [100, 50]


def test_a_receiver_that_asks_for_time_gets_the_rest_of_the_events_later(
    on: Machine,
) -> None:
    index(on, 150)
    on.endpoint.answer = Answer(503, headers={"Retry-After": "60"})
    on.deliver()
    assert on.status.logged == 50
    on.deliver()
    assert len(on.bodies) == 1
    on.wait(2 * HOUR)
    on.deliver()

    assert [len(it["events"]) for it in on.bodies] == [100, 50]


def test_a_failure_of_the_network_keeps_the_rest_of_the_events(on: Machine) -> None:
    index(on, 250)

    def break_second() -> None:
        if len(on.endpoint.arrived) == 2:
            raise ConnectionAbortedError

    on.endpoint.on_arrival = break_second
    on.deliver()
    assert len(on.endpoint.arrived) == 2
    assert on.status.logged == 150
    on.endpoint.on_arrival = lambda: None
    on.wait(DAY)
    on.deliver()

    assert [len(it["events"]) for it in on.bodies] == [100, 100, 100, 50]


def test_a_receiver_that_does_not_answer_costs_a_second_and_a_half(
    on: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Batches, "timeout_seconds", TIMEOUT_SECONDS)
    over = threading.Event()
    on.endpoint.on_arrival = over.wait
    index(on)
    on.deliver()
    over.set()

    (sent,) = on.open().reporter.history()
    # The HTTP library and the thread that waits for it give up at the same time.
    assert sent.answer in {"timeout 1.5", "no_connection ReadTimeout"}
    assert on.status.logged == 1


def test_a_receiver_that_is_away_is_not_asked_with_every_command(
    on: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client tries at the start and at the end of each command."""
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", "http://127.0.0.1:9")
    index(on)
    on.deliver()

    with sockets.watched() as addresses:
        for _ in range(10):
            index(on)
            on.deliver()

    assert addresses == []


@pytest.mark.parametrize("name", ["001", "002", "003", "007", "009", "010", "018"])
def test_codegraphs_receiver_stores_what_was_counted(
    name: str, on: Machine, receiver: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = RECORDINGS[name]
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", f"{receiver.url}/v1/events")
    if recording.ci:
        monkeypatch.setenv("CI", "1")
    now = dt.datetime.now(dt.UTC)
    body = recording.body(now)
    replay(on, Recording(tuple(body["events"])))
    on.now = now
    on.deliver()

    (sent,) = on.open().reporter.history()
    assert sent.answer == "204"
    machine_id = on.status.installation_id
    assert machine_id is not None
    facts = read_machines(receiver)
    assert set(facts) == {machine_id}
    assert facts[machine_id]["ci"] == int(recording.ci)
    assert read_sums(receiver) == sum_batch({**body, "events": merge(body["events"])})


def test_the_receiver_forgets_a_machine(
    on: Machine, receiver: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", f"{receiver.url}/v1/events")
    on.now = dt.datetime.now(dt.UTC)
    index(on)
    on.deliver()
    assert len(read_machines(receiver)) == 1

    on.open().reporter.forget()

    assert read_machines(receiver) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", False), ("0", False), ("False", False), ("1", True), ("true", True)],
)
def test_ci_is_what_the_variable_says(
    value: str,
    expected: bool,  # noqa: FBT001  # a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", value)

    assert is_ci() == expected


@pytest.mark.parametrize(
    ("machine_name", "expected"),
    [("x86_64", "x64"), ("AMD64", "x64"), ("aarch64", "arm64"), ("arm64", "arm64")],
)
def test_processors_have_nodes_names(
    machine_name: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine_name)

    assert read_processor() == expected
