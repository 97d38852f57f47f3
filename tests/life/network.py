"""Stands between some installations and the receiver, and breaks what passes."""

import contextlib
import os
import select
import signal
import socket
import struct
import threading
from typing import Self
from urllib.parse import urlsplit

from tests.life.plan import Network

_PIECE = 65_536
_PATIENCE_SECONDS = 30


class Relay:
    """A port of loopback that leads to the receiver while it is entered.

    Attributes:
        state: What becomes of each new connection.
        victim: The process that is killed when an answer arrives.
    """

    def __init__(self, target: str) -> None:
        host = urlsplit(target)
        self._target = (host.hostname, host.port)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.state = Network.UP
        self.victim = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="relay", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing the socket alone does not wake up the thread that accepts.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._pass_on(connection)

    def _pass_on(self, client: socket.socket) -> None:
        """Serve one connection; clients of this simulation send one request at a time."""
        with contextlib.suppress(OSError), client:
            if self.state is Network.DOWN:
                _reset(client)
                return
            with socket.create_connection(self._target, _PATIENCE_SECONDS) as receiver:
                self._pump(client, receiver)

    def _pump(self, client: socket.socket, receiver: socket.socket) -> None:
        while True:
            ready, _, _ = select.select((client, receiver), (), (), _PATIENCE_SECONDS)
            if not ready:
                return
            if receiver in ready:
                answer = receiver.recv(_PIECE)
                if self.state is Network.DEADLY:
                    os.kill(self.victim, signal.SIGKILL)
                if self.state is not Network.UP:
                    _reset(client)
                    return
                if not answer:
                    return
                client.sendall(answer)
            elif request := client.recv(_PIECE):
                receiver.sendall(request)
            else:
                return


def _reset(connection: socket.socket) -> None:
    """Close it with RST, as a machine does that has gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
