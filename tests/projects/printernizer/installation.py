"""One installation of Printernizer with this repository's client, whose clock a test sets."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paperless_report import Outcome
from projects.printernizer.client import UsageStatistics, build_project

HOUR, DAY, WEEK = (dt.timedelta(hours=it) for it in (1, 24, 7 * 24))
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
FACTS: dict[str, Any] = {
    "version": "2.41.7",
    "time_zone": "Europe/Berlin",
    "printers": lambda: ["bambu_lab", "prusa_core", "bambu_lab"],
    "features": lambda: {"library_enabled": True, "timelapse_enabled": False},
}


@dataclass
class Installation:
    """An installation, which several processes can open.

    Attributes:
        folder: Its data directory, which is not there at first.
        url: Where its reports go.
        now: What its clock says.
    """

    folder: Path
    url: str
    now: dt.datetime = NOON

    def open(self, **facts: Any) -> UsageStatistics:  # noqa: ANN401  # as build_project takes
        """Return what a process of the installation has."""
        declared = {"endpoint": self.url, **FACTS, **facts}
        project = build_project(self.folder, **declared)
        return UsageStatistics(project, clock=lambda: self.now)

    def run_hourly(self, time: dt.timedelta) -> list[Outcome]:
        """Let *time* pass, in which Printernizer looks once an hour for what is due."""
        usage, end, outcomes = self.open(), self.now + time, []
        while self.now < end:
            self.now += HOUR
            outcomes.append(usage.reporter.run())
        return outcomes
