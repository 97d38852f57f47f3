"""Counts how codegraph is used, and sends daily sums, unless its user has turned that off.

A reference: codegraph itself runs on Node.js. Nothing here writes to standard output, which
belongs to the MCP protocol. Counting and delivering never raise an exception.
"""

import contextlib
import datetime as dt
import os
import sys
import threading
from bisect import bisect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, Literal

from paperless_report import Project, Reporter, Source, State
from paperless_report.project import Variables
from projects.codegraph.batches import OLDEST, Batches
from projects.codegraph.facts import is_ci, read_processor, read_system

VERSION: Final = "1.6.1"  # the release whose recorded requests ours are compared with
ENDPOINT: Final = "https://telemetry.getcodegraph.com"
PAGE: Final = "https://github.com/colbymchenry/codegraph/blob/main/TELEMETRY.md"
NOTICE: Final = (
    "codegraph counts which commands and tools you use, and sends daily sums with a random"
    " ID, never code or paths. This run sends nothing yet. To turn it off, run"
    f' "codegraph telemetry off" or set CODEGRAPH_TELEMETRY=0. Details: {PAGE}'
)
ROUND_SECONDS = 6 * 3600.0
PATIENCE_SECONDS = 3.0
_FILES = (100, 1000, 10_000), ("<100", "100-1k", "1k-10k", "10k+")
_SECONDS = (10, 60, 300), ("<10s", "10-60s", "1-5m", "5m+")


def build_project(
    *,
    version: str = VERSION,
    node_major: int | None = None,
    enabled: bool = True,
    data_dir: Path | Callable[[], Path] = lambda: Path.home() / ".codegraph",
) -> Project:
    """Declare codegraph.

    Args:
        version: The release that runs.
        node_major: The major version of Node.js, if that is what runs.
        enabled: False for a program that embeds codegraph and must never report: nothing is
            counted, written or sent, and nothing can turn it on.
        data_dir: The folder that keeps the choice, the ID and what was counted.
    """
    return Project(
        name="codegraph",
        page=PAGE,
        variable_names=Variables(
            switch="CODEGRAPH_TELEMETRY",
            endpoint="CODEGRAPH_TELEMETRY_ENDPOINT",
            data_dir="~/.codegraph",
        ),
        data_dir=data_dir,
        contract=Path(__file__).with_name("report.schema.json"),
        events=Path(__file__).with_name("events.schema.json"),
        endpoint=ENDPOINT,
        path="/v1/events",
        collectors={
            "codegraph_version": lambda: version,
            "os": read_system,
            "arch": read_processor,
            "node_major": lambda: node_major,
            "ci": is_ci,
            "schema_version": lambda: 2,
        },
        logged=("install", "index", "uninstall"),
        log_for=OLDEST,
        period=dt.timedelta(days=1),
        default="on after notice",
        enabled=enabled,
        format=Batches(),
    )


project = build_project()


class Telemetry:
    """What codegraph's commands, its installer and its MCP server call."""

    def __init__(
        self,
        declared: Project = project,
        *,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:
        """Store the arguments; nothing is read or written.

        Args:
            declared: What `build_project` returned.
            clock: Returns the current time, aware; tests pass their own.
        """
        self.reporter = Reporter(declared, clock=clock, on_request=_echo)
        self._delivering = threading.Lock()
        self._may_send = True

    def count_command(self, name: str) -> None:
        """Count a command of the command line when it starts."""
        self.reporter.count("cli_command", name[:64])

    def count_tool(
        self,
        name: str,
        *,
        ok: bool = True,
        client_name: str = "",
        client_version: str = "",
    ) -> None:
        """Count a call of an MCP tool for the agent that called it, once it is answered."""
        client, release = client_name[:64], client_version[:32]
        self.reporter.count(
            "mcp_tool", name[:64], ok, client_name=client, client_version=release
        )

    def record_install(
        self,
        targets: Collection[str],
        scope: Literal["local", "global"],
        kind: Literal["fresh", "upgrade", "reinstall"],
    ) -> None:
        """Record a run of the installer that added codegraph to *targets*, if it did."""
        if targets:
            self.reporter.record(
                "install", targets=list(targets), scope=scope, kind=kind
            )

    def record_index(
        self, languages: Collection[str], files: int, seconds: float
    ) -> None:
        """Record a full index, its numbers as ranges."""
        self.reporter.record(
            "index",
            languages=list(languages),
            file_count_bucket=_FILES[1][bisect(_FILES[0], files)],
            duration_bucket=_SECONDS[1][bisect(_SECONDS[0], seconds)],
        )

    def record_uninstall(self, targets: Collection[str]) -> None:
        """Record that codegraph was removed from *targets*, if it was."""
        if targets:
            self.reporter.record("uninstall", targets=list(targets))

    def record_uninit(self) -> None:
        """Record that a project's index was removed."""
        self.reporter.record("uninstall")

    def ask(self, answer: Callable[[], bool | None]) -> None:
        """Ask the installer's question, unless a variable or a former answer decides.

        Args:
            answer: Asks, and returns None if the user cancelled: the next run asks again.

        Raises:
            ReportingError: If the state cannot be read, or the answer not be stored.
        """
        if self.reporter.status().decision.source is not Source.DEFAULT:
            return
        choice = answer()
        if choice is not None:
            (self.reporter.turn_on if choice else self.reporter.turn_off)()

    def deliver(self, *, wait: bool = False) -> None:
        """Send what waits, in a thread. The first time, show the notice and send nothing.

        Args:
            wait: Whether to wait for the end, three seconds at most: at the end of a command.
        """
        with contextlib.suppress(RuntimeError):  # the limit on threads is reached
            thread = threading.Thread(target=self._deliver, daemon=True)
            thread.start()
            if wait:
                thread.join(PATIENCE_SECONDS)

    def serve(self) -> Callable[[], None]:
        """Deliver now and every six hours; return a function that ends this."""
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                self._deliver()
                ended.wait(ROUND_SECONDS)
                # The user had six hours to read the notice.
                self._may_send = True

        with contextlib.suppress(RuntimeError):
            threading.Thread(target=work, daemon=True).start()
        return ended.set

    def _deliver(self) -> None:
        with self._delivering, contextlib.suppress(Exception):
            if self._is_notice_due():
                _say(NOTICE)
                self.reporter.mark_notice_shown()
                self._may_send = False
            if self._may_send:
                self.reporter.run()

    def _is_notice_due(self) -> bool:
        status = self.reporter.status()
        waits = status.days_waiting or status.logged
        return status.decision.state is State.UNDECIDED and bool(waits)


def _echo(method: str, url: str, body: bytes) -> None:
    if os.environ.get("CODEGRAPH_TELEMETRY_DEBUG") == "1":
        _say(f"codegraph: {method} {url} {body.decode()}")


def _say(line: str) -> None:
    # Not through Python's buffer: a process that ends waits for a thread that writes to it.
    os.write(sys.stderr.fileno(), f"{line}\n".encode())
