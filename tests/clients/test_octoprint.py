"""Real OctoPrint reports to its receiver with its own tracking plugin and virtual printer."""

import contextlib
import datetime as dt
import json
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clients.receiver import client_environment, read_as_operator, run_receiver
from worker.local.harness import Harness

VERSION = "1.11.8"
ID = "2d9f6a41-0c3e-4f7b-8b52-91e7d3c0a5f6"
_KEY = "a key for tests of one machine"
_WAIT_SECONDS = 60
# The virtual printer takes its time for a pause, so that a print has a duration.
_SHORT = "G28\n" + "G4 P1000\n" * 3
_LONG = "G28\n" + "G4 P1000\n" * 300


def configure(receiver: Harness) -> dict[str, Any]:
    """The settings of an instance whose admin has turned reporting on."""
    return {
        # The connectivity check waits for the internet, and the wizard for an admin.
        "server": {"firstRun": False, "onlineCheck": {"enabled": False}},
        "accessControl": {"enabled": True},
        "api": {"key": _KEY},
        "serial": {"autoconnect": False},
        "plugins": {
            # They look for other machines, and for news on the internet.
            "_disabled": ["announcements", "discovery"],
            "errortracking": {"enabled": False},
            "tracking": {
                "enabled": True,
                "unique_id": ID,
                "server": f"{receiver.url}/track/{{id}}/{{event}}/",
            },
            "virtual_printer": {"enabled": True},
        },
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(is_done: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not is_done():
        assert time.monotonic() < deadline, f"waited {_WAIT_SECONDS} s for {what}"
        time.sleep(0.2)


class OctoPrint:
    """A running OctoPrint, through its REST API."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._session = requests.Session()
        self._session.headers["X-Api-Key"] = _KEY

    def answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return self._session.get(f"{self._url}/api/version", timeout=5).ok
        return False

    def read_state(self) -> str:
        answer = self._session.get(f"{self._url}/api/connection", timeout=5)
        state: str = answer.json()["current"]["state"]
        return state

    def connect(self) -> None:
        self._post("connection", json={"command": "connect", "port": "VIRTUAL"})
        wait_for(lambda: self.read_state() == "Operational", "the virtual printer")

    def print_file(self, name: str, gcode: str) -> None:
        self._post("files/local", files={"file": (name, gcode)}, data={"print": "true"})
        wait_for(lambda: self.read_state() == "Printing", "the start of a print")

    def cancel(self) -> None:
        self._post("job", json={"command": "cancel"})

    def wait_until_sent(self, event: str) -> None:
        log = self._folder / "logs" / "octoprint.log"
        text = f"Sent tracking event {event},"
        wait_for(lambda: text in log.read_text(encoding="utf-8"), event)

    def _post(self, path: str, **content: Any) -> None:  # noqa: ANN401  # arguments of requests
        response = self._session.post(f"{self._url}/api/{path}", timeout=30, **content)
        response.raise_for_status()


@pytest.fixture(scope="module")
def program(box: Path) -> Path:
    """OctoPrint from the package index, in an environment of its own."""
    venv.create(box / "venv", with_pip=True)
    scripts = box / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install = ("-m", "pip", "install", "--quiet", f"OctoPrint=={VERSION}")
    subprocess.run((scripts / "python", *install), check=True)
    return scripts / "octoprint"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Harness]:
    with run_receiver("octoprint") as worker:
        yield worker


@pytest.fixture(scope="module")
def octoprint(program: Path, box: Path, receiver: Harness) -> Iterator[OctoPrint]:
    folder = box / "octoprint"
    folder.mkdir()
    # JSON is YAML, too.
    settings = json.dumps(configure(receiver))
    (folder / "config.yaml").write_text(settings, encoding="utf-8")
    port = free_port()
    command = (program, "--basedir", folder, "serve", "--iknowwhatimdoing")
    with subprocess.Popen(
        (*command, "--host", "127.0.0.1", "--port", str(port)),
        # OctoPrint keeps a folder of its own there.
        env=client_environment(HOME=str(box)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            server = OctoPrint(f"http://127.0.0.1:{port}", folder)
            wait_for(server.answers, "OctoPrint")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(_WAIT_SECONDS)
            finally:
                process.kill()


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
    assert 2 <= counters["print_done"]["seconds"] <= _WAIT_SECONDS
    assert 1 <= counters["print_cancelled"]["seconds"] <= _WAIT_SECONDS
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
