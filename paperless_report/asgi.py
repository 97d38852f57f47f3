"""Serves the page for admins as an ASGI app that FastAPI, Starlette and others mount."""

import asyncio
import json
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl, quote

from paperless_report.asgi_access import (
    Answer,
    App,
    Authorize,
    RefusedError,
    Request,
    Routes,
    protect,
    require_own_form,
)
from paperless_report.errors import ReportingError
from paperless_report.page import security
from paperless_report.page.actions import perform
from paperless_report.page.content import build_page
from paperless_report.page.render import find_style, render
from paperless_report.reporter import Reporter
from paperless_report.translate import pgettext

COOKIE = "usage_reporting_token"
MOST_BODY_BYTES = 64 * 1024
_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"


def create_page(reporter: Reporter, *, authorize: Authorize | None = None) -> App:
    """Return an ASGI app with the page about the reports of *reporter*.

    Mount it at any path.

    Args:
        reporter: What the page shows, and turns on and off.
        authorize: Takes a request's ASGI scope, and returns True if the request may see and
            use the page. It can be a coroutine function. Its exceptions go to the program
            that mounts the page. Without this argument, the page answers only browsers on
            the same machine.
    """

    async def add_slash(request: Request) -> Answer:
        # The links of the page are relative, so its address must end with a slash.
        folder = quote(request.root.rpartition("/")[2])
        return Answer(308, {"location": f"./{folder}/"})

    async def show(request: Request) -> Answer:
        return await _show(reporter, request)

    async def change(request: Request) -> Answer:
        form = await _read_form(request)
        try:
            notice = await asyncio.to_thread(perform, reporter, form)
        except ReportingError as error:
            return await _show(reporter, request, error)
        return Answer(303, {"location": f"./?notice={notice.value}"})

    async def send_style(_request: Request) -> Answer:
        style = await asyncio.to_thread(find_style)
        return Answer(200, {"content-type": "text/css; charset=utf-8"}, style)

    async def export(request: Request) -> Answer:
        try:
            return _build_export(await asyncio.to_thread(reporter.export))
        except ReportingError as error:
            return await _show(reporter, request, error)

    routes: Routes = {
        "": {"GET": add_slash, "POST": add_slash},
        "/": {"GET": show, "POST": change},
        "/style.css": {"GET": send_style},
        "/export.json": {"GET": export},
    }
    return protect(routes, name="create_page", authorize=authorize)


async def _show(
    reporter: Reporter, request: Request, failed: ReportingError | None = None
) -> Answer:
    token = _find_token(request)
    headers = {"content-type": "text/html; charset=utf-8"}
    if not token:
        token = security.new_token()
        attributes = f"Path={quote(request.root) or '/'}; HttpOnly; SameSite=Strict"
        secure = "; Secure" if request.is_https else ""
        headers["set-cookie"] = f"{COOKIE}={token}; {attributes}{secure}"

    def write() -> bytes:
        page = build_page(reporter, notice=request.query.get("notice"), failed=failed)
        # Of the catalogue that the texts come from.
        language = pgettext("usage report", "en")
        return render(page, base="./", token=token, language=language).encode()

    return Answer(200, headers, await asyncio.to_thread(write))


def _find_token(request: Request) -> str:
    """Return the value of the page's cookie, or ""."""
    # `http.cookies` stops at the first cookie of another program that it cannot read.
    for cookie in request.headers.get("cookie", "").split(";"):
        name, _, token = cookie.strip().partition("=")
        if name == COOKIE:
            return token
    return ""


def _build_export(export: Mapping[str, Any]) -> Answer:
    headers = {
        "content-type": "application/json",
        "content-disposition": 'attachment; filename="usage-reporting.json"',
    }
    return Answer(200, headers, f"{json.dumps(export, indent=2)}\n".encode())


async def _read_form(request: Request) -> dict[str, str]:
    """Read the form of a request if the page itself has sent it."""
    require_own_form(request)
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != _FORM:
        raise RefusedError(415, f"The media type must be {_FORM}.")
    body = await request.read_body(MOST_BODY_BYTES)
    try:
        fields = parse_qsl(
            body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise RefusedError(400, "The body must be an HTML form in UTF-8.") from None
    form, token = dict(fields), _find_token(request)
    if not token or not compare_digest(token.encode(), form.get("token", "").encode()):
        raise RefusedError(
            403,
            "Your browser has not sent the cookie that belongs to this form, so nothing"
            " was changed. Go back, reload the page, and try again.",
        )
    return form
