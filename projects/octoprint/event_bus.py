"""Reads OctoPrint's own events: what each of them counts. It does no I/O."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[Any, Any]
# The name of an event in events.schema.json, and what is known of its properties.
Tracked = tuple[str, dict[str, object]]


class EventBus:
    """Reads the events of one OctoPrint, in their order."""

    def __init__(self) -> None:
        self._connection: Payload | None = None

    def read(self, name: str, payload: Payload | None) -> Tracked | None:
        """Return what an event counts; None for nothing.

        Properties that OctoPrint does not know are None.
        """
        payload = payload or {}
        if name == "Connected":
            self._connection = payload
            return None
        if name == "FirmwareData":
            # Also sent when somebody asks a printer that is connected already.
            connection, self._connection = self._connection, None
            return _connect(connection, payload) if connection else None
        reader = _READERS.get(name)
        return reader(payload) if reader else None


def read_page_load(payload: Payload) -> Tracked | None:
    """Return what a browser says about itself when somebody opens the web interface.

    None if it does not know all of it.
    """
    names = ("browser_name", "browser_version", "os_name")
    if not all(payload.get(it) for it in names):
        return None
    properties = {it: payload[it] for it in names}
    version = str(payload["browser_version"]).partition(".")[0]
    return "webui_load", {**properties, "browser_version": _to_integer(version)}


def _to_integer(value: object) -> int | None:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]  # as OctoPrint does
    except (TypeError, ValueError, OverflowError):
        return None


def _copy(event: str, **keys: str) -> Callable[[Payload], Tracked]:
    """Make a reader of *event* that copies properties; *keys* are theirs in the payload."""
    return lambda payload: (event, {it: payload.get(keys[it]) for it in keys})


def _end_print(event: str) -> Callable[[Payload], Tracked]:
    def read(payload: Payload) -> Tracked:
        # OctoPrint leaves out 0.
        elapsed = _to_integer(payload.get("time")) or None
        return event, {"origin": payload.get("origin"), "elapsed": elapsed}

    return read


def _fail_print(payload: Payload) -> Tracked | None:
    reason = payload.get("reason", "unknown")
    if reason == "cancelled":  # `PrintCancelled` counts it
        return None
    event, properties = _end_print("print_failed")(payload)
    return event, {**properties, "reason": reason}


def _fail_communication(payload: Payload) -> Tracked | None:
    reason = payload.get("reason")
    return ("commerror", {"reason": reason}) if reason and "error" in payload else None


def _throttle(payload: Payload) -> Tracked:
    if payload.get("current_issue"):
        return _copy(
            "system_throttled",
            throttled_voltage_now="current_undervoltage",
            throttled_overheat_now="current_overheat",
        )(payload)
    return _copy(
        "system_unthrottled",
        throttled_voltage_past="past_undervoltage",
        throttled_overheat_past="past_overheat",
    )(payload)


def _connect(connection: Payload, firmware: Payload) -> Tracked:
    properties = {
        "firmware_name": firmware.get("name"),
        # From OctoPrint 1.12 on.
        "printer_connector": connection.get("connector"),
        "printer_baudrate": _to_integer(connection.get("baudrate")),
    }
    return "printer_connected", properties


def _update(event: str) -> Callable[[Payload], Tracked]:
    return _copy(event, target="target", to_version="to_version")


_READERS: Mapping[str, Callable[[Payload], Tracked | None]] = {
    "PrintStarted": _copy("print_started", origin="origin"),
    "PrintDone": _end_print("print_done"),
    "PrintCancelled": _end_print("print_cancelled"),
    "PrintFailed": _fail_print,
    "Error": _fail_communication,
    "SlicingStarted": _copy("slicing_started", slicer="slicer"),
    **{
        f"plugin_pluginmanager_{it}": _copy(it, plugin="id")
        for it in (
            *("install_plugin", "uninstall_plugin"),
            *("enable_plugin", "disable_plugin"),
        )
    },
    "plugin_softwareupdate_update_succeeded": _update("update_successful"),
    "plugin_softwareupdate_update_failed": _update("update_failed"),
    "plugin_pi_support_throttle_state": _throttle,
    "plugin_printer_safety_check_warning": _copy(
        "printer_safety_warning",
        printer_safety_warning_type="warning_type",
        printer_safety_check_name="check_name",
    ),
    "plugin_achievements_achievement_unlocked": _copy(
        "achievement_unlocked", achievement="key"
    ),
}
