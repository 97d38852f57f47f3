"""Runs the real client of an installation, in this process or in one that is killed."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperless_report import Reporter
from paperless_report.errors import ReportingError
from tests.life.network import Relay
from tests.life.plan import Network


@dataclass
class Installation:
    """The files and the network of an installation, and its program if it runs.

    Attributes:
        folder: Where it keeps its state.
        endpoint: Where its reports go.
        relay: What stands between it and the receiver, if its network ever fails.
        facts: What its program knows of itself; an upgrade replaces it.
        make: Makes its client, as a process that starts does.
        client: The client of the running process.
        removed: The ID that turning reporting off has deleted, until it is forgotten.
    """

    folder: Path
    endpoint: str
    relay: Relay | None
    facts: dict[str, Any]
    make: Callable[["Installation"], Any]
    client: Any = None
    removed: str | None = None

    def open(self) -> Reporter:
        """Return the reporter of a command of its own, such as `usage_reporting off`."""
        return _find_reporter(self.make(self))

    def start(self) -> None:
        """Start a process."""
        assert self.client is None
        self.client = self.make(self)

    def stop(self) -> None:
        """End the process as it should: what was counted is written."""
        reporter, self.client = _find_reporter(self.client), None
        reporter.flush()
        # As before a fork, the thread ends.
        reporter._counters.pause()  # noqa: SLF001  # a process would end

    def crash(self) -> None:
        """End the process: what was counted is lost."""
        client, self.client = self.client, None
        _drop(client)

    def lose(self, work: Callable[[Any], object]) -> None:
        """Do *work* with the client of a new process, which then crashes.

        A process writes two seconds after its first count, so it has not written yet.
        """
        client = self.make(self)
        work(client)
        _drop(client)

    def kill_in(self, work: Callable[["Installation"], object]) -> None:
        """Do *work* in a new process, which is killed at its end at the latest."""
        ready, start = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.read(ready, 1)
                work(self)
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        if self.relay:
            self.relay.victim = child
        os.write(start, b"1")
        os.close(start)
        os.close(ready)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL

    def look(self) -> None:
        """Show the preview to the admin."""
        self.open().preview()

    def turn_on(self) -> None:
        """Show the preview, and turn reporting on."""
        reporter = self.open()
        _ignore_full_disk(lambda: reporter.turn_on(reporter.preview()))

    def turn_off(self) -> None:
        """Turn reporting off."""
        self.removed = _ignore_full_disk(self.open().turn_off)

    def forget(self) -> None:
        """Have all reports deleted."""
        _ignore_full_disk(lambda: self.open().forget(self.removed))
        self.removed = None

    def set_network(self, state: Network) -> None:
        """Break the network, or repair it."""
        assert self.relay is not None
        self.relay.state = state

    def find_id(self) -> str | None:
        """Return the ID that the client has now."""
        return self.open().status().installation_id


def _find_reporter(client: Any) -> Reporter:  # noqa: ANN401  # each system has its own
    reporter: Reporter = client.reporter
    return reporter


def _drop(client: Any) -> None:  # noqa: ANN401  # the same
    """Drop what a process has counted, and its thread, as its end would."""
    counters = _find_reporter(client)._counters  # noqa: SLF001  # there is no way to crash
    writer = counters._writer  # noqa: SLF001  # the same
    counters.reset()
    if writer:
        writer.stop(is_overdue=False)


def _ignore_full_disk(do: Callable[[], Any]) -> Any:  # noqa: ANN401  # what *do* returns
    try:
        return do()
    except ReportingError:
        return None
