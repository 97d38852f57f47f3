"""Reports once a day which build of Manyfold runs here, if an admin has turned that on.

A reference: Manyfold itself is written in Ruby.
"""

import datetime as dt
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from paperless_report import Outcome, Project, Reporter
from paperless_report.project import Variables
from paperless_report.report.outgoing import ReportFormat, Request, Waiting, to_bytes

ENDPOINT: Final = "https://tracking.manyfold.app"
_HEADERS: Final = {
    "Accept": "*/*",
    "Content-Type": "application/json",
    "User-Agent": "Manyfold::UsageReportingJob",
}
_VERSION: Final = ("app", "sha", "image", "arch")


class DailyReport(ReportFormat):
    """One line of JSON, which has null for an ID or an image that there is not."""

    accepted = frozenset({201})

    def build_requests(self, waiting: Waiting) -> Iterator[Request]:
        """Build the one request of a day."""
        known = cast("Mapping[str, Any]", waiting.report.get("version", {}))
        version = {name: known.get(name) for name in _VERSION}
        body = to_bytes({**waiting.report, "version": version})
        yield Request(body=body, headers=_HEADERS)


def read_version() -> str:
    """Return the tag in APP_VERSION, which may be the name of an image, without its v."""
    tag = os.environ.get("APP_VERSION", "").rpartition(":")[2]
    return tag.removeprefix("v") or "unknown"


def read_commit() -> str:
    """Return the commit in GIT_SHA."""
    return os.environ.get("GIT_SHA") or "main"


def read_image() -> str | None:
    """Return the image in DOCKER_TAG without its tag; None outside an image.

    The contract accepts no registry with a port: such an image is one that its admin built.
    """
    image = os.environ.get("DOCKER_TAG", "")
    return re.sub(r"(:[^/]*)?(@.*)?$", "", image) or None


def read_platform() -> str:
    """Return what Ruby calls this platform, such as `x86_64-linux-gnu`."""
    linux = sysconfig.get_config_var("MULTIARCH")
    return str(linux or f"{platform.machine().lower()}-{sys.platform}")


def find_data_dir() -> Path:
    """Return the folder in MANYFOLD_DATA_DIR, or `storage` in the current one."""
    return Path(os.environ.get("MANYFOLD_DATA_DIR") or "storage")


def build_project(
    data_dir: Path | Callable[[], Path] = find_data_dir, endpoint: str = ENDPOINT
) -> Project:
    """Declare Manyfold.

    Args:
        data_dir: The folder that keeps the choice and the ID.
        endpoint: Where reports go unless a variable names an address.
    """
    return Project(
        name="Manyfold",
        page="https://manyfold.app/sysadmin/tracking.html",
        variable_names=Variables(
            switch="MANYFOLD_USAGE_REPORTING",
            endpoint="USAGE_REPORTING_URL",
            data_dir="MANYFOLD_DATA_DIR",
            # The page names the first; the program reads this one.
            other_endpoints=("USAGE_TRACKING_URL",),
        ),
        data_dir=data_dir,
        contract=Path(__file__).with_name("report.schema.json"),
        endpoint=endpoint,
        path="",
        collectors={
            "version.app": read_version,
            "version.sha": read_commit,
            "version.image": read_image,
            "version.arch": read_platform,
        },
        period=dt.timedelta(days=1),
        format=DailyReport(),
        shows_null_id=True,
    )


project = build_project()


class UsageReport:
    """The checkbox on the page of settings, and the job that runs every day."""

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
        self.reporter = Reporter(declared, clock=clock)

    def payload(self) -> str:
        """Return the exact JSON that the page shows; the ID is null until there is one.

        Raises:
            ReportingError: If a fact that every report needs does not fit the contract.
        """
        preview = self.reporter.preview()
        if preview.problem and not preview.bodies:
            raise preview.problem
        return preview.bodies[0].decode()

    def enable(self) -> None:
        """Store an ID, unless there is one. The first report follows within a day."""
        self.reporter.turn_on(self.reporter.preview())

    def disable(self) -> None:
        """Delete the ID. The next `enable` makes another."""
        self.reporter.turn_off()

    def perform(self) -> Outcome:
        """Send the report of the day if it is due; never raise an exception."""
        return self.reporter.run()

    def schedule(self) -> Callable[[], None]:
        """Call `perform` in a thread, every hour; return a function that ends it."""
        return self.reporter.run_in_background()
