"""Finds out which project this installation belongs to."""

from typing import NamedTuple

from django.conf import settings

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError

SETTING = "USAGE_REPORTING_PROJECT"


class Project(NamedTuple):
    """The software whose installation this is; its maintainers receive the reports.

    Attributes:
        package: The Python package that holds `version.py`.
        name: The name that admins know.
        page: The address of the project's page about reports.
    """

    package: str
    name: str
    page: str


def find_project() -> Project:
    """Return the project that the settings name; paperless-ngx if they name none.

    Raises:
        ReportingError: If the setting is incomplete: an admin must not be asked to send
            to one project what another one receives.
    """
    value = getattr(settings, SETTING, None)
    if value is None:
        return Project(package="paperless", **contract.load_project())
    if (
        not isinstance(value, dict)
        or set(value) != set(Project._fields)
        or not all(isinstance(it, str) and it for it in value.values())
    ):
        raise ReportingError(
            Problem.INVALID_PROJECT, setting=SETTING, keys=", ".join(Project._fields)
        )
    return Project(**value)
