"""Adds the page on usage reporting to each of the host's admin sites, for superusers.

`apps` wraps three methods of Django's AdminSite, and passes what they return on to the
functions `extend_NAME`. The link and the line are extras: where one cannot be made, the
admin is as it would be without this app.

Django loads this module with the host's URLs, at the first request of anyone. So it imports
what shows the page when an admin comes.
"""

# ruff: noqa: PLC0415

import contextlib
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import Template
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from paperless_report.host.admin_site import NAME, find_url, is_superuser
from paperless_report.translate import gettext as _

_SETTING: Final = "USAGE_REPORTING_ASK_IN_ADMIN"
# Extends the index that the host shows, whatever its name is and wherever it comes from.
_INDEX: Final = (
    "{% extends usage_reporting.index %}{% block content %}"
    '<p class="quiet"><a href="{{ usage_reporting.url }}">{{ usage_reporting.line }}</a></p>'
    "{{ block.super }}{% endblock %}"
)


def extend_get_urls(urls: list[Any], site: AdminSite) -> list[Any]:
    """Add the addresses of the page before those of *site*, which match any address."""
    return [
        _route("", site, NAME),
        _route("style.css", site),
        _route("export.json", site),
        *urls,
    ]


def extend_get_app_list(
    app_list: list[Any],
    site: AdminSite,
    request: HttpRequest,
    app_label: str | None = None,
) -> list[Any]:
    """Add the link to the page, unless *app_list* is that of a single app."""
    url = find_url(site, NAME)
    if app_label is not None or url is None or not is_superuser(request):
        return app_list
    app = apps.get_app_config("paperless_report")
    link = {
        "name": _("Settings and history"),
        "object_name": "Page",
        "perms": {"add": False, "change": False, "delete": False, "view": True},
        "admin_url": url,
        "add_url": None,
        "view_only": True,
    }
    entry = {
        "name": app.verbose_name,
        "app_label": app.label,
        "app_url": url,
        "has_module_perms": True,
        "models": [link],
    }
    return [*app_list, entry]


def extend_index(
    response: HttpResponse,
    site: AdminSite,
    request: HttpRequest,
    *_: object,
    **__: object,
) -> HttpResponse:
    """Add one line while nobody has decided whether to report."""
    # The index works, whatever the host's settings, disk or templates are like.
    with contextlib.suppress(Exception):
        if isinstance(response, TemplateResponse) and is_superuser(request):
            _add_line(response, site)
    return response


def _add_line(response: TemplateResponse, site: AdminSite) -> None:
    url = find_url(site, NAME)
    if url is None or not getattr(settings, _SETTING, True):
        return
    from paperless_report.consent.ladder import State
    from paperless_report.host.reporter import find_reporter

    reporter = find_reporter()
    if reporter.status().decision.state is not State.UNDECIDED:
        return
    index = response.resolve_template(response.template_name)
    if not isinstance(index, Template):  # of another engine
        return
    line = _(
        "Decide whether this installation sends usage reports to %(project)s. Until you do, "
        "it sends nothing."
    )
    response.context_data = {
        **(response.context_data or {}),
        "usage_reporting": {
            "index": index.template,
            "url": url,
            "line": line % {"project": reporter.project.name},
        },
    }
    response.template_name = index.backend.from_string(_INDEX)


def _route(route: str, site: AdminSite, name: str | None = None) -> URLPattern:
    """Return the route to a part of the page."""

    def answer(request: HttpRequest) -> HttpResponse:
        from paperless_report.host import admin_views

        return admin_views.answer(request, site, route)

    # This sends others to the login page, and checks the token of each form.
    return path(f"usage-reporting/{route}", site.admin_view(answer), name=name)
