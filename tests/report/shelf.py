"""A project with counters, and an installation of it whose clock a test sets."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperless_report import Project, Reporter
from tests.support.endpoint import Endpoint

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SWITCH = "SHELF_USAGE_REPORTING"


def text(pattern: str, most: int, **words: object) -> dict[str, object]:
    """Return the schema of a text."""
    return {"type": "string", "pattern": pattern, "maxLength": most, **words}


def number(most: int = 1000) -> dict[str, object]:
    """Return the schema of a number from zero on."""
    return {"type": "integer", "minimum": 0, "maximum": most}


CONTRACT: dict[str, Any] = {
    "type": "object",
    "x-installation-id": "id",
    "required": ["id", "books"],
    "properties": {
        "id": text("^[0-9a-f-]{36}$", 36),
        "books": {"type": "string", "enum": ["0", "1-9", "10+"]},
    },
}
WEEKLY = {**CONTRACT, "x-once-in-days": 7}
GROWN = {
    **CONTRACT,
    "properties": {**CONTRACT["properties"], "python": text("^[0-9.]+$", 20)},
}
EVENTS: dict[str, Any] = {
    "command": {
        "type": "object",
        "required": ["name", "count"],
        "properties": {
            "name": text("^[a-z]+$", 20),
            "count": number(),
            "error_count": number(),
        },
    },
    "search": {"type": "object", "properties": {"count": number()}},
}


@dataclass
class Shelf:
    """An installation of the project.

    Attributes:
        folder: Its data directory, which is not there at first.
        endpoint: Where its reports go.
        now: What its clock says.
    """

    folder: Path
    endpoint: Endpoint
    now: dt.datetime = NOON

    def open(self, **changes: Any) -> Reporter:  # noqa: ANN401  # as the attributes of Project
        """Return a reporter, as a process of the installation has one."""
        attributes: dict[str, Any] = {
            "name": "Shelf",
            "page": "https://shelf.example/reports",
            "prefix": "SHELF",
            "data_dir": self.folder,
            "contract": CONTRACT,
            "events": EVENTS,
            "endpoint": self.endpoint.url,
            "collectors": {"books": lambda: 7},
            "groups": {"searches": ["search"]},
        }
        project = Project(**{**attributes, **changes})
        return Reporter(project, clock=lambda: self.now)

    def wait(self, time: dt.timedelta) -> None:
        """Set the clock forward."""
        self.now += time

    @property
    def reports(self) -> list[dict[str, Any]]:
        """What the endpoint has received at the path of the reports."""
        return [
            json.loads(it.body) for it in self.endpoint.arrived if it.path == "/report"
        ]
