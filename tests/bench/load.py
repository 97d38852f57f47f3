"""Sends requests over a few connections at once and times each answer.

It uses raw sockets and prepared bytes. An HTTP library spends more time on a request
than the Worker does, so it would measure the library.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 16
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Load:
    """The result of one load.

    Attributes:
        seconds: Wall clock from the first request to the last answer.
        own_cpu: Seconds of CPU that sending took in this process.
        times: Seconds until each answer, sorted.
        statuses: The number of answers per HTTP status.
    """

    seconds: float
    own_cpu: float
    times: Sequence[float]
    statuses: Counter[int]

    def percentile(self, share: float) -> float:
        """Return the seconds within which *share* (0 to 1) of the answers arrived."""
        return self.times[min(int(share * len(self.times)), len(self.times) - 1)]


def post(url: str, bodies: Sequence[bytes]) -> Load:
    """POST each body once, as JSON; see `send`."""
    path = urlsplit(url).path
    return send(
        url,
        [
            build_request("POST", path, body, {"Content-Type": "application/json"})
            for body in bodies
        ],
    )


def send(url: str, requests: Sequence[bytes]) -> Load:
    """Send each request once, the next one as soon as a connection has its answer.

    Raises:
        TimeoutError: If the whole load takes longer than two minutes.
    """
    return asyncio.run(asyncio.wait_for(_send_all(url, requests), _TIMEOUT_SECONDS))


def build_request(
    method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> bytes:
    """Build the bytes of a request."""
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        *((f"Content-Length: {len(body)}",) if method != "GET" else ()),
    )
    return "\r\n".join((*lines, "", "")).encode() + body


async def _send_all(url: str, requests: Sequence[bytes]) -> Load:
    target = urlsplit(url)
    waiting = deque(requests)
    times: list[float] = []
    statuses: Counter[int] = Counter()
    connections = [
        await asyncio.open_connection(target.hostname, target.port)
        for _ in range(CONNECTIONS)
    ]
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(
        *(_send(*pair, waiting, times, statuses) for pair in connections)
    )
    seconds, own_cpu = time.perf_counter() - began, time.process_time() - cpu
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()
    return Load(seconds, own_cpu, sorted(times), statuses)


async def _send(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    waiting: deque[bytes],
    times: list[float],
    statuses: Counter[int],
) -> None:
    """Send the next waiting request until none is left."""
    while waiting:
        began = time.perf_counter()
        writer.write(waiting.popleft())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        if status != 204:  # No Content has no body
            await _skip_body(reader, head.lower())
        times.append(time.perf_counter() - began)
        statuses[status] += 1


async def _skip_body(reader: asyncio.StreamReader, head: bytes) -> None:
    _, length, rest = head.partition(b"content-length: ")
    if length:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    else:
        await reader.readuntil(b"\r\n0\r\n\r\n")
