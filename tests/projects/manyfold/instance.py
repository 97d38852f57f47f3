"""An instance of Manyfold whose clock a test sets."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects.manyfold.client import UsageReport
from tests.support.endpoint import Endpoint

NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
PROJECT = "projects.manyfold.client:project"


@dataclass
class Instance:
    """An instance, and where its reports go.

    Attributes:
        folder: Its data directory.
        endpoint: Where USAGE_REPORTING_URL leads.
        now: What its clock says.
    """

    folder: Path
    endpoint: Endpoint
    now: dt.datetime = NOON

    def open(self) -> UsageReport:
        """Return what a process of the instance has."""
        return UsageReport(clock=lambda: self.now)

    def perform(self, time: dt.timedelta, step: dt.timedelta = HOUR) -> None:
        """Perform the job now, and once in each *step* until *time* has passed."""
        self.open().perform()
        for _ in range(time // step):
            self.now += step
            self.open().perform()

    @property
    def installation_id(self) -> str | None:
        """The stored ID."""
        return self.open().reporter.status().installation_id

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What arrived."""
        return [json.loads(it.body) for it in self.endpoint.arrived]
