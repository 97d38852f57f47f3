"""Uses the client here as the commands of codegraph would."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from projects.codegraph.client import Telemetry, build_project
from tests.clients.codegraph import VERSION

_DAY = dt.timedelta(days=1)


class OurCodegraph:
    """An installation in *folder*, in which each command is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, command: str, *, yesterday: bool = False) -> Telemetry:
        """Run a command that sends nothing by itself."""
        telemetry = self._start(yesterday=yesterday)
        telemetry.count_command(command)
        telemetry.reporter.flush()
        return telemetry

    def index(self, command: str, *, yesterday: bool = False) -> None:
        telemetry = self.run(command, yesterday=yesterday)
        telemetry.record_index({"python", "go"}, files=2, seconds=1)
        telemetry.deliver(wait=True)

    def install(self) -> None:
        telemetry = self.run("install")
        telemetry.record_install(["claude"], "global", "fresh")
        telemetry.deliver(wait=True)

    def remove(self) -> None:
        telemetry = self.run("uninit")
        telemetry.record_uninit()
        telemetry.reporter.flush()  # its process ends
        telemetry = self.run("uninstall")
        telemetry.record_uninstall(["claude"])
        telemetry.deliver(wait=True)

    @contextmanager
    def serve(self, *, yesterday: bool) -> Iterator[Callable[..., None]]:
        """Serve an agent; call what is yielded with the name of a tool."""
        telemetry = self.run("serve", yesterday=yesterday)
        telemetry.deliver(wait=True)

        def use(tool: str, *, ok: bool = True) -> None:
            client = {"client_name": "claude-code", "client_version": "2.1.7"}
            telemetry.count_tool(tool, ok=ok, **client)

        yield use
        telemetry.reporter.flush()

    def turn(self, *, on: bool) -> None:
        reporter = self._start(yesterday=False).reporter
        if on:
            reporter.turn_on()
        else:
            reporter.turn_off()

    def _start(self, *, yesterday: bool) -> Telemetry:
        project = build_project(version=VERSION, data_dir=self._folder)
        behind = _DAY if yesterday else dt.timedelta()
        return Telemetry(project, clock=lambda: dt.datetime.now(dt.UTC) - behind)
