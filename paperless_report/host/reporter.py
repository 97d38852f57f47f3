"""Makes the reporter of the Django project that this app is installed in."""

import functools

from paperless_report.host.kinds import load_project
from paperless_report.reporter import Reporter


@functools.cache
def find_reporter() -> Reporter:
    """Return the reporter of this process.

    Raises:
        ReportingError: If the project, its contract or its collectors cannot be used.
    """
    return Reporter(load_project())
