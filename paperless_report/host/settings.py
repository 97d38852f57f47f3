"""Reads the admin's configuration: the data directory and the endpoint."""

from pathlib import Path

from paperless_report.host.project import find_project, name_variables, read_setting
from paperless_report.wire.endpoint import Candidate, list_configured


def find_data_dir() -> Path:
    """Return the host's data directory.

    Raises:
        ReportingError: If the settings name none.
    """
    return find_project().find_data_dir()


def list_endpoints() -> tuple[Candidate, ...]:
    """List the configured endpoints in order of precedence, as `resolve` takes them."""
    return list_configured(name_variables().endpoints, read_setting)
