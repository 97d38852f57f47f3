"""Answers ASGI requests by the page's rules on who may read and change something."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast
from urllib.parse import parse_qsl

from paperless_report.page import security

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Authorize = Callable[[Scope], bool | Awaitable[bool]]

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Answer(NamedTuple):
    """The answer to a request; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class RefusedError(Exception):
    """A request gets *status*, *text* and *headers* instead of what it asked for."""

    def __init__(
        self, status: int, text: str, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


@dataclass(frozen=True)
class Request:
    """A request that may read what it asks for.

    Attributes:
        method: The method, in capitals.
        path: The path below the mount: `/export`; empty for the mount itself.
        query: The values of the query by name.
        headers: The headers by name in lower case; repeated ones are joined.
        root: The path of the mount, without a slash at its end.
        is_https: Whether the client uses HTTPS, as far as the server knows.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    root: str
    is_https: bool
    _receive: Receive

    async def read_body(self, most_bytes: int) -> bytes:
        """Read the body.

        Raises:
            RefusedError: If it has more than *most_bytes* bytes, or is cut off.
        """
        body, is_complete = b"", False
        while not is_complete:
            message = await self._receive()
            if message["type"] != "http.request":
                raise RefusedError(400, "The connection was closed.")
            body += message.get("body", b"")
            if len(body) > most_bytes:
                raise RefusedError(413, f"The limit is {most_bytes} bytes.")
            is_complete = not message.get("more_body", False)
        return body


Handler = Callable[[Request], Answer | Awaitable[Answer]]
Routes = Mapping[str, Mapping[str, Handler]]


def write_json(
    content: object, status: int = 200, headers: Mapping[str, str] = NO_HEADERS
) -> Answer:
    """Write *content* as JSON."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(status, {**headers, "content-type": "application/json"}, body)


def write_text(refused: RefusedError) -> Answer:
    """Write a refusal as plain text."""
    headers = {**refused.headers, "content-type": "text/plain; charset=utf-8"}
    return Answer(refused.status, headers, f"{refused.text}\n".encode())


def protect(
    routes: Routes,
    *,
    name: str,
    authorize: Authorize | None = None,
    write_refusal: Callable[[RefusedError], Answer] = write_text,
) -> App:
    """Return an ASGI app with *routes*. Mount it at any path.

    It refuses requests by the rules of the page for admins, before their handlers are
    called. Methods other than GET and HEAD are taken as changes: no page of another site
    can send them.

    Args:
        routes: For each path below the mount, the handler of each method. GET answers HEAD
            too. The path of the mount itself is empty, and `/` if it ends with a slash. A
            handler returns the answer, or raises a RefusedError. It runs in a thread if it
            is not a coroutine function.
        name: The function that takes `authorize`, for the text of a refusal.
        authorize: Takes a request's ASGI scope, and returns True if the request may pass.
            It can be a coroutine function. Its exceptions go to the program that mounts
            the app. Without this argument, the app answers only the same machine.
        write_refusal: Turns a refusal into an answer.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Servers read this as "not supported".
            message = f"This app does not support {scope['type']!r}."
            raise NotImplementedError(message)
        request = _read_request(scope, receive)
        try:
            await _require_access(scope, request.headers, authorize, name)
            answer = await _call(_find_handler(routes, request), request)
        except RefusedError as refused:
            answer = write_refusal(refused)
        await _send(answer, send, with_body=request.method != "HEAD")

    return app


def require_own_form(request: Request) -> None:
    """Refuse a request that was not sent by a page of the same origin in a browser.

    A handler calls this where programs that are no browsers have no business either.
    """
    if not security.is_same_origin(request.headers):
        raise RefusedError(403, "Another site cannot change anything here.")


def _find_handler(routes: Routes, request: Request) -> Handler:
    if request.path not in routes:
        raise RefusedError(404, "There is nothing at this address.")
    handlers = routes[request.path]
    if request.method in {"GET", "HEAD"} and "GET" in handlers:
        return handlers["GET"]
    if request.method not in handlers:
        names = ", ".join(it.replace("GET", "GET, HEAD") for it in handlers)
        raise RefusedError(405, f"This address allows {names} only.", {"allow": names})
    if security.is_of_browser(request.headers):
        require_own_form(request)
    return handlers[request.method]


async def _call(handler: Handler, request: Request) -> Answer:
    if inspect.iscoroutinefunction(handler):
        return cast("Answer", await handler(request))
    return cast("Answer", await asyncio.to_thread(handler, request))


def _read_request(scope: Scope, receive: Receive) -> Request:
    root = scope.get("root_path", "").rstrip("/")
    return Request(
        method=scope["method"],
        path=_strip_root(scope["path"], root),
        query=dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))),
        headers=_read_headers(scope),
        root=root,
        is_https=scope.get("scheme") == "https",
        _receive=receive,
    )


def _read_headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = separator.join(filter(None, (headers.get(name), value)))
    return headers


def _strip_root(path: str, root: str) -> str:
    """Return the part of *path* below the mount at *root*.

    Behind a proxy that strips the start of a path, *path* begins with the rest of *root*.
    """
    while root and path != root and not path.startswith(f"{root}/"):
        _, slash, rest = root[1:].partition("/")
        root = slash + rest
    return path.removeprefix(root)


async def _require_access(
    scope: Scope, headers: Mapping[str, str], authorize: Authorize | None, name: str
) -> None:
    if authorize is None:
        address, _ = scope.get("client") or (None, None)
        # nginx speaks HTTP/1.0 to programs, as no browser does, and hides their visitors.
        is_proxied = scope.get("http_version") == "1.0"
        if is_proxied or not security.is_loopback(address, headers):
            raise RefusedError(
                403,
                "This answers only the machine that it runs on. To let admins open it from"
                f" elsewhere, pass `authorize` to {name}.",
            )
    else:
        answer = authorize(scope)
        # Not anything true: a response, returned by mistake, must not open anything.
        if (await answer if inspect.isawaitable(answer) else answer) is not True:
            raise RefusedError(403, "You are not allowed to see this.")
    if not security.is_own_or_navigation(headers):
        raise RefusedError(403, "Another site cannot read this.")


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    headers = {
        **{name.lower(): it for name, it in security.SECURITY_HEADERS.items()},
        **answer.headers,
        "content-length": str(len(answer.body)),
    }
    raw = [(name.encode(), it.encode("latin-1")) for name, it in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    body = answer.body if with_body else b""
    await send({"type": "http.response.body", "body": body})
