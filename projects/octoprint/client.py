"""Reports how an OctoPrint is used, as its tracking plugin does.

OctoPrint is a program in Python, and a plugin of it can use this: README.md says how.
"""

import contextlib
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from paperless_report import Project, Reporter, ReportingError, State
from paperless_report.project import name_variables
from projects.octoprint.environment import (
    detect_environment,
    find_basedir,
    find_version,
)
from projects.octoprint.event_bus import EventBus, Payload, Tracked, read_page_load
from projects.octoprint.facts import DETECTED, read_facts
from projects.octoprint.tracking_requests import PATH, TrackingFormat

# Nothing that a slow or absent server leaves waiting is sent later than this: the receiver
# takes the time of a request for the time of its event.
_LOG_FOR = dt.timedelta(minutes=10)
# After a print, an instance that is to be quiet without prints is not for this long.
_LOUD = dt.timedelta(days=1)
# How long a run may take that is under way when OctoPrint ends.
_PATIENCE_SECONDS = 10
_HERE = Path(__file__).parent

# Those that the receiver does not count, so that events.schema.json does not declare them.
UNCOUNTED: Mapping[str, str] = {
    "ping": "OctoPrint is running. Sent every 15 minutes.",
    "startup": "OctoPrint was started. Sent with the facts, without the lists.",
    "pong": "The report. Sent once a day.",
}
# The events that an admin can switch off, which are all but `ping`.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "pong": ("pong",),
    "startup": ("startup", "shutdown"),
    "printjob": ("print_started", "print_done", "print_cancelled", "print_failed"),
    "commerror": ("commerror",),
    "plugin": ("install_plugin", "uninstall_plugin", "enable_plugin", "disable_plugin"),
    "update": ("update_successful", "update_failed"),
    "printer": ("printer_connected",),
    "printer_safety_check": ("printer_safety_warning",),
    "throttled": ("system_throttled", "system_unthrottled"),
    "achievements": ("achievement_unlocked",),
    "slicing": ("slicing_started",),
    "webui_load": ("webui_load",),
}


def build_project(  # noqa: PLR0913  # what OctoPrint knows about itself
    data_dir: str | Path | Callable[[], Path],
    *,
    version: Callable[[], str | None] = find_version,
    server: str = "https://tracking.octoprint.org" + PATH,
    environment: Callable[[], Mapping[str, Any]] = detect_environment,
    plugins: Callable[[], Iterable[str]] = tuple,
    achievements: Callable[[], Iterable[str]] = tuple,
) -> Project:
    """Declare an OctoPrint that keeps its state in the folder *data_dir*.

    Args:
        data_dir: The folder, or a function that returns it.
        version: Returns OctoPrint's version.
        server: Where events go, with or without `/track/{id}/{event}/` at its end.
        environment: Returns what OctoPrint's own detector has found.
        plugins: Returns the identifiers of the enabled plugins that do not come with
            OctoPrint.
        achievements: Returns the keys of the achievements that were unlocked.
    """
    counted = json.loads((_HERE / "events.schema.json").read_text(encoding="utf-8"))
    events = counted | {
        name: {"description": description, "type": "object", "properties": {}}
        for name, description in UNCOUNTED.items()
    }
    return Project(
        name="OctoPrint",
        page="https://tracking.octoprint.org/",
        prefix="OCTOPRINT",
        # OctoPrint reads the first and the last one. Its documentation names the second one.
        variable_names=name_variables("OCTOPRINT")._replace(
            off=("OCTOPRINT_DISABLE_TRACKING", "OCTOPRINT_TRACKING_DISABLED", "CI")
        ),
        data_dir=data_dir,
        contract=_HERE / "report.schema.json",
        events=events,
        logged=frozenset(events),
        log_for=_LOG_FOR,
        groups=GROUPS,
        collectors={
            "version": version,
            "plugins": lambda: [it.lower() for it in plugins()],
            "achievements": lambda: [it.lower() for it in achievements()],
        }
        | {name: _collect(name, environment) for name in DETECTED},
        endpoint=server,
        path=PATH,
        format=TrackingFormat(),
        period=dt.timedelta(days=1),
    )


def _collect(
    name: str, environment: Callable[[], Mapping[str, Any]]
) -> Callable[[], Any]:
    return lambda: read_facts(environment())[name]


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
        self._has_news = threading.Event()
        self._is_ended = False
        self._thread: threading.Thread | None = None

    def needs_answer(self) -> bool:
        """Return whether to ask the admin: nobody has answered, and nothing else decides."""
        with contextlib.suppress(ReportingError):
            return self.reporter.status().decision.state is State.UNDECIDED
        return False  # no answer could be stored

    def start(self) -> None:
        """Report that OctoPrint was started. From now on, a thread sends what happens."""
        self.on_startup()
        self._thread = threading.Thread(
            target=self._work, name="octoprint-tracking", daemon=True
        )
        with contextlib.suppress(RuntimeError):  # the limit on threads is reached
            self._thread.start()

    def stop(self) -> None:
        """End the thread, then report that OctoPrint ends. This may take a few seconds."""
        self._is_ended = True
        self._has_news.set()
        if self._thread and self._thread.is_alive():
            self._thread.join(_PATIENCE_SECONDS)
        self.on_shutdown()

    def on_startup(self) -> None:
        """Report that OctoPrint was started. `start` calls this."""
        self._report_life("startup")

    def on_shutdown(self) -> None:
        """Report that OctoPrint ends, and send it before this returns. `stop` calls this."""
        self._report_life("shutdown")
        self.deliver()

    def tick(self) -> None:
        """Report that OctoPrint is running. The thread calls this every 15 minutes."""
        self._report_life("ping")
        self.deliver()

    def deliver(self) -> None:
        """Send what has happened. The thread calls this at once."""
        # What happens from now on needs another call.
        self._has_news.clear()
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
            self._has_news.set()

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

    def _work(self) -> None:
        next_ping = time.monotonic()
        while not self._is_ended:
            if time.monotonic() >= next_ping:
                next_ping = time.monotonic() + self._ping_seconds
                self.tick()
            else:
                self.deliver()
            if not self._is_ended:  # or `deliver` may have missed the end
                self._has_news.wait(max(0, next_ping - time.monotonic()))
