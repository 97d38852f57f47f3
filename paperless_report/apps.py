"""The Django app: one command and two system checks."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from paperless_report.errors import ReportingError


class PaperlessReportConfig(AppConfig):
    """Adds a command and two checks; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the checks; they import what they need when they run."""
        checks.register(check_endpoint)
        checks.register(check_project)


def check_endpoint(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed endpoint.

    Only a warning: an error would stop the host's `migrate`.
    """
    from paperless_report.errors import ReportingError  # noqa: PLC0415  # not at start-up
    from paperless_report.host.settings import list_endpoints  # noqa: PLC0415
    from paperless_report.wire.endpoint import resolve  # noqa: PLC0415

    try:
        resolve(*list_endpoints())
    except ReportingError as error:
        hint = _("Set it to the https address of the endpoint, or unset it.")
        return [_warn("W001", error, hint)]
    return []


def check_project(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed setting `USAGE_REPORTING_PROJECT`."""
    from paperless_report.errors import ReportingError  # noqa: PLC0415  # not at start-up
    from paperless_report.host.project import find_project  # noqa: PLC0415

    try:
        find_project()
    except ReportingError as error:
        hint = _("Without the setting, the project is paperless-ngx.")
        return [_warn("W002", error, hint)]
    return []


def _warn(number: str, error: "ReportingError", hint: object) -> checks.CheckMessage:
    from paperless_report.terminal.messages import describe_problem  # noqa: PLC0415

    return checks.Warning(
        describe_problem(error), hint=str(hint), id=f"paperless_report.{number}"
    )
