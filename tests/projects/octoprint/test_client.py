"""OctoPrint's client: what it sends, when, and what its users asked of the real one."""

import datetime as dt
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from paperless_report import Result, Source, preparation, rounds
from projects.octoprint.client import Tracking, build_project
from projects.octoprint.declaration import GROUPS
from projects.octoprint.facts import find_size
from tests.projects.clients import VARIABLES, wait_for
from tests.projects.octoprint.bus import EXAMPLES, PLUGIN, PRINT, THROTTLED, fire
from tests.projects.octoprint.client import FACTS, ID, read_counters, read_facts
from tests.projects.octoprint.instance import (
    DAY,
    QUARTER,
    Instance,
    read_event,
    read_fields,
)
from tests.projects.octoprint.recorded import COUNTED, RECORDINGS, Recording
from tests.support.endpoint import Answer, Endpoint
from tests.support.pages import ROOT
from tests.worker.database import select_all
from worker.local.harness import Harness

OWN_VARIABLES = (
    *("OCTOPRINT_BASEDIR", "OCTOPRINT_DISABLE_TRACKING", "OCTOPRINT_TRACKING_DISABLED"),
    *("OCTOPRINT_USAGE_REPORTING", "OCTOPRINT_USAGE_REPORTING_URL"),
)
# What OctoPrint's own plugin sends, and this client does not: its contract has no place.
LEFT_OUT = {
    *("octoprint_uptime", "printer_state", "platform", "freq", "file", "printer_port"),
    *("commerror_text", "plugin_version", "from_version", "os_version"),
    *("throttled_now", "throttled_past", "throttled_mask"),
}
LEFT_OUT_OF = {
    "system_throttled": {"throttled_voltage_past", "throttled_overheat_past"},
    "system_unthrottled": {"throttled_voltage_now", "throttled_overheat_now"},
}
# Rounded up to 32 GiB, and without the version of the plugin.
ROUNDED = {"ram": "34359738368", "plugins": "seedfire:?"}
# What other plugins may put on the event bus.
PAYLOADS_OF_OTHERS: tuple[Any, ...] = (
    *(None, [], 3, "text", {"time": float("inf"), "reason": []}),
    *({"time": object(), "origin": b"local"}, {"error": None, "reason": {}}),
)
# The events of each group, by the names that they are sent with.
SENT_BY_GROUP = {
    **GROUPS,
    "commerror": ("commerror_timeout",),
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *OWN_VARIABLES):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Endpoint() as endpoint:
        yield Instance(tmp_path / "octoprint", endpoint)


def live(
    instance: Instance, tracking: Tracking, events: Iterable[str] = EXAMPLES
) -> None:
    """Let a day pass in which each of *events* happens once."""
    tracking.on_startup()
    for event in events:
        fire(tracking, event, EXAMPLES[event])
    tracking.tick()
    instance.wait(DAY)
    tracking.tick()
    tracking.on_shutdown()


class TestRequests:
    """What is sent, beside what the real OctoPrint was recorded to send."""

    @pytest.mark.parametrize("recording", RECORDINGS, ids=lambda it: it.number)
    def test_a_request_is_the_recorded_one_without_what_the_contract_does_not_name(
        self, instance: Instance, recording: Recording
    ) -> None:
        event, recorded = recording.event, dict(recording.fields)
        if event in {"pong", "startup"}:
            lists = {it: recorded.get(it, "") for it in ("plugins", "achievements")}
            instance.facts = {**recorded, **lists, "cores": int(recorded["cores"])}
            instance.facts |= {it: int(recorded[it]) for it in ("bits", "ram")}
        tracking = instance.open_on()

        match event:
            case "ping":
                tracking.tick()
            case "pong":
                instance.wait(DAY)
                tracking.deliver()
            case "startup":
                tracking.on_startup()
                tracking.deliver()
            case "shutdown":
                tracking.on_shutdown()
            case _:
                fire(tracking, event, recorded)
                tracking.deliver()

        (sent,) = instance.endpoint.arrived
        identifier = tracking.reporter.status().installation_id
        method, path, version = recording.build().split(b"\r\n")[0].decode().split()
        assert version == "HTTP/1.1"
        assert sent.method == method
        assert sent.path.split("?")[0] == path.split("?")[0].replace(
            ID, identifier or ""
        )
        assert sent.headers["User-Agent"] == "OctoPrint/1.11.8"
        assert sent.headers["Accept"] == "*/*"
        assert "Content-Type" not in sent.headers
        left_out = LEFT_OUT | LEFT_OUT_OF.get(event, set())
        expected = {**recorded, **{it: ROUNDED[it] for it in ROUNDED if it in recorded}}
        for name in left_out:
            expected.pop(name, None)
        if "achievements" in expected:
            expected["achievements"] = ",".join(
                sorted(expected["achievements"].split(","))
            )
        assert read_fields(sent) == expected

    def test_values_are_written_as_pythons_str_and_spaces_as_percent_20(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()

        fire(tracking, "enable_plugin", {"plugin": "my plugin+x", "plugin_version": ""})
        fire(tracking, "system_throttled", THROTTLED)
        tracking.deliver()

        queries = [it.path.split("?")[1] for it in instance.endpoint.arrived]
        assert queries == [
            "plugin=my%20plugin%2Bx",
            "throttled_voltage_now=True&throttled_overheat_now=False",
        ]

    def test_facts_are_rounded_before_they_leave_the_machine(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        instance.facts["cores"] = 64
        instance.wait(DAY)

        tracking.deliver()

        (pong,) = map(read_fields, instance.endpoint.arrived)
        assert (pong["ram"], pong["cores"]) == (str(4 * 2**30), "16")
        assert pong["pi_model"] == "Raspberry Pi 4 Model B"
        assert pong["octopiuptodate_build"] == "20241029104213"
        assert pong["plugins"] == "bedlevelvisualizer:?,octolapse:?,unknownversion:?"

    def test_memory_is_sent_as_bytes_that_the_receiver_rounds_to_the_same_size(
        self, instance: Instance
    ) -> None:
        sizes = ("0.5", "1", "2", "4", "8", "16", "32", "more than 32")
        for size in sizes:
            instance.facts["ram"] = (
                2**36 if size == sizes[-1] else int(float(size) * 2**30)
            )
            tracking = instance.open_on()
            tracking.on_startup()
            tracking.deliver()

        sent = [int(read_fields(it)["ram"]) for it in instance.endpoint.arrived]
        assert [find_size(it) for it in sent] == [*sizes]

    def test_facts_that_are_not_known_are_left_out(self, instance: Instance) -> None:
        instance.facts |= {"cores": "unknown", "ram": "unknown", "pip": None}
        for name in ("pi_model", "octopi_version", "octopiuptodate_build"):
            del instance.facts[name]
        tracking = instance.open_on()

        tracking.on_startup()
        tracking.deliver()

        (startup,) = map(read_fields, instance.endpoint.arrived)
        assert [*startup] == ["version", "os", "bits", "python"]

    def test_a_cancelled_print_is_sent_once(self, instance: Instance) -> None:
        tracking = instance.open_on()

        fire(tracking, "print_started", PRINT)
        fire(tracking, "print_cancelled", PRINT)
        fire(tracking, "print_failed", {**PRINT, "reason": "cancelled"})
        tracking.deliver()

        assert instance.sent == ["print_started", "print_cancelled"]

    def test_a_reason_that_is_not_listed_is_not_named(self, instance: Instance) -> None:
        tracking = instance.open_on()

        fire(tracking, "commerror_/etc/passwd", {"commerror_text": "?"})
        tracking.deliver()

        (sent,) = instance.endpoint.arrived
        assert sent.path.endswith("/commerror_other/")

    def test_a_printer_that_says_its_name_again_was_not_connected_again(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()

        fire(tracking, "printer_connected", EXAMPLES["printer_connected"])
        tracking.on_event("FirmwareData", {"name": "Marlin 2.1.2.4"})
        tracking.deliver()

        assert instance.sent == ["printer_connected"]

    def test_what_else_happens_in_octoprint_is_not_sent(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()

        tracking.on_event("UserLoggedIn", {"username": "gina"})
        tracking.on_event("Error", {"error": "without a reason"})
        tracking.on_page_load({"browser_name": "Firefox"})
        tracking.deliver()

        assert instance.sent == []

    def test_the_receiver_stores_what_it_stores_of_the_real_client(
        self, tmp_path: Path, receiver: Harness
    ) -> None:
        """All recorded events but the pongs, which are sent once a day."""
        with Endpoint() as endpoint:
            instance = Instance(tmp_path / "octoprint", endpoint)
            endpoint.url = receiver.url
            tracking = instance.open_on()
            for it in RECORDINGS:
                if it.event not in {"ping", "pong", "startup", "shutdown"}:
                    fire(tracking, it.event, it.fields)
            tracking.on_startup()
            tracking.on_shutdown()
            instance.wait(DAY)
            tracking.deliver()

            assert read_counters(receiver) == COUNTED
            identifier = tracking.reporter.status().installation_id
            assert identifier is not None
            assert read_facts(receiver, identifier) == {**FACTS, "country": None}
            assert tracking.reporter.forget().ids == (identifier,)
            assert select_all(receiver, "instances") == []


class TestSchedule:
    """When something is sent."""

    def test_a_ping_is_sent_at_each_tick_and_a_pong_once_a_day(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()

        # The thread ticks every 15 minutes, which would be 96 times a day.
        for _ in range(3 * 12):
            instance.wait(8 * QUARTER)
            tracking.tick()

        assert (instance.sent.count("ping"), instance.sent.count("pong")) == (36, 3)

    def test_a_restart_does_not_send_the_pong_again(self, instance: Instance) -> None:
        instance.open_on()
        instance.wait(DAY)
        for _ in range(5):
            tracking = instance.open()
            tracking.on_startup()
            tracking.tick()
            tracking.on_shutdown()
            instance.wait(dt.timedelta(minutes=1))

        assert instance.sent.count("pong") == 1
        assert instance.sent.count("startup") == instance.sent.count("shutdown") == 5

    def test_the_end_is_sent_before_octoprint_ends(self, tmp_path: Path) -> None:
        """In a process that really ends, from the handler in which OctoPrint calls it."""
        code = (
            "import atexit, sys\n"
            "from pathlib import Path\n"
            "from projects.octoprint.client import Tracking, build_project\n"
            "project = build_project(Path(sys.argv[1]), server=sys.argv[2])\n"
            "tracking = Tracking(project)\n"
            "tracking.reporter.turn_on()\n"
            "atexit.register(tracking.stop)\n"
            "tracking.start()\n"
        )
        with Endpoint() as endpoint:
            done = subprocess.run(
                [sys.executable, "-c", code, tmp_path / "octoprint", endpoint.url],
                cwd=ROOT,
                check=True,
                capture_output=True,
            )

            assert (done.stdout, done.stderr) == (b"", b"")
            events = [read_event(it) for it in endpoint.arrived]
            assert events[-1] == "shutdown"
            assert {*events} <= {"startup", "ping", "shutdown"}

    def test_a_thread_sends_at_once_what_happens(self, instance: Instance) -> None:
        tracking = instance.open_on()
        tracking.start()
        wait_for(lambda: "ping" in instance.sent, "the ping")

        fire(tracking, "print_started", PRINT)
        wait_for(lambda: "print_started" in instance.sent, "the print")
        tracking.stop()

        assert instance.sent == ["startup", "ping", "print_started", "shutdown"]

    def test_a_thread_sends_the_rest_of_what_one_run_does_not_send(
        self, instance: Instance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in (preparation, rounds):
            monkeypatch.setattr(module, "MOST_REQUESTS", 3)
        tracking = instance.open_on()
        for _ in range(5):
            fire(tracking, "print_started", PRINT)

        tracking.start()
        wait_for(lambda: instance.sent.count("print_started") == 5, "five prints")
        tracking.stop()

    def test_nothing_is_sent_or_kept_while_octoprint_is_offline(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        instance.is_online = False
        live(instance, tracking)
        assert instance.sent == []

        instance.is_online = True
        tracking.deliver()

        assert instance.sent == ["pong"]

    def test_what_could_not_be_sent_in_ten_minutes_is_lost(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        fire(tracking, "print_started", PRINT)
        tracking.reporter.flush()
        instance.wait(dt.timedelta(minutes=11))

        tracking.deliver()

        assert instance.sent == []

    @pytest.mark.parametrize("status", [204, 200, 404, 429, 500])
    def test_no_answer_makes_it_send_anything_again(
        self, instance: Instance, status: int
    ) -> None:
        instance.endpoint.answer = Answer(status)
        tracking = instance.open_on()
        instance.wait(DAY)

        tracking.tick()
        tracking.deliver()

        assert instance.sent == ["ping", "pong"]

    def test_an_event_that_is_not_sent_makes_no_second_pong(
        self, instance: Instance
    ) -> None:
        tracking = instance.open()
        tracking.reporter.turn_on()
        instance.now += 2 * DAY
        tracking.on_startup()
        tracking.on_event("PrintStarted", {"origin": "local"})

        def break_second() -> None:
            if len(instance.sent) == 2:
                raise ConnectionError

        instance.endpoint.on_arrival = break_second
        tracking.deliver()
        for _ in range(3):
            instance.now += dt.timedelta(hours=1)
            tracking.deliver()

        assert instance.sent.count("pong") == 1

    def test_a_server_that_is_away_is_tried_twice_in_four_hours(
        self, instance: Instance
    ) -> None:
        """The real one tries each event, and each waits for three seconds."""
        attempts = []

        def hang_up() -> None:
            attempts.append(instance.now)
            raise ConnectionError

        instance.endpoint.on_arrival = hang_up
        tracking = instance.open_on()

        for _ in range(16):
            fire(tracking, "print_started", PRINT)
            tracking.tick()
            instance.wait(QUARTER)

        assert len(attempts) == 2


class TestGroups:
    """What an admin can switch off."""

    def test_the_groups_are_those_of_octoprint(self) -> None:
        assert [*GROUPS] == [
            *("pong", "startup", "printjob", "commerror", "plugin", "update"),
            *("printer", "printer_safety_check", "throttled", "achievements"),
            *("slicing", "webui_load"),
        ]

    def test_every_event_but_the_ping_is_in_one_group(self, tmp_path: Path) -> None:
        events = build_project(tmp_path).load_events().by_name
        grouped = [it for names in GROUPS.values() for it in names]

        assert sorted(grouped) == sorted({*events} - {"ping"})

    @pytest.mark.parametrize("group", GROUPS)
    def test_a_group_is_not_sent_while_it_is_off(
        self, instance: Instance, group: str
    ) -> None:
        tracking = instance.open_on()
        every = {"ping", *(it for names in SENT_BY_GROUP.values() for it in names)}

        tracking.reporter.turn_group(group, on=False)
        live(instance, tracking)

        assert {*instance.sent} == every - {*SENT_BY_GROUP[group]}
        instance.endpoint.arrived.clear()
        tracking.reporter.turn_group(group, on=True)
        live(instance, tracking, {*SENT_BY_GROUP[group]} & {*EXAMPLES})
        assert {*SENT_BY_GROUP[group]} <= {*instance.sent}

    def test_without_the_achievements_a_pong_does_not_list_them(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        tracking.reporter.turn_group("achievements", on=False)
        instance.wait(DAY)

        tracking.deliver()

        (pong,) = map(read_fields, instance.endpoint.arrived)
        assert "achievements" not in pong
        assert pong["plugins"]

    def test_all_groups_off_leave_the_ping(self, instance: Instance) -> None:
        tracking = instance.open_on()
        for group in GROUPS:
            tracking.reporter.turn_group(group, on=False)

        live(instance, tracking)

        assert {*instance.sent} == {"ping"}


class TestWhatUsersAsked:
    """The complaints about the real client, each as a promise of this one."""

    def test_the_question_never_returns(self, instance: Instance) -> None:
        """OctoPrint/OctoPrint#3166: it came back at each connection."""
        assert instance.open().needs_answer()
        instance.open().reporter.turn_off()

        assert not instance.open().needs_answer()
        instance.facts["version"] = "1.12.0"
        instance.wait(400 * DAY)
        assert not instance.open().needs_answer()

    @pytest.mark.parametrize(
        "name", ["CI", "DO_NOT_TRACK", "OCTOPRINT_USAGE_REPORTING"]
    )
    def test_there_is_no_question_where_a_variable_answers(
        self, instance: Instance, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "1")

        assert not instance.open().needs_answer()

    def test_there_is_no_question_whose_answer_cannot_be_stored(
        self, instance: Instance
    ) -> None:
        instance.folder.parent.joinpath("octoprint").write_text("no folder")

        assert not instance.open().needs_answer()

    def test_a_quiet_instance_sends_nothing_without_prints(
        self, instance: Instance
    ) -> None:
        """OctoPrint/OctoPrint#3291: 200 to 300 requests a day without a print."""
        tracking = instance.open_on(quiet_without_prints=True)
        tracking.on_startup()
        for _ in range(24):
            instance.wait(8 * QUARTER)
            tracking.tick()
        tracking.on_shutdown()

        assert instance.sent == []

    def test_a_quiet_instance_sends_until_a_day_after_a_print(
        self, instance: Instance
    ) -> None:
        instance.open_on()
        tracking = instance.open(quiet_without_prints=True)
        fire(tracking, "print_started", PRINT)
        for _ in range(30):
            tracking.tick()
            instance.wait(4 * QUARTER)

        assert instance.sent[0] == "print_started"
        assert instance.sent.count("ping") == 25
        assert instance.sent.count("pong") == 1

    def test_a_quiet_instance_remembers_prints_across_a_restart(
        self, instance: Instance
    ) -> None:
        before = instance.open_on(quiet_without_prints=True)
        fire(before, "print_done", PRINT)
        before.deliver()

        again = instance.open(quiet_without_prints=True)
        again.on_startup()
        again.on_shutdown()

        assert instance.sent == ["print_done", "startup", "shutdown"]

    def test_what_happens_is_sent_by_a_quiet_instance_too(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on(quiet_without_prints=True)

        fire(tracking, "install_plugin", PLUGIN)
        tracking.tick()

        assert instance.sent == ["install_plugin"]

    def test_off_in_another_process_stops_a_running_octoprint(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        tracking.tick()

        done = run_command(instance, "off")

        assert done.returncode == 0, done.stderr
        live(instance, tracking)
        assert instance.sent == ["ping"]
        status = tracking.reporter.status()
        assert (status.installation_id, status.decision.source) == (None, Source.STORED)

    def test_on_again_makes_another_id(self, instance: Instance) -> None:
        tracking = instance.open_on()
        first = tracking.reporter.status().installation_id
        tracking.reporter.turn_off()
        tracking.reporter.turn_on()

        assert tracking.reporter.status().installation_id not in {None, first}

    def test_without_consent_there_is_no_id_and_no_traffic(
        self, instance: Instance
    ) -> None:
        """The real one makes an ID when it is first started, whatever its admin says."""
        tracking = instance.open()

        live(instance, tracking)

        assert instance.endpoint.arrived == []
        assert tracking.reporter.status().installation_id is None
        assert not [*instance.folder.glob("usage_uuid")]

    @pytest.mark.parametrize(
        "name", ["OCTOPRINT_DISABLE_TRACKING", "OCTOPRINT_TRACKING_DISABLED", "CI"]
    )
    def test_each_variable_stops_everything_and_is_named(
        self, instance: Instance, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """The documentation names one that the real client does not read."""
        tracking = instance.open_on()
        monkeypatch.setenv(name, "0")

        live(instance, tracking)

        assert instance.sent == []
        assert tracking.reporter.status().decision.variable == name

    def test_nothing_is_logged_or_printed(
        self,
        instance: Instance,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        """OctoPrint/OctoPrint#2967: it filled the log with errors."""
        caplog.set_level(logging.DEBUG)
        tracking = instance.open_on()
        live(instance, tracking)
        instance.endpoint.answer = Answer(500)
        live(instance, tracking)

        assert caplog.records == []
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("broken", ["state", "network", "host", "payload"])
    def test_no_fault_reaches_octoprint(
        self,
        instance: Instance,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        broken: str,
    ) -> None:
        def fail() -> Any:  # noqa: ANN401  # as a callable of the host
            raise OSError(broken)

        caplog.set_level(logging.DEBUG)
        tracking = instance.open_on(
            is_online=fail if broken == "host" else lambda: True,
            quiet_without_prints=True,
        )
        if broken == "state":
            for file in instance.folder.iterdir():
                file.write_bytes(b"no database" * 999)
        if broken == "network":
            instance.endpoint.url = "http://127.0.0.1:9"
            tracking = instance.open()
        if broken == "payload":
            for name in ("PrintDone", "Error", "Connected", "FirmwareData"):
                for payload in PAYLOADS_OF_OTHERS:
                    tracking.on_event(name, payload)
        live(instance, tracking)

        assert caplog.records == []
        assert capfd.readouterr() == ("", "")

    def test_a_preview_shows_the_request_that_is_sent(self, instance: Instance) -> None:
        tracking = instance.open_on()
        instance.wait(DAY)
        (previewed,) = tracking.reporter.preview().requests

        tracking.deliver()

        (sent,) = instance.endpoint.arrived
        assert previewed.url == f"{instance.endpoint.url}{sent.path}"
        assert (previewed.method, previewed.body) == (sent.method, sent.body)

    def test_a_newer_client_that_would_send_more_asks_first(
        self, instance: Instance
    ) -> None:
        tracking = instance.open_on()
        instance.wait(DAY)
        events: Any = tracking.reporter.project.events
        new = {**events, "camera_added": {"type": "object", "properties": {}}}
        project = tracking.reporter.project
        grown = Tracking(
            type(project)(**{**vars(project), "events": new, "logged": [*new]}),
            clock=lambda: instance.now,
        )

        assert grown.reporter.run().result is Result.NEEDS_CONSENT
        assert instance.sent == []


def run_command(instance: Instance, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the reporter in a process of its own, as an admin does."""
    environ = {**os.environ, "OCTOPRINT_BASEDIR": str(instance.folder)}
    project = ("--project", "projects.octoprint.client:project")
    return subprocess.run(
        [sys.executable, "-m", "paperless_report", *project, command],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
