"""Bodies that come slowly, not at all, or other than declared."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.worker.test_hostile import WHOLE
from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
BODY = WHOLE.encode()
PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def connected(worker: Harness) -> Iterator[socket.socket]:
    place = urlsplit(worker.url)
    with socket.create_connection((place.hostname, place.port), timeout=30) as it:
        yield it


def head(*fields: str, path: str = "/report") -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Connection: close",
        *fields,
    )
    return "\r\n".join((*lines, "", "")).encode()


def status(answer: bytes) -> int | None:
    """None if there is no answer, or none but the local proxy's own.

    Where a sender breaks the connection, wrangler's proxy, which production does not
    have, may say so to nobody before the Worker has answered.
    """
    if not answer or answer.endswith(b"\r\n\r\nError: Network connection lost."):
        return None
    return int(answer.split(b" ", 2)[1])


def hear(connection: socket.socket) -> bytes:
    """What comes until the connection ends."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(4096):
            heard += data
    return heard


def count(worker: Harness) -> int:
    return len(worker.query("SELECT id FROM reports"))


def test_a_body_that_drips_is_taken_and_holds_up_nobody(
    worker: Harness, report: Report
) -> None:
    dripped, others = threading.Event(), []
    with connected(worker) as slow:
        slow.sendall(head(f"Content-Length: {len(BODY)}"))
        for number, byte in enumerate(BODY):
            slow.sendall(bytes((byte,)))
            if number % 40 == 0:
                dripped.wait(PAUSE_SECONDS)
                mine = {**report, "uuid": f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"}
                others.append(post(worker, mine).status_code)
        assert status(hear(slow)) == 204

    assert others == len(others) * [204]
    assert count(worker) == len(others) + 1


def test_chunks_of_a_byte_are_counted_like_any(worker: Harness) -> None:
    for padding, expected in ((4096 - len(BODY), 204), (4097 - len(BODY), 400)):
        worker.query("DELETE FROM reports")
        with connected(worker) as it:
            it.sendall(head("Transfer-Encoding: chunked"))
            it.sendall(b"".join(b"1\r\n%c\r\n" % byte for byte in BODY))
            it.sendall(b"1\r\n \r\n" * padding + b"0\r\n\r\n")
            assert status(hear(it)) == expected


# What is declared, what is sent, and what may come of it; None is a broken connection.
LIES = {
    "shorter than declared, then silence ends": (
        ("Content-Length: 4000",),
        BODY,
        {400, None},
    ),
    "nothing of what was declared": (("Content-Length: 200",), b"", {400, None}),
    "longer than declared": (("Content-Length: 10",), BODY, {400}),
    "declared as nothing": (("Content-Length: 0",), BODY, {400}),
    "no length and no chunks": ((), BODY, {400, 411}),
    "larger than allowed by its own word": (
        ("Content-Length: 4097",),
        BODY,
        {400, None},
    ),
    "an absurd length": ((f"Content-Length: {10**30}",), BODY, {400, 413, None}),
    "a negative length": (("Content-Length: -1",), BODY, {400, None}),
    "a length in words": (("Content-Length: many",), BODY, {400, None}),
    "two lengths": (
        ("Content-Length: 5", f"Content-Length: {len(BODY)}"),
        BODY,
        {400, None},
    ),
    "a length and chunks": (
        (f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"),
        BODY,
        {400, None},
    ),
    "chunks that are none": (("Transfer-Encoding: chunked",), BODY, {400, None}),
    "chunks without an end": (
        ("Transfer-Encoding: chunked",),
        b'5\r\n{"a":\r\n',
        {400, None},
    ),
    "an unknown coding": (
        ("Transfer-Encoding: gzip, chunked",),
        BODY,
        {400, 501, None},
    ),
}


@pytest.mark.parametrize(("fields", "sent", "expected"), LIES.values(), ids=list(LIES))
@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_a_length_that_lies_is_refused_and_stores_nothing(
    worker: Harness,
    fields: tuple[str, ...],
    sent: bytes,
    expected: set[int | None],
    path: str,
) -> None:
    with connected(worker) as it:
        it.sendall(head(*fields, path=path) + sent)
        it.shutdown(socket.SHUT_WR)
        assert status(hear(it)) in expected

    assert count(worker) == 0
    assert post(worker, BODY).status_code == 204


def test_who_hangs_up_leaves_nothing_behind(worker: Harness, report: Report) -> None:
    for cut in (0, 1, len(BODY) // 2, len(BODY) - 1):
        with connected(worker) as it:
            it.sendall(head(f"Content-Length: {len(BODY)}") + BODY[:cut])

    assert post(worker, report).status_code == 204
    assert count(worker) == 1
