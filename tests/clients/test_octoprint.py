"""Real OctoPrint reports to its receiver with its own tracking plugin and virtual printer."""

import datetime as dt
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import octoprint as installed
from tests.clients.comparison import find_differences
from tests.clients.differences import OCTOPRINT
from tests.clients.octoprint import PLUGIN, VERSION, OctoPrint, configure
from tests.clients.octoprint_messages import read_messages
from tests.clients.receiver import read_as_operator, run_receiver
from tests.projects.clients import wait_for
from tests.projects.octoprint.bus import EXAMPLES, list_events
from tests.support.endpoint import Endpoint
from worker.local.harness import Harness

pytestmark = pytest.mark.slow

ID = "2d9f6a41-0c3e-4f7b-8b52-91e7d3c0a5f6"
# The virtual printer takes its time for a pause, so that a print has a duration.
_SHORT = "G28\n" + "G4 P1000\n" * 3
_LONG = "G28\n" + "G4 P1000\n" * 300
# A minute is the most that a print of these takes.
_MOST_SECONDS = 60
# What does not happen by itself on this machine.
FIRED = (
    *("print_failed", "commerror_timeout", "printer_safety_warning", "slicing_started"),
    *("install_plugin", "uninstall_plugin", "enable_plugin", "disable_plugin"),
    *("update_successful", "update_failed", "system_throttled", "system_unthrottled"),
)


@pytest.fixture(scope="module")
def program(box: Path) -> Path:
    """OctoPrint from the package index."""
    return installed.install(box)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Harness]:
    with run_receiver("octoprint") as worker:
        yield worker


@pytest.fixture(scope="module")
def octoprint(program: Path, box: Path, receiver: Harness) -> Iterator[OctoPrint]:
    settings = configure(receiver.url, ID)
    with installed.run(program, box / "reporting", settings) as server:
        yield server


def read_counters(receiver: Harness) -> dict[str, dict[str, int]]:
    """Count and seconds of each event."""
    rows = receiver.query(
        "SELECT event, pair, SUM(count) AS count, SUM(seconds) AS seconds FROM counters"
        " WHERE pair NOT LIKE '#%' GROUP BY event, pair"
    )
    return {
        row["event"]: {"count": row["count"], "seconds": row["seconds"]} for row in rows
    }


def test_a_print_and_a_cancelled_one_become_rows_and_the_operators_numbers(
    octoprint: OctoPrint, receiver: Harness
) -> None:
    octoprint.connect()
    octoprint.print_file("short.gcode", _SHORT)
    octoprint.wait_until_sent("print_done")
    octoprint.print_file("long.gcode", _LONG)
    time.sleep(2)
    octoprint.cancel()
    for event in ("startup", "ping", "pong", "print_cancelled", "print_failed"):
        octoprint.wait_until_sent(event)

    counters = read_counters(receiver)
    assert counters["print_started"] == {"count": 2, "seconds": 0}
    assert counters["print_done"]["count"] == counters["print_cancelled"]["count"] == 1
    assert 2 <= counters["print_done"]["seconds"] <= _MOST_SECONDS
    assert 1 <= counters["print_cancelled"]["seconds"] <= _MOST_SECONDS
    assert "print_failed" not in counters
    assert counters["printer_connected"]["count"] == 1
    assert counters["achievement_unlocked"]["count"] >= 1

    (instance,) = receiver.query("SELECT * FROM instances")
    assert (instance["id"], instance["version"], instance["os"]) == (
        *(ID, VERSION),
        "linux",
    )
    assert instance["python"] == ".".join(map(str, sys.version_info[:3]))
    assert instance["plugins"] == "[]"
    assert "the_wizard" in instance["achievements"]
    today = str(dt.datetime.now(dt.UTC).date())
    assert instance["first_day"] == instance["last_day"] == today

    for event in ("print_done", "print_cancelled"):
        path = f"/operator/counters?event={event}&pair=origin&step=total"
        rows = read_as_operator(receiver, path)
        assert rows == [{"first": "local", **counters[event]}]
    # As if this were its second day: before, an instance does not count.
    receiver.query("UPDATE instances SET first_day = date(first_day, '-1 day')")
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    assert receiver.run_cron(tomorrow) == "ok"
    *_, day = read_as_operator(receiver, "/operator/installations")
    assert (day["day"], day["active_1"], day["active_7"]) == (today, 1, 1)


def test_our_client_sends_what_the_real_one_sends_but_for_the_listed_differences(
    program: Path, box: Path
) -> None:
    """Both run in the same OctoPrint, and get the same events from it."""
    with Endpoint() as theirs, Endpoint() as ours:
        settings = configure(theirs.url, ID, octoprint_plugin={"server": ours.url})
        with installed.run(program, box / "beside", settings, PLUGIN) as server:
            server.connect()
            server.print_file("short.gcode", _SHORT)
            server.wait_until_sent("print_done")
            server.print_file("long.gcode", _LONG)
            time.sleep(2)
            server.cancel()
            server.wait_until_sent("print_failed")
            happen(server)
            server.wait_until_sent("webui_load")
            sent = len(theirs.arrived)
            # All but the second event of the print that was cancelled.
            wait_for(lambda: len(ours.arrived) >= sent - 1, "our client")
        real, our = read_messages(theirs.arrived), read_messages(ours.arrived)

    assert {it.name for it in our} - {it.name for it in real} == {"shutdown"}
    # The order of a list depends on the time of the day, and a machine may have many cores.
    found = find_differences(real, our, volatile=["achievements", "cores"])
    assert found == {it for listed in OCTOPRINT.values() for it in listed}


def happen(server: OctoPrint) -> None:
    """Let happen on OctoPrint's event bus what does not happen by itself on this machine."""
    for event in FIRED:
        for name, payload in list_events(event, EXAMPLES[event]):
            command = {"command": "fire", "event": name, "payload": payload}
            server.post("plugin/octoprint_plugin", json=command)
    load = {"command": "track", "payload": EXAMPLES["webui_load"]}
    server.post("plugin/octoprint_plugin", json=load)
    server.post("plugin/tracking", json={**load, "event": "webui_load"})
