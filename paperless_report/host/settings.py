"""Reads the admin's configuration: the data directory and the endpoint."""

import os
from pathlib import Path

from django.conf import settings

from paperless_report.host.project import find_project, name_variables
from paperless_report.wire.endpoint import Source


def find_data_dir() -> Path:
    """Return the host's data directory.

    Raises:
        ReportingError: If the settings name none.
    """
    return find_project().find_data_dir()


def list_endpoints() -> tuple[tuple[Source, object], ...]:
    """List the configured endpoints in order of precedence, as `resolve` takes them."""
    name = name_variables().endpoint
    return (
        (Source.SETTING, getattr(settings, name, None)),
        (Source.VARIABLE, os.environ.get(name)),
    )
