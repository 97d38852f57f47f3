"""Reports how an OctoPrint is used, as its tracking plugin does.

OctoPrint is a program in Python, and a plugin of it can use this: README.md says how.
"""

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from paperless_report import Project, Reporter, ReportingError, State
from projects.octoprint.declaration import build_project
from projects.octoprint.environment import find_basedir
from projects.octoprint.event_bus import EventBus, Payload, Tracked, read_page_load
from projects.octoprint.tracking_requests import TrackingFormat

__all__ = ["Tracking", "build_project", "project"]

# After a print, an instance that is to be quiet without prints is not for this long.
_LOUD = dt.timedelta(days=1)
# How long a run may take that is under way when OctoPrint ends.
_PATIENCE_SECONDS = 10

# For the command line: `python -m paperless_report --project projects.octoprint.client:project`.
project = build_project(find_basedir)


class Tracking:
    """Reports what happens in an OctoPrint. It never raises an exception or writes to a log.

    Attributes:
        reporter: Turns reporting and its groups on and off, and shows what is sent.
    """

    def __init__(
        self,
        project: Project,
        *,
        is_online: Callable[[], bool] = lambda: True,
        quiet_without_prints: bool = False,
        ping_seconds: float = 15 * 60,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:
        """Store the arguments.

        Args:
            project: What `build_project` returned.
            is_online: Whether OctoPrint has found the internet. While it has not, nothing
                is sent, and what happens is lost.
            quiet_without_prints: Whether `ping`, `pong`, `startup` and `shutdown` are sent
                only within a day after a print.
            ping_seconds: The time between two pings.
            clock: Returns the current time, aware; tests pass their own.
        """
        if isinstance(project.format, TrackingFormat):
            quiet = replace(project.format, is_quiet=self._is_quiet)
            project = replace(project, format=quiet)
        self.reporter = Reporter(project, clock=clock)
        self._check_online = is_online
        self._needs_prints = quiet_without_prints
        self._ping_seconds = ping_seconds
        self._clock = clock or (lambda: dt.datetime.now(dt.UTC))
        self._last_print: dt.datetime | None = None
        self._bus = EventBus()
        self._stop: Callable[[float], None] = lambda _: None

    def needs_answer(self) -> bool:
        """Return whether to ask the admin: nobody has answered, and nothing else decides."""
        with contextlib.suppress(ReportingError):
            return self.reporter.status().decision.state is State.UNDECIDED
        return False  # no answer could be stored

    def start(self) -> None:
        """Report that OctoPrint was started. From now on, a thread sends what happens."""
        self.on_startup()
        self._stop = self.reporter.run_in_background(
            self._ping_seconds,
            at_once=True,
            on_check=self._ping,
            is_online=self._is_online,
        )

    def stop(self) -> None:
        """End the thread, then report that OctoPrint ends. This may take a few seconds."""
        self._stop(_PATIENCE_SECONDS)
        self.on_shutdown()

    def on_startup(self) -> None:
        """Report that OctoPrint was started. `start` calls this."""
        self._report_life("startup")

    def on_shutdown(self) -> None:
        """Report that OctoPrint ends, and send it before this returns. `stop` calls this."""
        self._report_life("shutdown")
        self.deliver()

    def tick(self) -> None:
        """Report that OctoPrint is running, as the thread does every 15 minutes."""
        self._ping()
        self.deliver()

    def deliver(self) -> None:
        """Send what has happened, as the thread does at once."""
        if self._is_online():
            self.reporter.run()

    def on_event(self, name: str, payload: Payload | None = None) -> None:
        """Report an event of OctoPrint's event bus, if it counts anything."""
        # Whatever other plugins put into a payload.
        with contextlib.suppress(Exception):
            self._track(self._bus.read(name, payload))

    def on_page_load(self, payload: Payload) -> None:
        """Report that somebody opened the web interface, with what the browser sent."""
        with contextlib.suppress(Exception):
            self._track(read_page_load(payload))

    def _track(self, tracked: Tracked | None) -> None:
        if tracked is None:
            return
        event, properties = tracked
        if event.startswith("print_"):
            self._last_print = self._clock()
        if self._is_online():
            self.reporter.record(event, **properties)

    def _ping(self) -> None:
        self._report_life("ping")

    def _report_life(self, event: str) -> None:
        if not self._is_quiet():
            self._track((event, {}))

    def _is_quiet(self) -> bool:
        if not self._needs_prints:
            return False
        if self._last_print is None:
            self._last_print = self._find_last_print()
        return self._clock() - self._last_print > _LOUD

    def _find_last_print(self) -> dt.datetime:
        """Return when this or an earlier process last reported a print."""
        prints = [dt.datetime.min.replace(tzinfo=dt.UTC)]
        with contextlib.suppress(ReportingError):
            sent = self.reporter.history()
            prints += [it.at for it in sent if "/print_" in it.url]
        return max(prints)

    def _is_online(self) -> bool:
        with contextlib.suppress(Exception):  # of the host
            return self._check_online()
        return False
