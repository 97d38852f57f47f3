"""Both endpoints that accept a body read at most 4,096 bytes of JSON, however they arrive."""

import contextlib
import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tests.worker.client import post
from tests.worker.database import clear, count_reports
from tests.worker.reports import MINIMAL, Report
from worker.local.harness import Harness

pytestmark = pytest.mark.both

# The limit is the spec's, so it stands here as a promise.
LIMIT_BYTES = 4096
BODY = MINIMAL.encode()
PAUSE_SECONDS = 0.02
# By path: the error code of its refusals.
ERRORS = {"/report": "invalid_report", "/forget": "invalid_request"}
both_endpoints = pytest.mark.parametrize("path", ERRORS)


def refusal(path: str, detail: str) -> dict[str, str]:
    return {"error": ERRORS[path], "detail": detail}


NOT_AN_OBJECT = {
    "empty": b"",
    "null": b"null",
    "a boolean": b"true",
    "a number": b"0",
    "a string": b'""',
    "an array": b"[]",
    "a report in an array": f"[{MINIMAL}]".encode(),
    "a report in a string": json.dumps(MINIMAL).encode(),
    "NaN": b"NaN",
    "undefined": b"undefined",
    "a null character": b"\x00",
    "an opening brace": b"{",
    "without its end": MINIMAL[:-1].encode(),
    "with a trailing comma": MINIMAL.replace("}", ",}").encode(),
    "with a comment": f"/**/{MINIMAL}".encode(),
    "with single quotes": MINIMAL.replace('"', "'").encode(),
    "two reports": BODY + BODY,
    "with a null character after it": BODY + b"\x00",
    "with a null character before it": b"\x00" + BODY,
    "with two byte order marks": b"\xef\xbb\xbf" * 2 + BODY,
    "with the magic number of gzip": b"\x1f\x8b" + BODY,
    "UTF-16": MINIMAL.encode("utf-16"),
    "UTF-16 without a mark": MINIMAL.encode("utf-16-le"),
    "UTF-32": MINIMAL.encode("utf-32"),
    "Latin-1": BODY.replace(b"beta", b"beta\xe9"),
    "an overlong sequence": BODY.replace(b"beta", b"\xc0\xaf"),
    "an encoded surrogate": BODY.replace(b"beta", b"\xed\xa0\x80"),
    "an invalid byte": b'{"uuid": "\xff"}',
    "4,096 opening brackets": b"[" * LIMIT_BYTES,
    "800 unfinished objects": b'{"a":' * 800,
    "4,000 backslashes": b'"' + b"\\" * 4000,
}


@pytest.mark.parametrize("body", NOT_AN_OBJECT.values(), ids=list(NOT_AN_OBJECT))
@both_endpoints
def test_a_body_that_is_not_a_json_object_is_refused_and_changes_nothing(
    worker: Harness, report: Report, path: str, body: bytes
) -> None:
    post(worker, report)

    response = post(worker, body, path)

    assert response.status_code == 400
    assert response.json() == refusal(path, "The body is not a JSON object.")
    assert count_reports(worker) == 1


@both_endpoints
def test_a_refusal_is_json_that_no_cache_keeps(worker: Harness, path: str) -> None:
    for body in (b"{", b'{"uuid": 1}'):
        headers = post(worker, body, path).headers

        assert headers["Content-Type"] == "application/json"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        # JSON is UTF-8 regardless of the parameters.
        ("application/json; charset=utf-16", True),
        ("application/json;charset=latin-1", True),
        ('application/json; charset="utf-8"; x=y', True),
        # Content types that a web page may send to another site without asking it.
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/json-patch+json", False),
        ("", False),
    ],
)
@both_endpoints
def test_only_json_is_accepted(
    worker: Harness, report: Report, path: str, content_type: str, *, accepted: bool
) -> None:
    if path == "/forget":
        post(worker, report)
    before = count_reports(worker)

    response = post(worker, report, path, **{"Content-Type": content_type})

    assert response.status_code == (204 if accepted else 415)
    assert (count_reports(worker) != before) == accepted


@both_endpoints
def test_a_request_without_a_content_type_is_refused(
    worker: Harness, report: Report, path: str
) -> None:
    connection = http.client.HTTPConnection(urlsplit(worker.url).netloc, timeout=30)
    connection.request("POST", path, json.dumps(report))

    assert connection.getresponse().status == 415
    connection.close()


def test_a_compressed_body_is_not_decompressed(worker: Harness) -> None:
    """A decompression bomb costs no more than the bytes that were sent."""
    response = post(worker, gzip.compress(BODY), **{"Content-Encoding": "gzip"})

    assert response.status_code == 400


def padded(size: int, filler: str = "x") -> bytes:
    """A valid body of *size* bytes, filled with *filler*."""
    padding = size - len(BODY) - len(',"padding":""')
    count, rest = divmod(padding, len(filler.encode()))
    return f'{MINIMAL[:-1]},"padding":"{filler * count}{"y" * rest}"}}'.encode()


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize(
    ("size", "status"),
    [(LIMIT_BYTES, 204), (LIMIT_BYTES + 1, 400), (3_000_000, 400)],
)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
@both_endpoints
def test_a_body_over_4096_bytes_is_refused(
    worker: Harness, path: str, size: int, status: int, *, declared: bool
) -> None:
    body = padded(size)
    assert len(body) == size

    response = requests.post(
        f"{worker.url}{path}",
        data=body if declared else in_chunks(body),
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert response.status_code == status
    if status == 400:
        assert response.json() == refusal(path, "The body is larger than 4096 bytes.")


@pytest.mark.parametrize(
    "filler",
    ["\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{EURO SIGN}", "\N{PILE OF POO}"],
)
@pytest.mark.parametrize(
    ("size", "status"), [(LIMIT_BYTES, 204), (LIMIT_BYTES + 1, 400)]
)
def test_the_limit_counts_bytes_and_not_characters(
    worker: Harness, filler: str, size: int, status: int
) -> None:
    body = padded(size, filler)
    assert len(body) == size > len(body.decode())

    assert post(worker, body).status_code == status


@contextlib.contextmanager
def connected(worker: Harness) -> Iterator[socket.socket]:
    url = urlsplit(worker.url)
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        yield connection


def head(*fields: str, path: str = "/report") -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        *("Host: 127.0.0.1", "Content-Type: application/json", "Connection: close"),
        *fields,
    )
    return "\r\n".join((*lines, "", "")).encode()


def read_status(connection: socket.socket) -> int | None:
    """The response's status; None without a response of the Worker.

    After a broken request, wrangler's local proxy may answer before the Worker does.
    Production has no such proxy.
    """
    response = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(4096):
            response += data
    if not response or response.endswith(b"\r\n\r\nError: Network connection lost."):
        return None
    return int(response.split(b" ", 2)[1])


def test_a_body_that_arrives_byte_by_byte_is_accepted_and_delays_no_other(
    worker: Harness, report: Report
) -> None:
    never, others = threading.Event(), []
    with connected(worker) as slow:
        slow.sendall(head(LENGTH))
        for number, byte in enumerate(BODY):
            slow.sendall(bytes((byte,)))
            if number % 40 == 0:
                never.wait(PAUSE_SECONDS)
                mine = {**report, "uuid": f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"}
                others.append(post(worker, mine).status_code)
        assert read_status(slow) == 204

    assert others == len(others) * [204]
    assert count_reports(worker) == len(others) + 1


def test_chunks_of_one_byte_count_towards_the_limit(worker: Harness) -> None:
    for size, expected in ((LIMIT_BYTES, 204), (LIMIT_BYTES + 1, 400)):
        clear(worker, "reports")
        with connected(worker) as connection:
            connection.sendall(head(CHUNKED))
            connection.sendall(b"".join(b"1\r\n%c\r\n" % byte for byte in BODY))
            connection.sendall(b"1\r\n \r\n" * (size - len(BODY)) + b"0\r\n\r\n")
            assert read_status(connection) == expected


LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
# What may come of a broken request: a refusal, or a connection that breaks off.
BROKEN = {400, None}
# The header fields, the body, and the statuses that are acceptable.
WRONG_LENGTHS = {
    "less than declared": (["Content-Length: 4000"], BODY, BROKEN),
    "nothing of what was declared": ([LENGTH], b"", BROKEN),
    "more than declared": (["Content-Length: 10"], BODY, {400}),
    "declared as empty": (["Content-Length: 0"], BODY, {400}),
    "neither length nor chunks": ([], BODY, {400, 411}),
    "declared over the limit": (["Content-Length: 4097"], BODY, BROKEN),
    "an absurd length": ([f"Content-Length: {10**30}"], BODY, {400, 413, None}),
    "a negative length": (["Content-Length: -1"], BODY, BROKEN),
    "a length in words": (["Content-Length: many"], BODY, BROKEN),
    "two lengths": (["Content-Length: 5", LENGTH], BODY, BROKEN),
    "a length and chunks": ([LENGTH, CHUNKED], BODY, BROKEN),
    "chunked, but not in chunks": ([CHUNKED], BODY, BROKEN),
    "chunks without an end": ([CHUNKED], b'5\r\n{"a":\r\n', BROKEN),
    "an unknown coding": (
        ["Transfer-Encoding: gzip, chunked"],
        BODY,
        {400, 501, None},
    ),
}


@pytest.mark.parametrize(
    ("fields", "body", "expected"), WRONG_LENGTHS.values(), ids=list(WRONG_LENGTHS)
)
@both_endpoints
def test_a_body_that_is_not_as_declared_is_refused_and_stores_nothing(
    worker: Harness,
    path: str,
    fields: list[str],
    body: bytes,
    expected: set[int | None],
) -> None:
    with connected(worker) as connection:
        connection.sendall(head(*fields, path=path) + body)
        connection.shutdown(socket.SHUT_WR)
        assert read_status(connection) in expected

    assert count_reports(worker) == 0
    assert post(worker, BODY).status_code == 204


def test_a_sender_that_disconnects_early_leaves_nothing_behind(
    worker: Harness, report: Report
) -> None:
    for sent in (0, 1, len(BODY) // 2, len(BODY) - 1):
        with connected(worker) as connection:
            connection.sendall(head(LENGTH) + BODY[:sent])

    assert post(worker, report).status_code == 204
    assert count_reports(worker) == 1
