"""Shows the page on usage reporting below each of the host's admin sites, to superusers.

`apps` wraps three methods of Django's AdminSite, and passes what they return on to the
functions `extend_NAME`. The link and the line are extras: where one cannot be made, the
admin is as it would be without this app.
"""

import contextlib
import functools
import json
from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.backends.django import Template
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from paperless_report.consent.ladder import State
from paperless_report.errors import ReportingError
from paperless_report.host.project import name_variables
from paperless_report.host.reporter import find_reporter
from paperless_report.page import actions, content, render, security
from paperless_report.translate import gettext as _
from paperless_report.translate import pgettext
from paperless_report.words.messages import describe_problem

_SETTING: Final = "USAGE_REPORTING_ASK_IN_ADMIN"
_FOLDER: Final = "usage-reporting/"
_NAME: Final = "usage_reporting"
_TEXT: Final = "text/plain; charset=utf-8"
# Extends the index that the host shows, whatever its name is and wherever it comes from.
_INDEX: Final = (
    "{% extends usage_reporting.index %}{% block content %}"
    '<p class="quiet"><a href="{{ usage_reporting.url }}">{{ usage_reporting.line }}</a></p>'
    "{{ block.super }}{% endblock %}"
)


class _SeeOther(HttpResponseRedirect):
    status_code = 303


_View = Callable[[HttpRequest, AdminSite], HttpResponse]


def extend_get_urls(urls: list[Any], site: AdminSite) -> list[Any]:
    """Add the addresses of the page before those of *site*, which match any address."""
    return [
        _route("", site, _answer_page, _NAME),
        _route("style.css", site, _answer_style),
        _route("export.json", site, _answer_export),
        *urls,
    ]


def extend_get_app_list(
    app_list: list[Any],
    site: AdminSite,
    request: HttpRequest,
    app_label: str | None = None,
) -> list[Any]:
    """Add the link to the page, unless *app_list* is that of a single app."""
    url = _find_url(site, _NAME)
    if app_label is not None or url is None or not _is_superuser(request):
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
        if isinstance(response, TemplateResponse) and _is_superuser(request):
            _add_line(response, site)
    return response


def _add_line(response: TemplateResponse, site: AdminSite) -> None:
    url = _find_url(site, _NAME)
    if url is None or not getattr(settings, _SETTING, True):
        return
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


@require_http_methods(["GET", "HEAD", "POST"])
def _answer_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    reporter = find_reporter()
    if request.method != "POST":
        return _show_page(request, site)
    try:
        notice = actions.perform(
            # Or each of its threads would keep a connection to the database.
            *(reporter, request.POST.dict()),
            clean_up=connections.close_all,
        )
    except ReportingError as error:
        return _show_page(request, site, error)
    return _SeeOther(f"{request.path}?notice={notice.value}")


@require_safe
def _answer_style(_request: HttpRequest, _site: AdminSite) -> HttpResponse:
    return HttpResponse(render.find_style(), content_type="text/css; charset=utf-8")


@require_safe
def _answer_export(request: HttpRequest, site: AdminSite) -> HttpResponse:
    try:
        export = find_reporter().export()
    except ReportingError as error:
        return _show_page(request, site, error)
    return HttpResponse(
        json.dumps(export, indent=2) + "\n",
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="usage-reporting.json"'},
    )


def _show_page(
    request: HttpRequest, site: AdminSite, failed: ReportingError | None = None
) -> HttpResponse:
    page = content.build_page(
        find_reporter(), notice=request.GET.get("notice"), failed=failed
    )
    home = _find_url(site, "index")
    text = render.render(
        page,
        base=_find_url(site, _NAME) or "./",
        token=get_token(request),
        token_name="csrfmiddlewaretoken",  # noqa: S106  # Django's name for the field
        home=(home, str(site.index_title)) if home else None,
        # Translators: the code of your language, such as de, which HTML needs.
        language=pgettext("usage report", "en"),
    )
    return HttpResponse(text)


def _route(
    route: str, site: AdminSite, view: _View, name: str | None = None
) -> URLPattern:
    """Return a route to *view*, which superusers alone can see."""

    @functools.wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if not _is_superuser(request):
            text = _("Only superusers can see this page.")
            response = HttpResponse(text, status=403, content_type=_TEXT)
        else:
            try:
                response = view(request, site)
            except ReportingError as error:  # in the settings: there is no page to show
                text = describe_problem(error, name_variables())
                response = HttpResponse(text, status=500, content_type=_TEXT)
        for header, value in security.SECURITY_HEADERS.items():
            response[header] = value
        return response

    # This sends others to the login page, and checks the token of each form.
    return path(f"{_FOLDER}{route}", site.admin_view(answer), name=name)


def _find_url(site: AdminSite, name: str) -> str | None:
    """Return the address of a page of *site*; None if its URLs do not have that page."""
    try:
        return reverse(f"admin:{name}", current_app=site.name)
    except NoReverseMatch:
        return None


def _is_superuser(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    # A host's own user model may lack the flag.
    return bool(user and user.is_active and getattr(user, "is_superuser", False))
