"""Requests that are not quite HTTP: each gets one honest status, and none is read twice."""

import json
import socket
import uuid
from collections.abc import Iterator

import pytest

from tests.server.processes import Receiver, run_receiver
from tests.server.sockets import connect, exchange, read, read_head
from tests.worker.reports import MINIMAL, UUID

HOST = b"Host: localhost\r\n"
GET = b"GET /health HTTP/1.1\r\n" + HOST
POST = b"POST /report HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n"
# A second request, which a proxy could take for a part of the first one's body.
HIDDEN = POST + b"Content-Length: %d\r\n\r\n%s" % (len(MINIMAL), MINIMAL.encode())


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A server for all tests of this module; none may leave an error in its log."""
    with run_receiver(tmp_path_factory.mktemp("data")) as running:
        yield running
        assert running.read_messages("error") == []


def chunks(*parts: bytes) -> bytes:
    """A body of these chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(it), it) for it in (*parts, b""))


def make_report() -> bytes:
    """A report of a new installation."""
    return MINIMAL.replace(UUID, str(uuid.uuid4())).encode()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        # Two lengths, or a length beside chunks.
        (b"Content-Length: 5\r\n" + CHUNKED, chunks(b"{}")),
        (CHUNKED + b"Content-Length: 5\r\n", chunks(b"{}")),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
        (b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
        (b"Content-Length: 2, 2\r\n", b"{}"),
        # A length that is not a number of digits.
        *((b"Content-Length: %s\r\n" % it, b"{}") for it in (b"+2", b"0x2", b"-2")),
        *((b"Content-Length: %s\r\n" % it, b"{}") for it in (b"", b"2 0", b"2.0")),
        (b"Content-Length: 18446744073709551618\r\n", b"{}"),
        # A transfer coding that hides, or that does not end with chunks.
        *(
            (b"Transfer-Encoding: %s\r\n" % it, chunks(b"{}"))
            for it in (b"xchunked", b"chunked, identity", b"identity", b"\x0bchunked")
        ),
        (CHUNKED + b"Transfer-Encoding: identity\r\n", chunks(b"{}")),
        (b"Transfer-Encoding : chunked\r\n", chunks(b"{}")),
        (b"Transfer-Encoding:\r\n chunked\r\n", chunks(b"{}")),
        # A header that goes on in the next line (obsolete folding).
        (b"X-Folded: 1\r\n 2\r\nContent-Length: 2\r\n", b"{}"),
        (b"X-Folded: 1\r\n\t2\r\nContent-Length: 2\r\n", b"{}"),
        # Line feeds and carriage returns on their own, and NUL.
        (b"X-Bare: 1\nContent-Length: 2\r\n", b"{}"),
        (b"Content-Length: 2\n", b"{}"),
        (b"X-Bare: 1\rContent-Length: 2\r\n", b"{}"),
        (b"X-Bare: 1\r2\r\nContent-Length: 2\r\n", b"{}"),
        (b"X-Bare: 1\x002\r\nContent-Length: 2\r\n", b"{}"),
        # Chunks whose size is not what it says.
        (CHUNKED, b"2\n{}\n0\n\n"),
        (CHUNKED, b"2;a=b\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"2\r\n{}more\r\n0\r\n\r\n"),
        (CHUNKED, b"-2\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"0x2\r\n{}\r\n0\r\n\r\n"),
        (CHUNKED, b"10000000000000002\r\n{}\r\n0\r\n\r\n"),
        # A length that comes after the body.
        (CHUNKED, b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n"),
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_after_it_is_read(
    receiver: Receiver, head: bytes, body: bytes
) -> None:
    before = receiver.count()

    answer = exchange(receiver.url, POST + head + b"\r\n" + body + HIDDEN)

    assert answer.statuses in ([400], [501])
    assert receiver.count() == before


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (GET, 200),
        (b"GET /health HTTP/1.0\r\n", 200),
        # A proxy's form: the host in it is nobody's business here.
        (b"GET http://example.org/health HTTP/1.1\r\n" + HOST, 200),
        *(
            (b"GET %s HTTP/1.1\r\n" % target + HOST, 400)
            for target in (b"http://[::g/health", b"http://", b"http://a:99999/health")
        ),
        (b"GET health HTTP/1.1\r\n" + HOST, 400),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST, 404),
        # Paths that look like another one.
        *(
            (b"GET %s HTTP/1.1\r\n" % target + HOST, 404)
            for target in (b"//health", b"/\\health", b"/health%00", b"/health%2F")
        ),
        *(
            (b"GET %s HTTP/1.1\r\n" % target + HOST, 400)
            for target in (b"/hea\0lth", b"/hea\tlth", b"/health\xff")
        ),
        # Hosts.
        (b"GET /health HTTP/1.1\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: a b@c/d?e\r\n", 200),
        # Methods.
        (b"TRACE /health HTTP/1.1\r\n" + HOST, 405),
        (b"TRACE /operator/installations HTTP/1.1\r\n" + HOST, 404),
        (b"PROPFIND /health HTTP/1.1\r\n" + HOST, 405),
        (b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST, 405),
        (b"CONNECT /health HTTP/1.1\r\n" + HOST, 405),
        *((b"%s /health HTTP/1.1\r\n" % it + HOST, 400) for it in (b"get", b"FOO")),
        # Other protocols.
        (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n", 200),
        (GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", 200),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n", 400),
        (b"GET /health HTTP/1.2\r\n" + HOST, 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"HTTP/1.1 200 OK\r\n", 400),
        # Too much.
        (GET + b"".join(b"X-%d: 1\r\n" % it for it in range(3000)), 431),
        (GET + b"X-Long: " + 20_000 * b"a" + b"\r\n", 431),
        (b"GET /%s HTTP/1.1\r\n" % (20_000 * b"a") + HOST, 431),
        (POST + b"Content-Length: 4097\r\n\r\n" + 4095 * b"a", 400),
        (POST + b"Content-Length: 0\r\nExpect: a miracle\r\n", 417),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n", 501),
    ],
)
def test_an_odd_request_gets_one_status(
    receiver: Receiver, request_: bytes, status: int
) -> None:
    answer = exchange(receiver.url, request_ + b"\r\n")

    assert answer.statuses == [status]
    assert b"Node" not in answer.answer


def test_a_path_is_resolved_like_a_browser_does(receiver: Receiver) -> None:
    for path in (b"/./health", b"/stats/../health", b"/x/%2e%2e/health"):
        assert exchange(
            receiver.url, b"GET %s HTTP/1.1\r\n%s\r\n" % (path, HOST)
        ).statuses == [200]


def test_pipelined_reports_are_stored_once_each_and_answered_in_their_order(
    receiver: Receiver,
) -> None:
    before = receiver.count()
    reports = [make_report() for _ in range(50)]
    reports[20] = b"{}"
    requests = [
        POST + b"Content-Length: %d\r\n\r\n%s" % (len(it), it) for it in reports
    ]

    answer = exchange(receiver.url, b"".join((*requests, *requests[:1], GET + b"\r\n")))

    assert answer.statuses == [204] * 20 + [400] + [204] * 29 + [429, 200]
    assert receiver.count() == before + 49


def test_a_report_in_many_chunks_with_extensions_is_stored_once(
    receiver: Receiver,
) -> None:
    before = receiver.count()
    body = b"".join(b"1;a=b\r\n%c\r\n" % it for it in make_report()) + b"0\r\n\r\n"

    answer = exchange(receiver.url, POST + CHUNKED + b"\r\n" + body + GET + b"\r\n")

    assert answer.statuses == [204, 200]
    assert receiver.count() == before + 1


def test_chunk_extensions_that_do_not_end_are_refused(receiver: Receiver) -> None:
    body = b"2;" + 20_000 * b"a" + b"\r\n{}\r\n0\r\n\r\n"

    answer = exchange(receiver.url, POST + CHUNKED + b"\r\n" + body)

    assert answer.statuses == [413]


def test_a_client_that_asks_first_may_send_its_report(receiver: Receiver) -> None:
    report = make_report()
    head = POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(report)

    with connect(receiver.url) as connection:
        connection.sendall(head)
        assert read_head(connection).statuses == [100]
        connection.sendall(report)
        assert read_head(connection).statuses == [204]


@pytest.mark.parametrize("head", [b"Content-Length: 500\r\n", CHUNKED + b"\r\n1f4"])
@pytest.mark.parametrize("end", [None, socket.SHUT_WR, socket.SHUT_RDWR])
def test_half_a_report_is_not_stored(
    receiver: Receiver, head: bytes, end: int | None
) -> None:
    before = receiver.count()

    with connect(receiver.url) as connection:
        connection.sendall(POST + head + b"\r\n" + make_report())
        if end is not None:
            connection.shutdown(end)
        assert exchange(receiver.url, GET + b"\r\n").statuses == [200]

    assert exchange(receiver.url, GET + b"\r\n").statuses == [200]
    assert receiver.count() == before


def test_a_body_far_too_large_is_refused_and_not_kept(receiver: Receiver) -> None:
    def send() -> int:
        with connect(receiver.url) as connection:
            connection.sendall(POST + CHUNKED + b"\r\n")
            for _ in range(50):
                connection.sendall(b"100000\r\n" + 0x100000 * b"a" + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            assert read(connection).statuses == [400]
        return receiver.read_memory()

    first = send()  # a new process grows with its first large body, whatever it keeps

    assert send() < first + 40_000_000


def test_one_connection_carries_thousands_of_requests(receiver: Receiver) -> None:
    with connect(receiver.url) as connection:
        for _ in range(20):
            connection.sendall(100 * (GET + b"\r\n"))
        connection.shutdown(socket.SHUT_WR)

        assert read(connection).statuses == 2000 * [200]


def test_the_log_names_the_route_and_never_what_was_sent(receiver: Receiver) -> None:
    for line in receiver.read_log():
        if "route" in line:
            assert line["route"] in {None, "/health", "/report"}
        text = json.dumps(line)
        for word in ("example.org", "127.0.0.1", "X-", "operator", UUID):
            assert word not in text or line["message"].startswith("Listening")
