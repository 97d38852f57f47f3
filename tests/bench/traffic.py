"""Models what the installations of each project send, from requests of recorded clients.

Reports, pings and pongs follow the client's own schedule. How often people print, restart or
use a tool is an assumption.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

from paperless_report import contract
from tests.projects.codegraph import recorded as codegraph
from tests.projects.manyfold import recorded as manyfold
from tests.projects.printernizer.recorded import RECORDINGS

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
QUARTER = DAY / 96


@dataclass(frozen=True)
class Request:
    """A request to a receiver."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


# Makes the request that the installation of this ID sends at this time.
Build = Callable[[str, dt.datetime], Request]


@dataclass(frozen=True)
class Message:
    """One kind of request, sent by an installation in one situation.

    Attributes:
        name: What it is.
        per_day: How many an installation sends in a day.
        build: Makes the request.
        earlier: What the installation sent before it, and how long before.
    """

    name: str
    per_day: float
    build: Build
    earlier: tuple[tuple[dt.timedelta, Build], ...]


def _post(path: str, content: object, **headers: str) -> Request:
    body = json.dumps(content, separators=(",", ":")).encode()
    return Request("POST", path, body, {"Content-Type": "application/json", **headers})


def _send_paperless(key: str, _now: dt.datetime) -> Request:
    examples = {
        name: it.schema["examples"][0] for name, it in contract.load_fields().items()
    }
    return _post("/report", {**examples, "uuid": key})


def _send_manyfold(key: str, _now: dt.datetime) -> Request:
    return _post("/", manyfold.report(key))


def _send_printernizer(key: str, now: dt.datetime) -> Request:
    recorded = RECORDINGS[0]
    body = recorded.build(now).partition(b"\r\n\r\n")[2]
    return Request(
        "POST",
        "/submit",
        body.replace(recorded.installation.encode(), key.encode()),
        {"Content-Type": "application/json"},
    )


def _send_octoprint(event: str, **values: object) -> Build:
    """Make a GET, or for `pong` the POST of a form without a Content-Type."""
    text = urlencode(values, quote_via=quote)

    def build(key: str, _now: dt.datetime) -> Request:
        path = f"/track/{key}/{event}/"
        return (
            Request("POST", path, text.encode())
            if event == "pong"
            else Request("GET", f"{path}?{text}" if text else path)
        )

    return build


_ENVIRONMENT = dict(
    parse_qsl(
        "version=1.11.8&os=linux&bits=64&python=3.11.7&pip=23.2.1&cores=4&freq=1500.0"
        "&ram=3979038720&pi_model=Raspberry Pi 4 Model B Rev 1.4"
    )
)
PING = _send_octoprint("ping", octoprint_uptime=900, printer_state="OPERATIONAL")
PONG = _send_octoprint("pong", **_ENVIRONMENT, plugins="themeify:1.2.2")
NEW_PLUGIN = _send_octoprint(
    "pong", **_ENVIRONMENT, plugins="themeify:1.2.2,bedlevelvisualizer:1.1.1"
)
_STARTUP = _send_octoprint("startup", **_ENVIRONMENT)
_PING_TODAY = (QUARTER, PING)
_FILE = {"origin": "local", "file": "89d7e5fe5417169b66f99061f9d494d7f7e140d3"}


def _count(name: str, per_day: float, event: str, **values: object) -> Message:
    """Make an event of OctoPrint."""
    build = _send_octoprint(event, **values)
    return Message(name, per_day, build, ((DAY, PONG), _PING_TODAY))


_OCTOPRINT = (
    Message("ping, the first of a day", 1, PING, ((DAY, PING),)),
    Message("ping, every 15 minutes", 95, PING, ((DAY, PING), _PING_TODAY)),
    Message("pong", 1, PONG, ((DAY, PONG), _PING_TODAY)),
    Message("pong with a new plugin", 1 / 30, NEW_PLUGIN, ((DAY, PONG), _PING_TODAY)),
    Message("startup", 0.5, _STARTUP, ((DAY, PONG), _PING_TODAY)),
    _count("printer_connected", 1, "printer_connected", firmware_name="Marlin 2.1.2"),
    _count("print_started", 2, "print_started", **_FILE),
    _count("print_done", 1.5, "print_done", **_FILE, elapsed=5400),
    _count("print_cancelled", 0.5, "print_cancelled", **_FILE, elapsed=60),
    _count(
        "print_failed, after print_cancelled",
        0.5,
        "print_failed",
        **_FILE,
        elapsed=60,
        reason="cancelled",
    ),
    _count(
        "webui_load",
        2,
        "webui_load",
        browser_name="Firefox",
        browser_version="134.0",
        os_name="Windows",
        os_version="10",
    ),
)


def _send_recorded(number: str) -> Build:
    """Make a recorded request of codegraph."""
    recording = codegraph.RECORDINGS[number]

    def build(key: str, now: dt.datetime) -> Request:
        return _post("/v1/events", {**recording.body(now), "machine_id": key})

    return build


# A line for each process, unmerged: what a machine did on one day.
USAGE = _send_recorded("003")
# A hundred times the same command.
SAME_LINES = _send_recorded("018")
_INDEX = _send_recorded("001")


def send_full_batch(key: str, now: dt.datetime) -> Request:
    """Make a batch of 100 lines by repeating those of a recorded day."""
    lines = codegraph.RECORDINGS["003"].body(now)["events"] * 10
    return build_batch(key, lines[:100])


def build_batch(
    key: str, events: Sequence[codegraph.Event], version: str = "1.6.1"
) -> Request:
    """Build a request of codegraph."""
    return _post("/v1/events", codegraph.batch(events, key, codegraph_version=version))


_CODEGRAPH = (
    Message("11 lines of a day's use", 1, USAGE, ((DAY, USAGE),)),
    Message("an index", 1, _INDEX, ((DAY, USAGE), (QUARTER, USAGE))),
)


def _repeat(name: str, every: dt.timedelta, build: Build) -> Message:
    """Make the message that an installation sends at a fixed interval."""
    return Message(name, DAY / every, build, ((every, build),))


# By the name of the project's folder.
TRAFFIC: Mapping[str, tuple[Message, ...]] = {
    "paperless-ngx": (_repeat("the weekly report", WEEK, _send_paperless),),
    "manyfold": (_repeat("the daily report", DAY, _send_manyfold),),
    "codegraph": _CODEGRAPH,
    "octoprint": _OCTOPRINT,
    "printernizer": (_repeat("the weekly report", WEEK, _send_printernizer),),
}
