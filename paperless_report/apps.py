"""The Django app: one command and two system checks."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PaperlessReportConfig(AppConfig):
    """Adds a command and two checks; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the checks; they import what they need when they run."""
        checks.register(check_endpoint)
        checks.register(check_project)


def check_endpoint(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed endpoint."""
    from paperless_report.host.settings import list_endpoints  # noqa: PLC0415  # not at start-up
    from paperless_report.wire.endpoint import resolve  # noqa: PLC0415  # the same

    hint = _("Set it to the https address of the endpoint, or unset it.")
    return _warn(lambda: resolve(*list_endpoints()), "W001", hint)


def check_project(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed setting `USAGE_REPORTING_PROJECT`."""
    from paperless_report.host.project import find_project  # noqa: PLC0415  # the same

    hint = _("Without the setting, the project is paperless-ngx.")
    return _warn(find_project, "W002", hint)


def _warn(
    check: Callable[[], object], number: str, hint: object
) -> list[checks.CheckMessage]:
    """Run *check*; turn its error into a warning, as an error would stop `migrate`."""
    from paperless_report.errors import ReportingError  # noqa: PLC0415  # the same
    from paperless_report.terminal.messages import describe_problem  # noqa: PLC0415  # the same

    try:
        check()
    except ReportingError as error:
        text, name = describe_problem(error), f"paperless_report.{number}"
        return [checks.Warning(text, hint=str(hint), id=name)]
    return []
