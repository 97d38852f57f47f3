"""The Django app: two commands and two system checks."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PaperlessReportConfig(AppConfig):
    """Adds two commands and two checks; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the checks; they import what they need when they run."""
        checks.register(check_endpoint)
        checks.register(check_project)


def check_endpoint(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed endpoint."""
    from paperless_report.checks import find_endpoint_faults  # noqa: PLC0415  # not at start-up

    return [it.warn() for it in find_endpoint_faults()]


def check_project(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about everything that keeps the project from sending complete reports."""
    from paperless_report.checks import find_project_faults  # noqa: PLC0415  # the same

    return [it.warn() for it in find_project_faults()]
