"""A real HTTP server on loopback that keeps every request and gives a set answer."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Arrived:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """The answer to every request."""

    status: int = 204
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Print nothing: the client may close the connection at any time."""


class Endpoint:
    """Runs while it is entered.

    Attributes:
        answer: The answer to every request.
        arrived: The requests, the oldest first.
        on_arrival: Called before a request is answered. If it raises an exception, the
            connection is closed without an answer.
        url: Where it listens.
    """

    def __init__(self) -> None:
        self.answer = Answer()
        self.on_arrival: Callable[[], object] = lambda: None
        self.arrived: list[Arrived] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                endpoint.arrived.append(
                    Arrived(self.command, self.path, dict(self.headers), body)
                )
                endpoint.on_arrival()
                answer = endpoint.answer
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.body:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_CONNECT = do_GET = do_POST = handle_any  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler
