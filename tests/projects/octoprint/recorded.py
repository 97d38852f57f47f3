"""The requests that OctoPrint 1.11.8 sent when it was recorded, and what they count.

They are its own, from a print on its virtual printer and from events on its event bus, with
another ID and hash. It ignores every answer: a row of the table is all that differs.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from tests.projects.octoprint.client import ID, Counters

_FILE = "file=f1d2d2f924e986ac86fdf7b36c94bcdf32beec15"
_HEADERS = (
    "Host: 127.0.0.1:18081",
    "User-Agent: OctoPrint/1.11.8",
    "Accept-Encoding: gzip, deflate",
    "Accept: */*",
    "Connection: keep-alive",
)
_ENVIRONMENT = (
    "version=1.11.8&os=linux&platform=Linux-6.12.34-generic-x86_64-with-glibc2.36&bits=64"
    "&python=3.11.7&pip=23.2.1&cores=2&freq=0.0&ram=25276514304"
)
_THREE = "%2Cnight_owl%2Cone_small_step_for_man%2Csprint"
_SIX = f"{_THREE}%2Call_beginnings_are_hard%2Cadventurer"
_THROTTLED = "throttled_overheat_now=False&throttled_overheat_past=False"


@dataclass(frozen=True)
class Recording:
    """One request. The text is its query, or the body of the one event that is POSTed."""

    number: str
    event: str
    text: str = ""

    @property
    def fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.text, keep_blank_values=True))

    def build(self) -> bytes:
        path = f"/track/{ID}/{self.event}/"
        if self.event == "pong":
            length = f"Content-Length: {len(self.text)}"
            lines = [f"POST {path} HTTP/1.1", *_HEADERS, length, "", self.text]
        else:
            query = f"?{self.text}" if self.text else ""
            lines = [f"GET {path}{query} HTTP/1.1", *_HEADERS, "", ""]
        return "\r\n".join(lines).encode()


def _pong(number: str, achievements: str) -> Recording:
    lists = f"&plugins=seedfire%3A0.1&achievements=the_wizard{achievements}"
    return Recording(number, "pong", _ENVIRONMENT + lists)


# The times at which no number is sent were requests of other programs.
RECORDINGS = (
    Recording("001", "achievement_unlocked", "achievement=the_wizard"),
    Recording("002", "ping", "octoprint_uptime=1&printer_state=OFFLINE"),
    _pong("003", ""),
    Recording("005", "ping", "octoprint_uptime=41&printer_state=OFFLINE"),
    Recording(
        "006",
        "printer_connected",
        "firmware_name=Virtual%20Marlin%201.0&printer_port=VIRTUAL&printer_baudrate=115200",
    ),
    Recording("007", "print_started", f"origin=local&{_FILE}"),
    Recording("009", "print_done", f"origin=local&{_FILE}&elapsed=2"),
    Recording("010", "achievement_unlocked", "achievement=one_small_step_for_man"),
    Recording("011", "achievement_unlocked", "achievement=sprint"),
    _pong("013", _THREE),
    Recording("014", "print_cancelled", f"origin=local&{_FILE}&elapsed=8"),
    Recording("015", "achievement_unlocked", "achievement=all_beginnings_are_hard"),
    Recording("017", "ping", "octoprint_uptime=81&printer_state=OPERATIONAL"),
    Recording(
        "018", "install_plugin", "plugin=bedlevelvisualizer&plugin_version=1.1.1"
    ),
    Recording("019", "achievement_unlocked", "achievement=adventurer"),
    Recording("021", "enable_plugin", "plugin=my%20plugin%2Bx&plugin_version=None"),
    Recording("022", "disable_plugin", "plugin=themeify&plugin_version=1.2.2"),
    Recording(
        "023",
        "update_successful",
        "target=octoprint&from_version=1.11.7&to_version=1.11.8",
    ),
    Recording("025", "slicing_started", "slicer=unknown"),
    Recording(
        "026",
        "commerror_firmware",
        "commerror_text=Temp%20fault%3A%20MAXTEMP%20triggered%2C%20system%20stopped%21"
        "%20T%3A%20300%2F200%20%26%20more",
    ),
    Recording(
        "027",
        "print_failed",
        f"origin=sdcard&{_FILE}&elapsed=61&reason=error"
        "&commerror_text=Thermal%20Runaway%2C%20system%20stopped%21%20Heater_ID%3A%200",
    ),
    Recording("029", "ping", "octoprint_uptime=121&printer_state=OPERATIONAL"),
    _pong("030", _SIX),
    Recording("031", "print_started", f"origin=local&{_FILE}"),
    Recording(
        "033",
        "print_failed",
        f"origin=local&{_FILE}&elapsed=2&reason=error&commerror_text=Thermal%20Runaway"
        "%2C%20system%20stopped%21%20Heater_ID%3A%20bed%20-%20Printer%20halted."
        "%20kill%28%29%20called%21",
    ),
    Recording("034", "ping", "octoprint_uptime=1&printer_state=OFFLINE"),
    _pong("035", _SIX),
    Recording(
        "037",
        "system_throttled",
        "throttled_now=True&throttled_past=True&throttled_mask=327685"
        f"&throttled_voltage_now=True&throttled_voltage_past=True&{_THROTTLED}",
    ),
    Recording(
        "038",
        "system_unthrottled",
        "throttled_now=False&throttled_past=True&throttled_mask=327680"
        f"&throttled_voltage_now=False&throttled_voltage_past=True&{_THROTTLED}",
    ),
    Recording(
        "039",
        "printer_safety_warning",
        "printer_safety_warning_type=firmware-unsafe&printer_safety_check_name=aneta8",
    ),
    Recording("041", "commerror_timeout", "commerror_text=server%20is%20slow"),
    Recording(
        "042", "commerror_timeout", "commerror_text=queued%20behind%20the%20slow%20one"
    ),
    Recording("043", "commerror_connection", "commerror_text=server%20drops"),
    Recording("045", "ping", "octoprint_uptime=1&printer_state=OFFLINE"),
    _pong("046", _SIX),
    Recording("047", "startup", _ENVIRONMENT),
    _pong("049", _SIX),
    Recording("050", "startup", _ENVIRONMENT),
    Recording("051", "shutdown"),
)

# What all of them count, one row for each pair of values.
COUNTED: Counters = {
    ("print_started", "origin", "local", ""): (2, 0),
    ("print_done", "origin", "local", ""): (1, 2),
    ("print_cancelled", "origin", "local", ""): (1, 8),
    ("print_failed", "origin", "sdcard", ""): (1, 61),
    ("print_failed", "origin", "local", ""): (1, 2),
    ("print_failed", "reason", "error", ""): (2, 63),
    (
        *("printer_connected", "firmware_name,printer_connector"),
        *("Virtual Marlin 1.0", ""),
    ): (1, 0),
    ("printer_connected", "printer_baudrate", "115200", ""): (1, 0),
    ("install_plugin", "plugin", "bedlevelvisualizer", ""): (1, 0),
    ("enable_plugin", "plugin", "my plugin+x", ""): (1, 0),
    ("disable_plugin", "plugin", "themeify", ""): (1, 0),
    ("update_successful", "target,to_version", "octoprint", "1.11.8"): (1, 0),
    ("slicing_started", "slicer", "unknown", ""): (1, 0),
    ("commerror", "reason", "firmware", ""): (1, 0),
    ("commerror", "reason", "timeout", ""): (2, 0),
    ("commerror", "reason", "connection", ""): (1, 0),
    (
        *("system_throttled", "throttled_voltage_now,throttled_overheat_now"),
        *("true", "false"),
    ): (1, 0),
    (
        *("system_unthrottled", "throttled_voltage_past,throttled_overheat_past"),
        *("true", "false"),
    ): (1, 0),
    (
        "printer_safety_warning",
        "printer_safety_warning_type,printer_safety_check_name",
        *("firmware-unsafe", "aneta8"),
    ): (1, 0),
    **{
        ("achievement_unlocked", "achievement", name, ""): (1, 0)
        for name in (
            *("the_wizard", "one_small_step_for_man", "sprint"),
            *("all_beginnings_are_hard", "adventurer"),
        )
    },
    ("shutdown", "", "", ""): (1, 0),
}
