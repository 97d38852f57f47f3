"""The app, as `INSTALLED_APPS` (or `PAPERLESS_APPS`) names it."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PaperlessReportConfig(AppConfig):
    """Adds one command and one check; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the check; its own imports wait until it runs."""
        checks.register(check_endpoint)


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
