"""A server on loopback that does with a connection what a test tells it to."""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import trustme

Behaviour = Callable[["Connection"], None]

_PATIENCE_SECONDS = 60


class Connection:
    """One accepted connection, as a behaviour uses it."""

    def __init__(self, raw: socket.socket, over: threading.Event) -> None:
        self.raw = raw
        self._over = over

    def hear(self) -> bytes:
        """Read the request: headers, and a body that ends with a brace."""
        data = b""
        while b"\r\n\r\n" not in data or not data.endswith(b"}"):
            piece = self.raw.recv(65536)
            if not piece:
                break
            data += piece
        return data

    def say(self, data: bytes) -> None:
        self.raw.sendall(data)

    def reset(self) -> None:
        """End it as a crash does: RST, no FIN."""
        self.raw.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.raw.close()

    def stall(self) -> None:
        """Say nothing more until the test is over."""
        self._over.wait(_PATIENCE_SECONDS)

    def drip(self, data: bytes, pause_seconds: float = 0.05) -> None:
        """Say *data* a byte at a time, far too slowly; then nothing until the end."""
        for byte in data:
            self.raw.sendall(bytes((byte,)))
            if self._over.wait(pause_seconds):
                return
        self.stall()

    def flood(self, data: bytes) -> None:
        """Say *data* over and over, until nobody takes it or the test is over."""
        while not self._over.is_set():
            _, writable, _ = select.select((), (self.raw,), (), 0.05)
            if writable:
                self.raw.send(data)


class MisbehavingServer:
    """Runs while it is entered; each connection gets the same behaviour."""

    def __init__(
        self, behaviour: Behaviour, certificate: ssl.SSLContext | None = None
    ) -> None:
        self._behaviour = behaviour
        self._certificate = certificate
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self.ended = threading.Event()
        self.connections = 0

    @property
    def url(self) -> str:
        scheme, host = (
            ("https", "localhost") if self._certificate else ("http", "127.0.0.1")
        )
        return f"{scheme}://{host}:{self._port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        # An accept that waits does not end when its socket is closed.
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, raw)

    def _serve(self, raw: socket.socket) -> None:
        # Whoever is tested may hang up at any time: that is no failure here.
        with contextlib.suppress(OSError), raw:
            if self._certificate is None:
                self._behaviour(Connection(raw, self._over))
            else:
                with self._certificate.wrap_socket(raw, server_side=True) as wrapped:
                    self._behaviour(Connection(wrapped, self._over))
        self.ended.set()


def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """What a server needs to show *certificate*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class FullServer:
    """A port that answers no attempt to connect: its queue is full while entered."""

    def __enter__(self) -> str:
        self._sockets = [socket.create_server(("127.0.0.1", 0), backlog=0)]
        address = self._sockets[0].getsockname()
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)  # noqa: FBT003  # the socket module's signature
            waiting.connect_ex(address)
            self._sockets.append(waiting)
        return f"http://127.0.0.1:{address[1]}"

    def __exit__(self, *_: object) -> None:
        for it in self._sockets:
            it.close()
