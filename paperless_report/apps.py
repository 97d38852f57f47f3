"""The Django app: two commands, two system checks, and a page in the host's admin."""

import functools
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.utils.translation import gettext_lazy as _


class PaperlessReportConfig(AppConfig):
    """Adds two commands, two checks and a page; no model, no signal, no thread."""

    name = "paperless_report"
    verbose_name = _("Usage reporting")

    def ready(self) -> None:
        """Register the checks and the page; they import what they need when they run."""
        checks.register(check_endpoint)
        checks.register(check_project)
        if apps.is_installed("django.contrib.admin"):
            extend_admin_sites()


def check_endpoint(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about a malformed endpoint."""
    from paperless_report.checks import find_endpoint_faults  # noqa: PLC0415  # not at start-up

    return [it.warn() for it in find_endpoint_faults()]


def check_project(**_options: Any) -> list[checks.CheckMessage]:  # noqa: ANN401  # Django's signature
    """Warn about everything that keeps the project from sending complete reports."""
    from paperless_report.checks import find_project_faults  # noqa: PLC0415  # the same

    return [it.warn() for it in find_project_faults()]


def extend_admin_sites() -> None:
    """Add the page to every admin site, whichever the host makes and wherever it is.

    A host needs no change, and `django.contrib.admin` has no setting for it. So this wraps
    three methods of AdminSite. They run when a request or a check needs them.
    """
    from django.contrib.admin import AdminSite  # noqa: PLC0415  # not in every host

    for name in ("get_urls", "get_app_list", "index"):
        setattr(AdminSite, name, _extend(name, getattr(AdminSite, name)))


def _extend(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return *method*, whose result the function `extend_NAME` of `host.admin` extends."""

    @functools.wraps(method)
    def extended(site: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # Django's signatures
        from paperless_report.host import admin  # noqa: PLC0415  # not at start-up

        result = method(site, *args, **kwargs)
        return getattr(admin, f"extend_{name}")(result, site, *args, **kwargs)

    return extended
