"""The app, as `INSTALLED_APPS` (or `PAPERLESS_APPS`) names it."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PaperlessReportConfig(AppConfig):
    """Adds one command and two checks; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the checks; their own imports wait until they run."""
        checks.register(check_endpoint)
        checks.register(check_project)


def check_endpoint(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn of a malformed endpoint in `manage.py check`.

    A warning: an error would stop the host's `migrate`.
    """
    from paperless_report import endpoint, obstacle  # noqa: PLC0415  # not at start-up

    try:
        endpoint.resolve(*endpoint.configured())
    except obstacle.ObstacleError as error:
        hint = _("Set it to the https address of the endpoint, or unset it.")
        return [checks.Warning(str(error), hint=str(hint), id="paperless_report.W001")]
    return []


def check_project(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn of a malformed `USAGE_REPORTING_PROJECT`, as of an endpoint."""
    from paperless_report import host, obstacle  # noqa: PLC0415  # not at start-up

    try:
        host.project()
    except obstacle.ObstacleError as error:
        hint = _("Without the setting, the project is paperless-ngx.")
        return [checks.Warning(str(error), hint=str(hint), id="paperless_report.W002")]
    return []
