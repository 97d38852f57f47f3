"""Sends the server bytes that no HTTP client sends, and reads what comes back."""

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_MOST_SECONDS = 120


@dataclass(frozen=True)
class Exchange:
    """What came back over a connection."""

    answer: bytes
    # Whether the server has closed the connection.
    is_closed: bool

    @property
    def statuses(self) -> list[int]:
        """The status of each response."""
        return [int(status) for status in _STATUS.findall(self.answer)]


@contextlib.contextmanager
def connect(url: str) -> Iterator[socket.socket]:
    """Open a connection to the host of *url*."""
    host = urlsplit(url)
    address = (host.hostname, host.port)
    with socket.create_connection(address, timeout=_MOST_SECONDS) as connection:
        yield connection


def read_head(connection: socket.socket) -> Exchange:
    """Read to the end of the headers of one answer that has no body."""
    connection.settimeout(_MOST_SECONDS)
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        received = connection.recv(1)
        assert received, answer
        answer += received
    return Exchange(answer, is_closed=False)


def read(connection: socket.socket) -> Exchange:
    """Read until the server closes the connection."""
    connection.settimeout(_MOST_SECONDS)
    answer = b""
    try:
        while received := connection.recv(65_536):
            answer += received
    except TimeoutError:
        return Exchange(answer, is_closed=False)
    except ConnectionResetError:
        pass
    return Exchange(answer, is_closed=True)


def exchange(url: str, sent: bytes) -> Exchange:
    """Send bytes over a new connection, say that no more will come, and read the rest."""
    with connect(url) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        return read(connection)
