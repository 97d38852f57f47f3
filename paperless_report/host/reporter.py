"""Makes the reporter of the Django project that this app is installed in."""

import functools
from typing import Final

from paperless_report.errors import ReportingError
from paperless_report.host.kinds import load_project
from paperless_report.reporter import Reporter

# Two threads may make one each at the same time, and both then have counts to write.
_made: Final[list[Reporter]] = []


@functools.cache
def find_reporter() -> Reporter:
    """Return the reporter of this process.

    Raises:
        ReportingError: If the project, its contract or its collectors cannot be used.
    """
    reporter = Reporter(load_project())
    _made.append(reporter)
    return reporter


def count(
    event: str,
    /,
    name: str | None = None,
    ok: bool = True,  # noqa: FBT001, FBT002  # as in Reporter.count
    **labels: object,
) -> None:
    """Count an event, as `Reporter.count` does. Never raise an exception."""
    if reporter := find_sound_reporter():
        reporter.count(event, name, ok, **labels)


def record(event: str, /, **properties: object) -> None:
    """Add to the sums of an event, as `Reporter.record` does. Never raise an exception."""
    if reporter := find_sound_reporter():
        reporter.record(event, **properties)


@functools.cache
def find_sound_reporter() -> Reporter | None:
    """Return the reporter, or None if the settings have faults, which checks name."""
    try:
        return find_reporter()
    except ReportingError:
        return None
