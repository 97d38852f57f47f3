"""Servers on loopback that break, stall or flood a connection as a test asks."""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Self

import trustme

_PATIENCE_SECONDS = 60


class Connection:
    """One accepted connection, as a behaviour uses it."""

    def __init__(self, raw: socket.socket, stopped: threading.Event) -> None:
        self.raw = raw
        self._stopped = stopped

    def read_request(self) -> bytes:
        """Read the headers, and a body that ends with a brace."""
        data = b""
        while b"\r\n\r\n" not in data or not data.endswith(b"}"):
            piece = self.raw.recv(65536)
            if not piece:
                break
            data += piece
        return data

    def reset(self) -> None:
        """Close it as a crash does: with RST and without FIN."""
        self.raw.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.raw.close()

    def stall(self) -> None:
        """Write nothing more until the test is over."""
        self._stopped.wait(_PATIENCE_SECONDS)

    def drip(self, data: bytes, pause_seconds: float = 0.05) -> None:
        """Write *data* a byte at a time, far too slowly; then stall."""
        for byte in data:
            self.raw.sendall(bytes((byte,)))
            if self._stopped.wait(pause_seconds):
                return
        self.stall()

    def flood(self, data: bytes) -> None:
        """Write *data* again and again, until the test is over."""
        while not self._stopped.is_set():
            _, writable, _ = select.select((), (self.raw,), (), 0.05)
            if writable:
                self.raw.send(data)


Behaviour = Callable[[Connection], object]


def answer(data: bytes, then: Behaviour = lambda _: None) -> Behaviour:
    """Read the request, write *data*, behave as in *then*, and close."""

    def behave(connection: Connection) -> None:
        connection.read_request()
        connection.raw.sendall(data)
        then(connection)

    return behave


class MisbehavingServer:
    """Runs while it is entered; each connection gets the same behaviour.

    Attributes:
        ended: Set as soon as a behaviour has ended, unless the client ended it.
    """

    def __init__(
        self, behaviour: Behaviour, certificate: trustme.LeafCert | None = None
    ) -> None:
        self._behaviour = behaviour
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._tls)
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = (
            f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}"
        )
        self.ended = threading.Event()
        self.connections = 0

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
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
        # The client may close the connection at any time.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(raw)
            if self._tls:
                raw = stack.enter_context(self._tls.wrap_socket(raw, server_side=True))
            self._behaviour(Connection(raw, self._stopped))
            self.ended.set()


class FullServer:
    """A port that accepts no connection: its queue is full while it is entered."""

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
        for waiting in self._sockets:
            waiting.close()
