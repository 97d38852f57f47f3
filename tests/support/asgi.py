"""Sends requests to an ASGI app in this process, as a browser on the same machine does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.support.page_reader import PageReader

_Message = MutableMapping[str, Any]
App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[_Message]],
        Callable[[_Message], Awaitable[None]],
    ],
    Awaitable[None],
]
OWN_FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "sec-fetch-site": "same-origin",
}


@dataclass(frozen=True)
class Response:
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Client:
    """Keeps the cookies of one app, and sends them back.

    Attributes:
        app: The app.
        host: The header Host.
        address: The address of the peer; None is a Unix socket.
        scope: What else the server puts into the scope.
        cookies: The cookies by name.
    """

    app: App
    host: str = "127.0.0.1:8000"
    address: str | None = "127.0.0.1"
    scope: Mapping[str, Any] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str = "/", **headers: str) -> Response:
        """Send GET with *headers*, whose names have underscores for hyphens."""
        return self.request("GET", path, headers)

    def open_form(self, action: str, path: str = "/") -> dict[str, str]:
        """Load the page at *path*, and return the fields of its form that does *action*."""
        return PageReader(self.get(path).text).forms[action].fields

    def post(
        self,
        form: Mapping[str, str] | bytes,
        path: str = "/",
        **headers: str | None,
    ) -> Response:
        """Send *form* as the page does; *headers* replace its own, and None drops one."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**OWN_FORM, **named}
        return self.request("POST", path, {k: v for k, v in sent.items() if v}, [body])

    def request(
        self,
        method: str,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        body: Iterable[bytes] = (),
        *,
        is_cut_off: bool = False,
    ) -> Response:
        """Send a request whose body comes in parts, and may be cut off after them."""
        path, _, query = path.partition("?")
        names = {
            "host": self.host,
            "cookie": "; ".join(f"{it}={value}" for it, value in self.cookies.items()),
            **{name.replace("_", "-"): it for name, it in (headers or {}).items()},
        }
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "root_path": "",
            "client": self.address and (self.address, 50000),
            "headers": [(name.encode(), it.encode()) for name, it in names.items()],
            **self.scope,
        }
        response = asyncio.run(
            _exchange(self.app, scope, list(body), is_cut_off=is_cut_off)
        )
        if cookie := response.headers.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response


async def _exchange(
    app: App, scope: MutableMapping[str, Any], parts: list[bytes], *, is_cut_off: bool
) -> Response:
    incoming = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if not is_cut_off:
        incoming.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[_Message] = []

    async def receive() -> _Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: _Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Response(
        start["status"], headers, b"".join(it.get("body", b"") for it in bodies)
    )
