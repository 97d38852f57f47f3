"""What OctoPrint's event bus says where its own plugin sends an event."""

from collections.abc import Mapping
from typing import Any

from projects.octoprint.client import Tracking

Fields = Mapping[str, str]

PRINT = {"origin": "local", "elapsed": "60"}
THROTTLED = {
    **dict.fromkeys(("throttled_now", "throttled_past"), "True"),
    **dict.fromkeys(("throttled_voltage_now", "throttled_voltage_past"), "True"),
    **dict.fromkeys(("throttled_overheat_now", "throttled_overheat_past"), "False"),
    "throttled_mask": "327685",
}
PLUGIN = {"plugin": "octolapse", "plugin_version": "0.4.5"}
UPDATE = {"target": "octoprint", "from_version": "1.11.7", "to_version": "1.11.8"}
# An example of each event that OctoPrint's event bus or a browser causes.
EXAMPLES: dict[str, Fields] = {
    "print_started": PRINT,
    "print_done": PRINT,
    "print_cancelled": PRINT,
    "print_failed": {**PRINT, "reason": "error"},
    "commerror_timeout": {"commerror_text": "Too many timeouts"},
    "install_plugin": PLUGIN,
    "uninstall_plugin": PLUGIN,
    "enable_plugin": PLUGIN,
    "disable_plugin": PLUGIN,
    "update_successful": UPDATE,
    "update_failed": UPDATE,
    "printer_connected": {
        "firmware_name": "Marlin 2.1.2.4",
        "printer_port": "/dev/ttyUSB0",
        "printer_baudrate": "250000",
    },
    "printer_safety_warning": {
        "printer_safety_warning_type": "firmware-unsafe",
        "printer_safety_check_name": "aneta8",
    },
    "system_throttled": THROTTLED,
    "system_unthrottled": {**THROTTLED, "throttled_now": "False"},
    "achievement_unlocked": {"achievement": "sprint"},
    "slicing_started": {"slicer": "curalegacy"},
    "webui_load": {
        "browser_name": "Firefox",
        "browser_version": "132.0",
        "os_name": "Linux",
        "os_version": "x86_64",
    },
}


# For each event, the event of the bus, and the names that its fields have there.
_NAMES: dict[str, tuple[str, Fields]] = {
    "printer_safety_warning": (
        "plugin_printer_safety_check_warning",
        {
            "printer_safety_warning_type": "warning_type",
            "printer_safety_check_name": "check_name",
        },
    ),
    "achievement_unlocked": (
        "plugin_achievements_achievement_unlocked",
        {"achievement": "key"},
    ),
    "slicing_started": ("SlicingStarted", {"slicer": "slicer"}),
    **{
        f"update_{ending}": (
            f"plugin_softwareupdate_update_{name}",
            {it: it for it in UPDATE},
        )
        for ending, name in (("successful", "succeeded"), ("failed", "failed"))
    },
    **{
        f"{it}_plugin": (
            f"plugin_pluginmanager_{it}_plugin",
            {"plugin": "id", "plugin_version": "version"},
        )
        for it in ("install", "uninstall", "enable", "disable")
    },
}
_THROTTLE = {
    "throttled_now": "current_issue",
    "throttled_past": "past_issue",
    "throttled_voltage_now": "current_undervoltage",
    "throttled_voltage_past": "past_undervoltage",
    "throttled_overheat_now": "current_overheat",
    "throttled_overheat_past": "past_overheat",
}


def fire(tracking: Tracking, event: str, fields: Fields) -> None:
    """Let happen in OctoPrint what its own plugin sends as *event* with *fields*."""
    if event == "webui_load":
        tracking.on_page_load(fields)
        return
    for name, payload in list_events(event, fields):
        tracking.on_event(name, payload)


def list_events(event: str, fields: Fields) -> list[tuple[str, dict[str, Any]]]:
    """Return the names and payloads on the bus that the own plugin sends as *event*."""
    if event in _NAMES:
        name, keys = _NAMES[event]
        known = {it: text for it, text in fields.items() if text != "None"}
        return [(name, {keys[it]: known.get(it) for it in fields})]
    if event == "printer_connected":
        rate = int(fields["printer_baudrate"])
        connected = {"port": fields["printer_port"], "baudrate": rate}
        firmware = {"name": fields["firmware_name"], "data": {}}
        return [("Connected", connected), ("FirmwareData", firmware)]
    kind, _, ending = event.partition("_")
    match kind:
        case "print":
            return [(event.title().replace("_", ""), _build_print(event, fields))]
        case "commerror":
            return [("Error", {"error": fields["commerror_text"], "reason": ending})]
        case "system":
            state: dict[str, Any] = {
                _THROTTLE[it]: fields[it] == "True" for it in _THROTTLE
            }
            state["raw_value"] = int(fields["throttled_mask"])
            return [("plugin_pi_support_throttle_state", state)]
    raise ValueError(event)


def _build_print(event: str, fields: Fields) -> dict[str, Any]:
    payload: dict[str, Any] = {"path": "whistle.gcode", "name": "whistle.gcode"}
    payload |= {it: fields[it] for it in ("origin", "reason") if it in fields}
    if event != "print_started":
        payload["time"] = int(fields.get("elapsed", 0)) + 0.75
    return payload
