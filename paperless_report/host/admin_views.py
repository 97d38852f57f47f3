"""Answers the requests for the page on usage reporting below an admin site."""

import json
from collections.abc import Callable
from typing import Final

from django.contrib.admin import AdminSite
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.views.decorators.http import require_http_methods, require_safe

from paperless_report.errors import ReportingError
from paperless_report.host.admin_site import NAME, find_url, is_superuser
from paperless_report.host.project import name_variables
from paperless_report.host.reporter import find_reporter
from paperless_report.page import actions, content, render, security
from paperless_report.translate import gettext as _
from paperless_report.translate import pgettext
from paperless_report.words.messages import describe_problem

_TEXT: Final = "text/plain; charset=utf-8"


class _SeeOther(HttpResponseRedirect):
    status_code = 303


def answer(request: HttpRequest, site: AdminSite, route: str) -> HttpResponse:
    """Answer a request of an admin of *site* for a part of the page."""
    if not is_superuser(request):
        text = _("Only superusers can see this page.")
        response = HttpResponse(text, status=403, content_type=_TEXT)
    else:
        try:
            response = _VIEWS[route](request, site)
        except ReportingError as error:  # in the settings: there is no page to show
            text = describe_problem(error, name_variables())
            response = HttpResponse(text, status=500, content_type=_TEXT)
    for header, value in security.SECURITY_HEADERS.items():
        response[header] = value
    return response


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
    home = find_url(site, "index")
    text = render.render(
        page,
        base=find_url(site, NAME) or "./",
        token=get_token(request),
        token_name="csrfmiddlewaretoken",  # noqa: S106  # Django's name for the field
        home=(home, str(site.index_title)) if home else None,
        # Translators: the code of your language, such as de, which HTML needs.
        language=pgettext("usage report", "en"),
    )
    return HttpResponse(text)


_VIEWS: Final[dict[str, Callable[[HttpRequest, AdminSite], HttpResponse]]] = {
    "": _answer_page,
    "style.css": _answer_style,
    "export.json": _answer_export,
}
