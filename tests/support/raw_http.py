"""Sends a request byte by byte as it was recorded, and reads the answer."""

import gzip
import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class RawAnswer:
    """An answer, decompressed; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send_raw(url: str, request: bytes) -> RawAnswer:
    """Send *request*, a whole HTTP request, to the host of *url*, over a new socket."""
    host = urlsplit(url)
    address = (host.hostname, host.port)
    with socket.create_connection(address, timeout=_TIMEOUT_SECONDS) as connection:
        return exchange(connection, request)


def exchange(connection: socket.socket, request: bytes) -> RawAnswer:
    """Send *request*, a whole HTTP request, over *connection*, and read the answer."""
    connection.sendall(request)
    method = request.partition(b" ")[0].decode()
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = response.read()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return RawAnswer(response.status, headers, body)
