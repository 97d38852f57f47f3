"""OctoPrint's recorded requests, and every event that its tracking plugin can send."""

import json
from typing import Any

import pytest
import requests

from tests.projects.octoprint.client import (
    FACTS,
    ID,
    PONG,
    STARTUP,
    Fields,
    encode,
    read_counters,
    read_facts,
    track,
)
from tests.projects.octoprint.recorded import COUNTED, RECORDINGS
from tests.support.pages import ROOT
from tests.support.raw_http import send_raw
from tests.worker.client import post
from tests.worker.database import select_all
from worker.local.harness import Harness

pytestmark = pytest.mark.both

PRINT = {"origin": "local", "file": "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15"}
THROTTLED = {"throttled_now": True, "throttled_past": True, "throttled_mask": 327685}
PLUGIN = {"plugin": "octolapse", "plugin_version": "0.4.5"}
UPDATE = {"target": "octoprint", "from_version": "1.11.7", "to_version": "1.11.8"}
BROWSER = {
    "browser_name": "Firefox",
    "browser_version": "132.0",
    "os_name": "Linux",
    "os_version": "x86_64",
}
_SINGLE_PLUGIN = {("plugin", "octolapse", ""): (1, 0)}
_ONE_UPDATE = {("target,to_version", "octoprint", "1.11.8"): (1, 0)}
_LOCAL = {("origin", "local", ""): (1, 0)}

# Each event with the fields that it may have, and what it counts by pair and values.
EVENTS: dict[str, tuple[Fields, dict[tuple[str, str, str], tuple[int, int]]]] = {
    "print_started": ({**PRINT, **THROTTLED}, _LOCAL),
    "print_done": (
        {**PRINT, **THROTTLED, "elapsed": 3600},
        {("origin", "local", ""): (1, 3600)},
    ),
    # OctoPrint leaves out an elapsed time of 0.
    "print_cancelled": (PRINT, _LOCAL),
    "print_failed": (
        {**PRINT, "elapsed": 60, "reason": "error", "commerror_text": "Kill called!"},
        {("origin", "local", ""): (1, 60), ("reason", "error", ""): (1, 60)},
    ),
    "printer_connected": (
        # As OctoPrint 1.12 sends it, and the baud rate of earlier ones.
        {
            "firmware_name": "Marlin 2.1.2.4 (Sep 20 2024 10:00:00)",
            "printer_connector": "serial",
            "printer_port": "/dev/ttyUSB0",
            "printer_baudrate": 250000,
        },
        {
            (
                "firmware_name,printer_connector",
                "Marlin 2.1.2.4 (Sep 20 2024 10:00:00)",
                "serial",
            ): (1, 0),
            ("printer_baudrate", "250000", ""): (1, 0),
        },
    ),
    "install_plugin": (PLUGIN, _SINGLE_PLUGIN),
    "uninstall_plugin": (PLUGIN, _SINGLE_PLUGIN),
    "enable_plugin": (PLUGIN, _SINGLE_PLUGIN),
    "disable_plugin": (PLUGIN, _SINGLE_PLUGIN),
    "update_successful": (UPDATE, _ONE_UPDATE),
    "update_failed": (UPDATE, _ONE_UPDATE),
    "system_throttled": (
        {
            **THROTTLED,
            "throttled_voltage_now": False,
            "throttled_voltage_past": False,
            "throttled_overheat_now": True,
            "throttled_overheat_past": True,
        },
        {("throttled_voltage_now,throttled_overheat_now", "false", "true"): (1, 0)},
    ),
    "system_unthrottled": (
        {
            **THROTTLED,
            "throttled_now": False,
            "throttled_voltage_now": False,
            "throttled_voltage_past": False,
            "throttled_overheat_now": False,
            "throttled_overheat_past": True,
        },
        {("throttled_voltage_past,throttled_overheat_past", "false", "true"): (1, 0)},
    ),
    "printer_safety_warning": (
        {
            "printer_safety_warning_type": "firmware-broken",
            "printer_safety_check_name": "cbd",
        },
        {
            (
                "printer_safety_warning_type,printer_safety_check_name",
                *("firmware-broken", "cbd"),
            ): (1, 0)
        },
    ),
    "achievement_unlocked": (
        {"achievement": "half_marathon"},
        {("achievement", "half_marathon", ""): (1, 0)},
    ),
    "slicing_started": (
        {"slicer": "curalegacy"},
        {("slicer", "curalegacy", ""): (1, 0)},
    ),
    "webui_load": (
        BROWSER,
        {
            ("browser_name,os_name", "Firefox", "Linux"): (1, 0),
            ("browser_name,browser_version", "Firefox", "132"): (1, 0),
        },
    ),
    "shutdown": ({}, {("", "", ""): (1, 0)}),
}
# Those of OctoPrint's source: util/comm.py, and serial_connector from 1.12 on.
REASONS = (
    *("autodetect", "connection", "crash", "firmware"),
    *("resend", "resend_loop", "start_print", "timeout"),
)


def test_every_recorded_request_gets_204_and_is_counted_once(receiver: Harness) -> None:
    answers = [send_raw(receiver.url, it.build()) for it in RECORDINGS]

    assert {(it.status, it.body) for it in answers} == {(204, b"")}
    assert read_counters(receiver) == COUNTED
    (row,) = select_all(receiver, "instances")
    assert (row["id"], row["version"], row["python"]) == (ID, "1.11.8", "3.11.7")
    assert (row["bits"], row["cores"], row["ram"]) == (64, 2, "32")
    assert row["plugins"] == '["seedfire"]'
    assert len(json.loads(row["achievements"])) == 6


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_counts_the_pairs_of_its_values(receiver: Harness, event: str) -> None:
    fields, expected = EVENTS[event]

    response = track(receiver, event, fields)

    assert (response.status_code, response.content) == (204, b"")
    assert read_counters(receiver) == {
        (event, *values): sums for values, sums in expected.items()
    }
    assert select_all(receiver, "instances") == []


def test_every_declared_event_has_a_case() -> None:
    schemas = ROOT / "projects" / "octoprint" / "events.schema.json"

    assert {*json.loads(schemas.read_text("utf-8"))} == {*EVENTS, "commerror"}


@pytest.mark.parametrize("reason", REASONS)
def test_a_communication_error_counts_by_the_reason_in_its_name(
    receiver: Harness, reason: str
) -> None:
    fields = {"commerror_text": "Printer halted. kill() called!", **THROTTLED}

    assert track(receiver, f"commerror_{reason}", fields).status_code == 204

    assert read_counters(receiver) == {("commerror", "reason", reason, ""): (1, 0)}


@pytest.mark.parametrize("reason", ["", "_", "brand_new", "constructor", "Firmware"])
def test_an_unlisted_reason_counts_without_its_name(
    receiver: Harness, reason: str
) -> None:
    assert track(receiver, f"commerror_{reason}").status_code == 204

    assert read_counters(receiver) == {("commerror", "reason", "", ""): (1, 0)}


def test_a_cancelled_print_counts_once(receiver: Harness) -> None:
    track(receiver, "print_cancelled", {**PRINT, "elapsed": 8})
    track(receiver, "print_failed", {**PRINT, "elapsed": 8, "reason": "cancelled"})

    assert read_counters(receiver) == {
        ("print_cancelled", "origin", "local", ""): (1, 8)
    }


def test_equal_events_of_all_instances_add_up_in_one_row(receiver: Harness) -> None:
    for number, seconds in enumerate((1, 20, 300)):
        identifier = f"{number:08x}{ID[8:]}"
        track(
            receiver,
            "print_done",
            {**PRINT, "elapsed": seconds},
            identifier=identifier,
        )

    assert read_counters(receiver) == {("print_done", "origin", "local", ""): (3, 321)}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("event", "fields"), [("ping", {}), ("pong", PONG), ("startup", STARTUP)]
)
def test_get_and_post_have_the_same_effect(
    receiver: Harness, method: str, event: str, fields: dict[str, Any]
) -> None:
    url = f"{receiver.url}/track/{ID}/{event}/"
    text = encode(fields)
    headers = {"MF-CF-Blob": '{"country":"DE"}'}

    response = (
        requests.get(f"{url}?{text}", headers=headers, timeout=30)
        if method == "GET"
        else requests.post(url, text, headers=headers, timeout=30)
    )

    assert (response.status_code, response.content) == (204, b"")
    absent = [name for name in FACTS if not (name in fields or name == "country")]
    expected = {**FACTS, **dict.fromkeys(absent)}
    assert read_facts(receiver) == (expected if fields else dict.fromkeys(FACTS))


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-urlencoded; a=b",
    ],
)
def test_a_form_may_have_a_type_or_none(
    receiver: Harness, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    track(receiver, "pong", PONG, **headers)

    assert read_facts(receiver) == FACTS


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_body_of_another_type_is_answered_and_not_read(
    receiver: Harness, content_type: str
) -> None:
    response = track(receiver, "pong", PONG, **{"Content-Type": content_type})

    assert response.status_code == 204
    assert select_all(receiver, "instances") == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE"])
def test_no_other_method_sends_an_event(receiver: Harness, method: str) -> None:
    url = f"{receiver.url}/track/{ID}/ping/"

    response = requests.request(method, url, timeout=30)

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, OPTIONS"
    assert select_all(receiver, "instances") == []


@pytest.mark.parametrize(
    "path",
    [
        f"/track/{ID}/ping",
        f"/track/{ID}/ping//",
        f"/track/{ID}//",
        f"/track/{ID}/",
        f"/track/{ID}/pi-ng/",
        f"/track/{ID}/p%C3%AFng/",
        f"/track/{ID}/ping/more/",
        f"/track/{ID[1:]}/ping/",
        f"/track/{ID}0/ping/",
        f"/track/{ID.replace('-', '')}/ping/",
        f"/track/{ID.replace('f', 'g')}/ping/",
        "/track/None/ping/",
        f"/tracks/{ID}/ping/",
        "/track/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_other_path_is_404(receiver: Harness, method: str, path: str) -> None:
    response = requests.request(method, f"{receiver.url}{path}", timeout=30)

    assert response.status_code == 404
    assert select_all(receiver, "instances") == []


def test_an_id_is_the_same_in_upper_case(receiver: Harness) -> None:
    track(receiver, "ping", identifier=ID.upper())
    track(receiver, "ping")

    assert [row["id"] for row in select_all(receiver, "instances")] == [ID]


def test_an_instance_can_be_forgotten(receiver: Harness) -> None:
    track(receiver, "pong", PONG)

    assert post(receiver, {"id": ID}, "/forget").status_code == 204
    assert select_all(receiver, "instances") == []
