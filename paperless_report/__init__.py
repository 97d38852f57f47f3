"""Collects, shows and sends a usage report, in Django and in any other Python program.

`Project` declares what reports, and `Reporter` counts, shows and sends. Importing this does
nothing: they are read when they are first used. As a Django app, it adds commands.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paperless_report.consent.ladder import Decision as Decision
    from paperless_report.consent.ladder import Source as Source
    from paperless_report.consent.ladder import State as State
    from paperless_report.contract.growth import Change as Change
    from paperless_report.errors import Problem as Problem
    from paperless_report.errors import ReportingError as ReportingError
    from paperless_report.project import Project as Project
    from paperless_report.project import Variables as Variables
    from paperless_report.project_faults import find_faults as find_faults
    from paperless_report.report.outgoing import Counted as Counted
    from paperless_report.report.outgoing import Logged as Logged
    from paperless_report.report.outgoing import Recorded as Recorded
    from paperless_report.report.outgoing import ReportFormat as ReportFormat
    from paperless_report.report.outgoing import Request as Request
    from paperless_report.report.outgoing import Sent as Sent
    from paperless_report.report.outgoing import Sum as Sum
    from paperless_report.report.outgoing import Waiting as Waiting
    from paperless_report.reporter import Reporter as Reporter
    from paperless_report.results import ExactRequest as ExactRequest
    from paperless_report.results import Forgotten as Forgotten
    from paperless_report.results import Outcome as Outcome
    from paperless_report.results import Preview as Preview
    from paperless_report.results import Result as Result
    from paperless_report.results import Status as Status

MODULES: Final = {
    "consent.ladder": ("Decision", "Source", "State"),
    "contract.growth": ("Change",),
    "errors": ("Problem", "ReportingError"),
    "project": ("Project", "Variables"),
    "project_faults": ("find_faults",),
    "report.outgoing": (
        "Counted",
        "Logged",
        "Recorded",
        "ReportFormat",
        "Request",
        "Sent",
        "Sum",
        "Waiting",
    ),
    "reporter": ("Reporter",),
    "results": ("ExactRequest", "Forgotten", "Outcome", "Preview", "Result", "Status"),
}


def __getattr__(name: str) -> object:
    """Import *name* from its module."""
    for module, names in MODULES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
