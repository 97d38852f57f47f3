"""Serves the page for admins as an ASGI app that FastAPI, Starlette and others mount."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from hmac import compare_digest
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from paperless_report.errors import ReportingError
from paperless_report.page import security
from paperless_report.page.actions import perform
from paperless_report.page.content import build_page
from paperless_report.page.render import find_style, render
from paperless_report.reporter import Reporter
from paperless_report.translate import pgettext

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Authorize = Callable[[Scope], bool | Awaitable[bool]]

COOKIE = "usage_reporting_token"
MOST_BODY_BYTES = 64 * 1024
_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"
_METHODS = {
    "/": ("GET", "HEAD", "POST"),
    "/style.css": ("GET", "HEAD"),
    "/export.json": ("GET", "HEAD"),
}


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class _RefusedError(Exception):
    """A request gets an answer with *text* instead of what it asked for."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        headers["content-type"] = "text/plain; charset=utf-8"
        self.answer = _Answer(status, headers, f"{text}\n".encode())


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

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Servers read this as "not supported".
            message = f"The page does not support {scope['type']!r}."
            raise NotImplementedError(message)
        headers = _read_headers(scope)
        try:
            await _require_access(scope, headers, authorize)
            answer = await _answer(reporter, scope, headers, receive)
        except _RefusedError as refused:
            answer = refused.answer
        await _send(answer, send, with_body=scope["method"] != "HEAD")

    return page


def _read_headers(scope: Scope) -> dict[str, str]:
    """Read the headers by their names in lower case; join repeated ones."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = separator.join(filter(None, (headers.get(name), value)))
    return headers


async def _require_access(
    scope: Scope, headers: Mapping[str, str], authorize: Authorize | None
) -> None:
    if authorize is None:
        address, _ = scope.get("client") or (None, None)
        # nginx speaks HTTP/1.0 to programs, as no browser does, and hides their visitors.
        is_proxied = scope.get("http_version") == "1.0"
        if is_proxied or not security.is_loopback(address, headers):
            raise _RefusedError(
                403,
                "This page answers only browsers on the machine that it runs on. To let"
                " admins open it from elsewhere, pass `authorize` to create_page.",
            )
    else:
        answer = authorize(scope)
        # Not anything true: a response, returned by mistake, must not open the page.
        if (await answer if inspect.isawaitable(answer) else answer) is not True:
            raise _RefusedError(403, "You are not allowed to see this page.")
    if not security.is_own_or_navigation(headers):
        raise _RefusedError(403, "Another site cannot read this page.")


async def _answer(
    reporter: Reporter, scope: Scope, headers: Mapping[str, str], receive: Receive
) -> _Answer:
    root = scope.get("root_path", "").rstrip("/")
    path, method = _strip_root(scope["path"], root), scope["method"]
    if not path:
        # The links of the page are relative, so its address must end with a slash.
        return _Answer(308, {"location": f"./{quote(root.rpartition('/')[2])}/"})
    if path not in _METHODS:
        raise _RefusedError(404, "There is nothing at this address.")
    if method not in _METHODS[path]:
        allowed = ", ".join(_METHODS[path])
        raise _RefusedError(405, f"This address allows {allowed} only.", allow=allowed)
    if path == "/style.css":
        style = await asyncio.to_thread(find_style)
        return _Answer(200, {"content-type": "text/css; charset=utf-8"}, style)
    token = _find_token(headers.get("cookie", ""))
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    failed = None
    try:
        if path == "/export.json":
            return _build_export(await asyncio.to_thread(reporter.export))
        if method == "POST":
            form = await _read_form(headers, receive, token)
            notice = await asyncio.to_thread(perform, reporter, form)
            return _Answer(303, {"location": f"./?notice={notice.value}"})
    except ReportingError as error:
        failed = error
    answer_headers = {"content-type": "text/html; charset=utf-8"}
    if not token:
        token = security.new_token()
        attributes = f"Path={quote(root) or '/'}; HttpOnly; SameSite=Strict"
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        answer_headers["set-cookie"] = f"{COOKIE}={token}; {attributes}{secure}"

    def write() -> bytes:
        page = build_page(reporter, notice=query.get("notice"), failed=failed)
        # Of the catalogue that the texts come from.
        language = pgettext("usage report", "en")
        return render(page, base="./", token=token, language=language).encode()

    return _Answer(200, answer_headers, await asyncio.to_thread(write))


def _strip_root(path: str, root: str) -> str:
    """Return the part of *path* below the mount at *root*.

    Behind a proxy that strips the start of a path, *path* begins with the rest of *root*.
    """
    while root and path != root and not path.startswith(f"{root}/"):
        _, slash, rest = root[1:].partition("/")
        root = slash + rest
    return path.removeprefix(root)


def _find_token(cookies: str) -> str:
    """Return the value of the page's cookie, or ""."""
    # `http.cookies` stops at the first cookie of another program that it cannot read.
    for cookie in cookies.split(";"):
        name, _, token = cookie.strip().partition("=")
        if name == COOKIE:
            return token
    return ""


def _build_export(export: Mapping[str, Any]) -> _Answer:
    headers = {
        "content-type": "application/json",
        "content-disposition": 'attachment; filename="usage-reporting.json"',
    }
    return _Answer(200, headers, f"{json.dumps(export, indent=2)}\n".encode())


async def _read_form(
    headers: Mapping[str, str], receive: Receive, token: str
) -> dict[str, str]:
    """Read the form of a request if the page itself has sent it."""
    if not security.is_same_origin(headers):
        raise _RefusedError(403, "Another site cannot change anything here.")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise _RefusedError(415, f"The media type must be {_FORM}.")
    body, is_complete = b"", False
    while not is_complete:
        message = await receive()
        if message["type"] != "http.request":
            raise _RefusedError(400, "The browser has closed the connection.")
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            raise _RefusedError(413, f"The limit is {MOST_BODY_BYTES} bytes.")
        is_complete = not message.get("more_body", False)
    try:
        fields = parse_qsl(
            body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise _RefusedError(400, "The body must be an HTML form in UTF-8.") from None
    form = dict(fields)
    if not token or not compare_digest(token.encode(), form.get("token", "").encode()):
        raise _RefusedError(
            403,
            "Your browser has not sent the cookie that belongs to this form, so nothing"
            " was changed. Go back, reload the page, and try again.",
        )
    return form


async def _send(answer: _Answer, send: Send, *, with_body: bool) -> None:
    headers = {
        **{name.lower(): it for name, it in security.SECURITY_HEADERS.items()},
        **answer.headers,
        "content-length": str(len(answer.body)),
    }
    raw = [(name.encode(), it.encode("latin-1")) for name, it in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    body = answer.body if with_body else b""
    await send({"type": "http.response.body", "body": body})
