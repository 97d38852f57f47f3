"""Declares OctoPrint to the reporter: its facts, its events, and when what is sent."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from paperless_report import Project
from paperless_report.project import name_variables
from projects.octoprint.environment import detect_environment, find_version
from projects.octoprint.facts import DETECTED, read_facts
from projects.octoprint.tracking_requests import PATH, TrackingFormat

# Nothing that a slow or absent server leaves waiting is sent later than this: the receiver
# takes the time of a request for the time of its event.
_LOG_FOR = dt.timedelta(minutes=10)
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
