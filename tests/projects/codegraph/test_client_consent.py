"""codegraph sends nothing before its user could say no, and nothing after that."""

import json
import threading
from collections.abc import Callable

import pytest

from paperless_report import Problem, ReportingError, Source, State
from projects.codegraph import client
from tests.projects.clients import run_command, wait_for
from tests.projects.codegraph.machine import DAY, HOUR, PROJECT, Machine
from tests.support import sockets


def index(machine: Machine) -> None:
    """Index a project, as a command does in a process of its own."""
    telemetry = machine.open()
    telemetry.deliver()
    telemetry.record_index(["go"], files=5, seconds=1)
    telemetry.deliver(wait=True)


def install(machine: Machine, answer: Callable[[], bool | None]) -> None:
    """Run the installer in a terminal."""
    telemetry = machine.open()
    telemetry.ask(answer)
    telemetry.record_install(["claude"], "global", "fresh")
    telemetry.deliver(wait=True)


def never() -> bool:
    pytest.fail("The question was asked.")


VARIABLES: dict[str, dict[str, str]] = {
    "DO_NOT_TRACK": {"DO_NOT_TRACK": "1", "CODEGRAPH_TELEMETRY": "1"},
    "CODEGRAPH_TELEMETRY off": {"CODEGRAPH_TELEMETRY": "0"},
    "CODEGRAPH_TELEMETRY on": {"CODEGRAPH_TELEMETRY": "1"},
    "neither": {"DO_NOT_TRACK": "0", "CODEGRAPH_TELEMETRY": ""},
}
LADDER = [
    ("DO_NOT_TRACK", True, State.OFF, "DO_NOT_TRACK"),
    ("CODEGRAPH_TELEMETRY off", True, State.OFF, "CODEGRAPH_TELEMETRY"),
    ("CODEGRAPH_TELEMETRY on", False, State.ON, "CODEGRAPH_TELEMETRY"),
    ("neither", False, State.OFF, "your stored choice"),
    ("neither", True, State.ON, "your stored choice"),
    ("neither", None, State.UNDECIDED, "the default"),
]


@pytest.mark.parametrize(("variables", "stored", "state", "decided"), LADDER)
def test_the_first_of_the_ladder_decides_and_status_names_it(
    variables: str,
    stored: bool | None,  # noqa: FBT001  # a case
    state: State,
    decided: str,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if stored is not None:
        machine.open().ask(lambda: stored)
    for name, value in VARIABLES[variables].items():
        monkeypatch.setenv(name, value)

    printed = run_command(monkeypatch, PROJECT, "status").stdout

    assert machine.status.decision.state is state
    assert decided in printed
    overridden = stored not in {None, state is State.ON}
    assert ("overrides your choice" in printed) == overridden


def test_after_the_notice_the_default_is_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "reporting is turned on after you have seen a notice"
    assert text in " ".join(run_command(monkeypatch, PROJECT, "status").stdout.split())
    index(machine)

    decision = machine.status.decision
    assert (decision.state, decision.source) == (State.ON, Source.DEFAULT)
    printed = " ".join(run_command(monkeypatch, PROJECT, "status").stdout.split())
    assert "the default" in printed
    assert text not in printed


def test_the_notice_is_one_line_on_standard_error_before_anything_is_sent(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    index(machine)

    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == f"{client.NOTICE}\n"
    assert machine.endpoint.arrived == []
    assert machine.status.installation_id is None


def test_the_next_run_sends_what_was_recorded_and_shows_no_notice(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    index(machine)
    capfd.readouterr()
    index(machine)

    assert [it["event"] for it in machine.events] == ["index", "index"]
    assert capfd.readouterr() == ("", "")


def test_a_server_that_showed_the_notice_sends_in_its_next_round(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.ROUND_SECONDS == 6 * 3600
    monkeypatch.setattr(client, "ROUND_SECONDS", 0.01)
    telemetry = machine.open()
    telemetry.record_index(["go"], files=5, seconds=1)
    flush = telemetry.reporter.flush
    arrived: list[int] = []

    def watch() -> None:
        arrived.append(len(machine.endpoint.arrived))
        flush()

    # Once in each round, and again in one that sends.
    monkeypatch.setattr(telemetry.reporter, "flush", watch)
    stop = telemetry.serve()
    wait_for(lambda: arrived[-1:] == [1], "a round that sends")
    stop()

    assert arrived[:3] == [0, 0, 0]


def test_no_notice_is_shown_while_there_is_nothing_to_send(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    telemetry = machine.open()
    telemetry.count_command("query")
    telemetry.deliver(wait=True)

    assert capfd.readouterr() == ("", "")
    assert machine.status.decision.state is State.UNDECIDED


@pytest.mark.parametrize("answer", [True, False])
def test_no_notice_follows_an_answer_to_the_installers_question(
    answer: bool,  # noqa: FBT001  # a case
    machine: Machine,
    capfd: pytest.CaptureFixture[str],
) -> None:
    install(machine, lambda: answer)
    index(machine)

    assert capfd.readouterr() == ("", "")
    assert len(machine.events) == (2 if answer else 0)


def test_without_a_standard_error_there_is_no_notice_and_nothing_is_sent(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", None)
    for _ in range(3):
        index(machine)

    assert machine.status.decision.state is State.UNDECIDED
    assert machine.endpoint.arrived == []


@pytest.mark.parametrize("answer", [True, False])
def test_the_question_is_asked_once(
    answer: bool,  # noqa: FBT001  # a case
    machine: Machine,
) -> None:
    install(machine, lambda: answer)
    install(machine, never)
    # A newer release.
    machine.open(version="1.7.0").ask(never)

    assert machine.status.decision.source is Source.STORED


@pytest.mark.parametrize(
    "variable", ["DO_NOT_TRACK", "CODEGRAPH_TELEMETRY"], ids=str.lower
)
def test_the_question_is_not_asked_where_a_variable_decides(
    variable: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    install(machine, never)
    monkeypatch.delenv(variable)

    assert machine.status.decision.source is Source.DEFAULT


def test_a_question_that_is_cancelled_decides_nothing(machine: Machine) -> None:
    machine.open().ask(lambda: None)
    assert machine.status.decision.source is Source.DEFAULT
    install(machine, lambda: False)

    assert machine.status.decision.state is State.OFF


def test_there_is_no_id_before_something_is_sent(machine: Machine) -> None:
    index(machine)
    machine.deliver()
    first = machine.status.installation_id

    assert [it["machine_id"] for it in machine.bodies] == [first]


def test_a_variable_that_turns_it_on_makes_no_id_while_nothing_waits(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEGRAPH_TELEMETRY", "1")
    with sockets.denied() as attempts:
        for _ in range(3):
            machine.deliver()
            machine.wait(DAY)

    assert attempts == []
    assert machine.status.installation_id is None


def test_an_id_that_a_variable_needed_is_kept_when_the_user_says_yes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.open().ask(lambda: False)
    with monkeypatch.context() as patched:
        patched.setenv("CODEGRAPH_TELEMETRY", "1")
        index(machine)
    assert machine.status.decision.state is State.OFF
    machine.open().reporter.turn_on()

    assert {it["machine_id"] for it in machine.bodies} == {
        machine.status.installation_id
    }


def test_off_deletes_the_id_and_the_queue(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.turn_on()
    index(machine)
    telemetry = machine.open()
    telemetry.count_tool("codegraph_explore", client_name="claude-code")
    telemetry.record_uninit()
    telemetry.reporter.flush()
    former = machine.status.installation_id
    assert former is not None

    assert run_command(monkeypatch, PROJECT, "off").status == 0

    stored = machine.read_stored()
    for secret in (former, "claude-code", "codegraph_explore", "uninstall"):
        assert f"'{secret}'" not in stored
    assert machine.status.installation_id is None
    assert (machine.status.days_waiting, machine.status.logged) == (0, 0)


def test_on_after_off_makes_another_id(machine: Machine) -> None:
    machine.turn_on()
    first = machine.status.installation_id
    machine.open().reporter.turn_off()
    machine.open().reporter.turn_on()

    assert machine.status.installation_id not in {None, first}


SERVER = """
for line in sys.stdin:
    telemetry.count_tool("codegraph_explore")
    telemetry.record_index(["go"], 5, 1)
    now += dt.timedelta(days=1)
    telemetry.deliver(wait=True)
    print("delivered", flush=True)
"""


def test_off_reaches_a_server_that_runs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.turn_on()
    server = machine.start(SERVER)
    requests, answers = server.stdin, server.stdout
    assert requests is not None
    assert answers is not None

    def use() -> None:
        print("use", file=requests, flush=True)
        assert answers.readline() == "delivered\n"

    try:
        use()
        assert len(machine.events) >= 1
        run_command(monkeypatch, PROJECT, "off")
        before = len(machine.endpoint.arrived)
        stored = machine.read_stored()
        for _ in range(3):
            use()
        assert len(machine.endpoint.arrived) == before
        assert machine.read_stored() == stored
    finally:
        output, errors = server.communicate(timeout=60)
    assert (output, errors) == ("", "")
    # Nor when it ends.
    assert machine.read_stored() == stored


def test_off_stops_a_run_between_two_requests(machine: Machine) -> None:
    machine.turn_on()
    telemetry = machine.open()
    for _ in range(250):
        telemetry.record_index(["go"], files=5, seconds=1)

    def turn_off() -> None:
        machine.run("telemetry.reporter.turn_off()")

    machine.endpoint.on_arrival = turn_off
    telemetry.deliver(wait=True)

    assert len(machine.bodies) == 1
    assert machine.status.logged == 0


def test_a_sender_that_was_killed_leaves_nothing_after_off(machine: Machine) -> None:
    machine.turn_on()
    killed = threading.Event()
    sender = machine.start(
        "telemetry.record_index(['go'], 5, 1)\ntelemetry.reporter.run()"
    )

    def kill() -> None:
        sender.kill()
        sender.communicate()
        killed.set()

    machine.endpoint.on_arrival = kill
    assert killed.wait(60)
    machine.open().reporter.turn_off()
    machine.open().reporter.turn_on()
    machine.endpoint.on_arrival = lambda: None
    machine.wait(HOUR)
    machine.deliver()

    assert len(machine.endpoint.arrived) == 1


def test_do_not_track_counts_nothing_and_keeps_what_waits(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.turn_on()
    telemetry = machine.open()
    telemetry.record_index(["go"], files=5, seconds=1)
    telemetry.reporter.flush()
    with monkeypatch.context() as patched, sockets.denied() as attempts:
        patched.setenv("DO_NOT_TRACK", "true")
        index(machine)
    assert attempts == []
    machine.deliver()

    assert len(machine.events) == 1


def test_a_program_that_embeds_it_can_leave_it_out_for_good(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CODEGRAPH_TELEMETRY", "1")
    before = threading.enumerate()
    telemetry = machine.open(enabled=False)
    with sockets.denied() as attempts:
        telemetry.ask(never)
        telemetry.count_command("query")
        telemetry.count_tool("codegraph_node")
        telemetry.record_index(["go"], files=5, seconds=1)
        telemetry.reporter.flush()
        assert [it for it in threading.enumerate() if it not in before] == []
        telemetry.deliver(wait=True)
        stop = telemetry.serve()
        with pytest.raises(ReportingError) as caught:
            telemetry.reporter.turn_on()
        stop()

    assert caught.value.problem is Problem.TURNED_OFF_BY_PACKAGER
    assert attempts == []
    assert list(machine.home.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert telemetry.reporter.status().decision.state is State.OFF


@pytest.mark.parametrize("suffix", ["", "/", "/v1/events", "/sub", "/sub/v1/events"])
def test_the_variable_names_where_events_go(
    suffix: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{machine.endpoint.url}{suffix}"
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_ENDPOINT", url)
    machine.turn_on()
    index(machine)

    folder = "/sub" if "sub" in suffix else ""
    assert {it.path for it in machine.endpoint.arrived} == {f"{folder}/v1/events"}


def test_without_the_variable_events_go_where_codegraph_publishes(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEGRAPH_TELEMETRY_ENDPOINT")

    assert machine.status.url == "https://telemetry.getcodegraph.com/v1/events"


def test_the_debug_variable_shows_each_request_on_standard_error(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_DEBUG", "1")
    machine.turn_on()
    index(machine)

    printed = capfd.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    before, _, body = line.partition("{")
    assert before == f"codegraph: POST {machine.endpoint.url}/v1/events "
    assert json.loads(f"{{{body}") == machine.bodies[0]


@pytest.mark.parametrize("value", ["", "0"])
def test_otherwise_sending_prints_nothing(
    value: str,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CODEGRAPH_TELEMETRY_DEBUG", value)
    machine.turn_on()
    index(machine)

    assert machine.bodies
    assert capfd.readouterr() == ("", "")


def test_standard_output_carries_the_protocol_alone(machine: Machine) -> None:
    code = """
telemetry.serve()
for line in sys.stdin:
    telemetry.count_tool("codegraph_explore", ok=False, client_name="claude-code")
    telemetry.record_uninit()
    print('{"jsonrpc":"2.0"}', flush=True)
telemetry.deliver(wait=True)
"""
    server = machine.start(code)
    output, errors = server.communicate("use\n" * 3, timeout=60)

    assert output == '{"jsonrpc":"2.0"}\n' * 3
    assert errors == f"{client.NOTICE}\n"


def test_a_home_that_cannot_be_written_costs_nothing_but_the_counts(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.folder.write_text("a file where the folder should be")
    for _ in range(3):
        index(machine)
        machine.open().count_command("query")

    assert capfd.readouterr() == ("", "")
    assert machine.endpoint.arrived == []


def test_a_program_that_starts_pays_for_nothing(machine: Machine) -> None:
    output, _ = machine.run(
        "names = {'sqlite3', 'requests', 'urllib3', 'ssl', 'socket', 'django'}\n"
        "print(sorted(names & set(sys.modules)))"
    )

    assert output == "[]\n"
    assert not machine.folder.exists()
