"""Lists what the command `send_usage_report` looks up about an installation."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from paperless_report.project import Project
from paperless_report.wire.endpoint import Endpoint
from paperless_report.words.messages import Variables


@dataclass(frozen=True)
class Lookups:
    """Functions that look a fact up only when it is needed.

    Attributes:
        variables: The names of the variables, even if the project is malformed.
        find_project: Returns the project, or raises a ReportingError.
        find_data_dir: The same for its data directory.
        find_endpoint: The same for the address that reports go to.
        is_reporting_off: Returns whether the packager turned reporting off.
        is_do_not_track_set: Returns whether DO_NOT_TRACK asks us to send nothing.
    """

    variables: Variables
    find_project: Callable[[], Project]
    find_data_dir: Callable[[], Path]
    find_endpoint: Callable[[], Endpoint]
    is_reporting_off: Callable[[], bool]
    is_do_not_track_set: Callable[[], bool]
