"""Reports how Printernizer is used, once a week, as its own client was meant to.

Any program in Python that keeps what happens on its own machine, and sends a sum of whole
weeks, can start from this.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from paperless_report import (
    Project,
    Reporter,
    ReportFormat,
    Request,
    Variables,
    Waiting,
)
from paperless_report.report.outgoing import to_bytes
from projects.printernizer.facts import (
    count_printers,
    find_country,
    find_deployment,
    find_platform,
)
from projects.printernizer.week import ACCEPTED, LONGEST, WEEK, summarize

HERE = Path(__file__)
EVENTS = json.loads(HERE.with_name("events.schema.json").read_text(encoding="utf-8"))
# In minutes. Only these are stored.
DURATIONS = EVENTS["job_completed"]["properties"]["duration_minutes"]["enum"]
KEY = "USAGE_STATS_API_KEY"


class WeeklyFormat(ReportFormat):
    """Writes a report as Printernizer does: the facts as JSON, with the key that it knows."""

    accepted = frozenset({ACCEPTED})

    def build_requests(self, waiting: Waiting) -> Iterable[Request]:
        """Build the one request of a report."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-API-Key": os.environ.get(KEY, "").strip(),
        }
        yield Request(body=to_bytes(waiting.report), headers=headers)


def build_project(  # noqa: PLR0913  # one for each part of Printernizer
    data_dir: str | Path | Callable[[], Path],
    *,
    version: str,
    time_zone: str = "",
    printers: Callable[[], Collection[str]] = tuple,
    features: Callable[[], Mapping[str, bool]] = dict,
    endpoint: str | None = None,
) -> Project:
    """Declare Printernizer.

    Args:
        data_dir: The folder that keeps the events, the choice and the installation ID.
        version: The release that is running.
        time_zone: The configured time zone, such as Europe/Berlin.
        printers: Returns the type of each printer, such as bambu_lab.
        features: Returns whether each feature is turned on.
        endpoint: Where reports go, unless USAGE_STATS_ENDPOINT says something else.
    """
    return Project(
        name="Printernizer",
        page="https://github.com/schmacka/printernizer",
        prefix="PRINTERNIZER",
        variable_names=Variables(
            switch="PRINTERNIZER_USAGE_REPORTING",
            endpoint="USAGE_STATS_ENDPOINT",
            data_dir="PRINTERNIZER_DATA_DIR",
        ),
        data_dir=data_dir,
        endpoint=endpoint,
        path="/submit",
        contract=HERE.with_name("report.schema.json"),
        events=EVENTS,
        logged=EVENTS,
        keeps_log=True,
        log_for=LONGEST + WEEK,
        least_gap=timedelta(hours=1),
        format=WeeklyFormat(),
        summarize=summarize,
        collectors={
            "schema_version": lambda: "1.0",
            "installation": lambda: {
                "app_version": version,
                "python_version": platform.python_version(),
                "platform": find_platform(sys.platform),
                "deployment_mode": find_deployment(os.environ),
                "country_code": find_country(time_zone),
            },
            "printer_fleet": lambda: count_printers(printers()),
            "usage_stats.feature_usage": features,
        },
    )


class UsageStatistics:
    """Records what happens in Printernizer, and sends it once a week if that is turned on.

    No method waits for the network or raises an exception.

    Attributes:
        reporter: Turns reports on and off, lists the events, and shows, exports and deletes
            what is stored.
    """

    def __init__(
        self, project: Project, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.reporter = Reporter(project, clock=clock)
        self._end: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Record that Printernizer started, and send reports in a thread when they are due."""
        self.record_start()
        self._end = self.reporter.run_in_background()

    def stop(self) -> None:
        """Record that Printernizer ends."""
        self._end()
        self.record("app_shutdown")
        self.reporter.flush()

    def record_start(self) -> None:
        """Record that Printernizer started, and where it runs."""
        facts = self.reporter.project.collectors["installation"]()
        self.record("app_start", **cast("Mapping[str, object]", facts))

    def record(self, event: str, /, **metadata: object) -> None:
        """Store an event on this machine, with what `events.schema.json` allows of *metadata*.

        Events are stored before an admin has turned reports on, so that they can read them
        first. They are never sent: a report has their number.
        """
        minutes = metadata.get("duration_minutes")
        if isinstance(minutes, int | float):
            longer = (it for it in DURATIONS if minutes <= it)
            metadata["duration_minutes"] = next(longer, DURATIONS[-1])
        self.reporter.record(event, **metadata)

    def record_error(self, error: BaseException, component: str) -> None:
        """Store that *error* occurred in *component*: the name of its class, and no message."""
        self.record(
            "error_occurred", error_type=type(error).__name__, component=component
        )


project = build_project(
    lambda: Path(
        os.environ.get("PRINTERNIZER_DATA_DIR") or Path.home() / ".printernizer"
    ),
    version=os.environ.get("PRINTERNIZER_VERSION", ""),
    time_zone=os.environ.get("TZ", ""),
)
