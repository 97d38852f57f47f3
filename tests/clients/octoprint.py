"""Installs and runs the real OctoPrint, from the package index."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.clients.receiver import client_environment
from tests.projects.clients import wait_for
from tests.support.pages import ROOT

VERSION = "1.11.8"
_KEY = "a key for tests of one machine"
_SECONDS = 60
PLUGIN = Path(__file__).with_name("octoprint_plugin.py")


def install(box: Path) -> Path:
    """Install OctoPrint in an environment of its own, and return the program."""
    venv.create(box / "venv", with_pip=True)
    scripts = box / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    command = ("-m", "pip", "install", "--quiet", f"OctoPrint=={VERSION}")
    subprocess.run((scripts / "python", *command), check=True)
    return scripts / "octoprint"


def configure(server: str, identifier: str, **plugins: object) -> dict[str, Any]:
    """The settings of an instance whose admin has turned the real client on.

    Args:
        server: The receiver's URL.
        identifier: The ID of the instance.
        plugins: The settings of other plugins.
    """
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
                "unique_id": identifier,
                "server": f"{server}/track/{{id}}/{{event}}/",
            },
            "virtual_printer": {"enabled": True},
            **plugins,
        },
    }


class OctoPrint:
    """A running OctoPrint, through its REST API."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._log = folder / "logs" / "octoprint.log"
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
        port = {"port": "VIRTUAL", "baudrate": 115200}
        self.post("connection", json={"command": "connect", **port})
        wait_for(lambda: self.read_state() == "Operational", "the virtual printer")

    def print_file(self, name: str, gcode: str) -> None:
        self.post("files/local", files={"file": (name, gcode)}, data={"print": "true"})
        wait_for(lambda: self.read_state() == "Printing", "the start of a print")

    def cancel(self) -> None:
        self.post("job", json={"command": "cancel"})

    def read_log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_until_sent(self, event: str) -> None:
        text = f"Sent tracking event {event},"
        wait_for(lambda: text in self.read_log(), event)

    def post(self, path: str, **content: Any) -> None:  # noqa: ANN401  # arguments of requests
        response = self._session.post(f"{self._url}/api/{path}", timeout=30, **content)
        response.raise_for_status()


@contextlib.contextmanager
def run(
    program: Path, folder: Path, settings: dict[str, Any], *plugins: Path
) -> Iterator[OctoPrint]:
    """Run OctoPrint with its files in *folder*, and end it in its own way."""
    (folder / "plugins").mkdir(parents=True)
    # JSON is YAML, too.
    (folder / "config.yaml").write_text(json.dumps(settings), encoding="utf-8")
    for file in plugins:
        shutil.copy(file, folder / "plugins")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    command = (program, "--basedir", folder, "serve", "--iknowwhatimdoing")
    with subprocess.Popen(
        (*command, "--host", "127.0.0.1", "--port", str(port)),
        # OctoPrint keeps a folder of its own there, and a plugin here imports from there.
        env=client_environment(HOME=str(folder), PYTHONPATH=str(ROOT)),
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
                process.wait(_SECONDS)
            finally:
                process.kill()
