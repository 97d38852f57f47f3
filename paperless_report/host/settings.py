"""Reads the admin's configuration: data directory, endpoint, DO_NOT_TRACK."""

import os
from pathlib import Path

from django.conf import settings

from paperless_report.errors import Problem, ReportingError
from paperless_report.facts.package import read_constant
from paperless_report.host.project import find_project, name_variables
from paperless_report.wire.endpoint import Endpoint, Source, resolve


def find_data_dir() -> Path:
    """Return the host's data directory.

    Raises:
        ReportingError: If the settings name none.
    """
    return find_project().find_data_dir()


def find_endpoint() -> Endpoint:
    """Return the endpoint that the admin configured, else that of the build.

    Raises:
        ReportingError: If there is none, or it must not be used.
    """
    built_in = read_constant(find_project().package, "build_info.py", "REPORT_URL")
    endpoint = resolve(*list_endpoints(), (Source.BUILD, built_in))
    if endpoint is None:
        raise ReportingError(Problem.NO_ENDPOINT)
    return endpoint


def list_endpoints() -> tuple[tuple[Source, object], ...]:
    """List the configured endpoints in order of precedence, as `resolve` takes them."""
    name = name_variables().endpoint
    return (
        (Source.SETTING, getattr(settings, name, None)),
        (Source.VARIABLE, os.environ.get(name)),
    )


def is_do_not_track_set() -> bool:
    """Return whether DO_NOT_TRACK asks us to send nothing (decision C8)."""
    return os.environ.get("DO_NOT_TRACK", "").lower() not in ("", "0", "false")
