"""Everything that can go wrong on the way, on real sockets (decisions C5 and C6).

Each fault ends in the documented line, in time, with what is sent going nowhere else.
"""

import datetime as dt
import gzip
import json
import time
import tracemalloc
from pathlib import Path

import pytest
import trustme

from paperless_report.wire import delivery
from tests.report.command import Run, after_preview
from tests.support.endpoint import Answer, Endpoint
from tests.support.misbehaving_servers import (
    Behaviour,
    Connection,
    FullServer,
    MisbehavingServer,
    tls,
)

pytestmark = [pytest.mark.django_db, pytest.mark.point("C5")]

URL = "PAPERLESS_USAGE_REPORTING_URL"
ASKED = "Send this report? [y/N]: \n"
UNREACHABLE = f"{ASKED}Could not reach the reporting endpoint. Nothing was sent.\n"
SENT = f"{ASKED}Report sent. Thank you!\n"
MEBIBYTE = 1 << 20


def refusal(**changes: object) -> bytes:
    body = {
        "error": "already_submitted",
        "last_sent": dt.datetime.now(dt.UTC).isoformat(),
        "retry_after_days": 7,
    }
    return json.dumps(body | changes).encode()


def http(status: int, body: bytes = b"", *headers: str, length: int = -1) -> bytes:
    """An answer, its declared length that of *body* unless told otherwise."""
    size = len(body) if length < 0 else length
    lines = (f"HTTP/1.1 {status} Status", f"Content-Length: {size}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


def chunked(status: int) -> bytes:
    return b"HTTP/1.1 %d Status\r\nTransfer-Encoding: chunked\r\n\r\n" % status


def says(data: bytes) -> Behaviour:
    """Hear the request, say *data*, hang up."""

    def behave(connection: Connection) -> None:
        connection.hear()
        connection.say(data)

    return behave


def says_and(data: bytes, end: Behaviour) -> Behaviour:
    """The same, but for the end."""

    def behave(connection: Connection) -> None:
        connection.hear()
        connection.say(data)
        end(connection)

    return behave


def drips(data: bytes) -> Behaviour:
    def behave(connection: Connection) -> None:
        connection.hear()
        connection.drip(data)

    return behave


def floods(head: bytes, data: bytes) -> Behaviour:
    return says_and(head, lambda connection: connection.flood(data))


def half_closes(connection: Connection) -> None:
    """Say that nothing will be said, and go on listening."""
    connection.raw.shutdown(1)
    connection.stall()


def hears_half(connection: Connection) -> None:
    connection.raw.recv(16)
    connection.reset()


BREAKS: dict[str, Behaviour] = {
    "reset at once": Connection.reset,
    "reset in the request": hears_half,
    "reset before the answer": says_and(b"", Connection.reset),
    "reset in the status line": says_and(b"HTTP/1.1 20", Connection.reset),
    "reset in the headers": says_and(b"HTTP/1.1 204 No", Connection.reset),
    "reset in the body": says_and(
        http(429, refusal()[:20], length=120), Connection.reset
    ),
    "closed at once": lambda _: None,
    "half-closed at once": half_closes,
    "half-closed after the request": says_and(b"", half_closes),
    "ends in the headers": says(b"HTTP/1.1 429 Too Many\r\nContent-Le"),
    "ends in the body": says(http(429, refusal(), length=4000)),
    "ends in a chunk": says(chunked(429) + b"ff\r\n{"),
    "no HTTP": says(b"220 mail.example.org ESMTP\r\n"),
    "no HTTP, invalid UTF-8": says(b"\xff\xfe\xfd\r\n\r\n"),
    "a status that is no number": says(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a header that is none": says(b"HTTP/1.1 429 x\r\n\xff\xff\r\n\r\n"),
    "a chunk size that is none": says(chunked(429) + b"xyz\r\n{}\r\n"),
    "only an interim answer": says(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}

# 429 is the one answer whose body is read and believed.
BODIES: dict[str, bytes] = {
    "empty": http(429),
    "broken": http(429, b'{"error": "already_submitted", "last_se'),
    "HTML": http(429, b"<html><h1>Slow down</h1></html>"),
    "invalid UTF-8": http(429, b'{"error": "\xff\xfe"}'),
    "a rate limit's own": http(429, b'{"error": "rate_limited", "detail": "..."}'),
    "deeply nested": http(429, b"[" * 4000),
    "huge": http(429, refusal() + b" " * 4096),
    "dated absurdly": http(429, refusal(last_sent="9999-12-31T23:59:59Z")),
    "dated with no zone": http(429, refusal(last_sent="2026-05-15T10:00:00")),
    "waiting absurdly": http(429, refusal(retry_after_days=10**300)),
    "compressed": http(429, gzip.compress(refusal()), "Content-Encoding: gzip"),
}

FLOODS: dict[str, Behaviour] = {
    "an endless status line": floods(b"HTTP/1.1 429 ", b"x" * 65536),
    "an endless header": floods(b"HTTP/1.1 429 x\r\nX: ", b"x" * 65536),
    "endless headers": floods(b"HTTP/1.1 429 x\r\n", b"X-Y: z\r\n" * 8192),
    "endless interim answers": floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2048),
    "an endless body": floods(http(429, length=10**15), b" " * 65536),
    "a body without a length": floods(b"HTTP/1.1 429 x\r\n\r\n", b" " * 65536),
    "endless chunks": floods(chunked(429), b"1000\r\n" + b" " * 4096 + b"\r\n"),
    "an endless chunk size": floods(chunked(429), b"0" * 65536),
    "a gzip bomb": floods(
        http(429, b"", "Content-Encoding: gzip", length=10**9),
        gzip.compress(bytes(64 * MEBIBYTE)),
    ),
}

STALLS: dict[str, Behaviour] = {
    "before it reads": Connection.stall,
    "before the answer": says_and(b"", Connection.stall),
    "in the headers": says_and(b"HTTP/1.1 204 No Content\r\nX", Connection.stall),
    "in the body": says_and(http(429, refusal()[:20], length=120), Connection.stall),
    "dripping headers": drips(b"HTTP/1.1 204 No Content\r\n" * 100),
    "dripping a body": drips(http(429, refusal(), length=4000)),
    "dripping chunks": drips(chunked(429) + b"1\r\n \r\n" * 1000),
}


@pytest.fixture
def to(run: Run, monkeypatch: pytest.MonkeyPatch) -> "To":
    return To(run, monkeypatch)


class To:
    """Sends a report, agreed to, to a URL; gives what stands behind the preview."""

    def __init__(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self._run = run
        self._monkeypatch = monkeypatch

    def __call__(self, url: str) -> str:
        self._monkeypatch.setenv(URL, url)
        return after_preview(self._run(stdin="y\n"))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline of a fraction of a second."""
    monkeypatch.setattr(delivery, "DEADLINE_SECONDS", 0.4)


def test_a_good_answer_is_believed(to: To) -> None:
    """So that the faults below fail for what they are."""
    with MisbehavingServer(says(http(204))) as server:
        assert to(server.url) == SENT
    with MisbehavingServer(says(http(429, refusal()))) as server:
        assert to(server.url).startswith(f"{ASKED}Already submitted 0 days ago.")


def test_a_host_without_an_address(to: To) -> None:
    assert to("https://reports.invalid") == UNREACHABLE


def test_a_port_where_nobody_listens(to: To) -> None:
    with MisbehavingServer(Connection.reset) as server:
        pass

    assert to(server.url) == UNREACHABLE


@pytest.mark.parametrize("fault", BREAKS)
def test_a_connection_that_breaks(
    to: To, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with MisbehavingServer(BREAKS[fault]) as server:
        assert to(server.url) == UNREACHABLE

    assert caplog.records == []  # a host's console would show them


@pytest.mark.parametrize("fault", BODIES)
def test_a_429_that_is_not_the_documented_one(to: To, fault: str) -> None:
    with MisbehavingServer(says(BODIES[fault])) as server:
        assert to(server.url) == UNREACHABLE


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("fault", FLOODS)
def test_an_answer_without_an_end_costs_no_memory(to: To, fault: str) -> None:
    with MisbehavingServer(says(http(500))) as server:
        to(server.url)  # so that no import is counted
    with MisbehavingServer(FLOODS[fault]) as server:
        tracemalloc.start()
        try:
            printed = to(server.url)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert printed == UNREACHABLE
    assert most < 4 * MEBIBYTE


@pytest.mark.usefixtures("soon")
@pytest.mark.point("C6")
@pytest.mark.parametrize("fault", STALLS)
def test_a_server_that_keeps_us_waiting(to: To, fault: str) -> None:
    with MisbehavingServer(STALLS[fault]) as server:
        assert to(server.url) == UNREACHABLE
        assert not server.ended.is_set()  # it would have gone on


@pytest.mark.usefixtures("soon")
@pytest.mark.point("C6")
def test_a_server_that_lets_nobody_in(to: To) -> None:
    with FullServer() as url:
        assert to(url) == UNREACHABLE


@pytest.mark.usefixtures("soon")
@pytest.mark.point("C6")
def test_a_name_look_up_that_does_not_end(
    to: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one fault that cannot be had for real without a network.
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(2))

    assert to("https://reports.invalid") == UNREACHABLE


@pytest.mark.slow
@pytest.mark.point("C6")
def test_the_deadline_is_ten_seconds_in_all(to: To) -> None:
    """A byte a second: each read alone would be in time for ever."""

    def drip(connection: Connection) -> None:
        connection.hear()
        connection.drip(b"HTTP/1.1 204 No Content\r\n\r\n", pause_seconds=1)

    began = time.monotonic()
    with MisbehavingServer(drip) as server:
        assert to(server.url) == UNREACHABLE
        took = time.monotonic() - began
        assert not server.ended.is_set()

    assert took >= 10


@pytest.mark.parametrize(
    "status",
    [
        *(200, 201, 206, 300, 304, 400, 401, 403, 404, 405, 408, 413, 415, 418, 451),
        *(500, 501, 502, 503, 504, 599, 999),
    ],
)
def test_any_status_but_204(to: To, endpoint: Endpoint, status: int) -> None:
    endpoint.answer = Answer(status, b'{"error": "x"}')

    assert to(endpoint.url) == UNREACHABLE


def test_a_204_is_one_whatever_follows_it(to: To) -> None:
    for data in (http(204, b"and a body"), b"HTTP/1.1 204 \r\n\r\n\xff\xff"):
        with MisbehavingServer(says(data)) as server:
            assert to(server.url) == SENT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["the same host", "another host", "no host"])
def test_a_redirect_takes_the_report_nowhere(
    to: To, endpoint: Endpoint, status: int, place: str
) -> None:
    with Endpoint() as other:
        to_where = {
            "the same host": f"{endpoint.url}/elsewhere",
            "another host": f"{other.url}/report",
            "no host": "//",
        }[place]
        endpoint.answer = Answer(status, headers={"Location": to_where})

        assert to(endpoint.url) == UNREACHABLE

        assert [arrived.path for arrived in endpoint.arrived] == ["/report"]
        assert other.arrived == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority is one that this machine trusts."""
    bundle = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_is_good(to: To, authority: trustme.CA) -> None:
    """So that the ones below are refused for what they are."""
    context = tls(authority.issue_cert("localhost"))
    with MisbehavingServer(says(http(204)), context) as server:
        assert to(server.url) == SENT


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("fault", ["self-signed", "expired", "for another host"])
def test_a_certificate_that_is_not(to: To, authority: trustme.CA, fault: str) -> None:
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    certificate = {
        "self-signed": lambda: trustme.CA().issue_cert("localhost"),
        "expired": lambda: authority.issue_cert("localhost", not_after=yesterday),
        "for another host": lambda: authority.issue_cert("reports.example.org"),
    }[fault]()
    heard: list[bool] = []

    def listen(connection: Connection) -> None:
        connection.hear()
        heard.append(True)
        connection.say(http(204))

    with MisbehavingServer(listen, tls(certificate)) as server:
        assert to(server.url) == UNREACHABLE

    assert heard == []


@pytest.mark.usefixtures("trusted")
def test_a_redirect_away_from_encryption(
    to: To, authority: trustme.CA, endpoint: Endpoint
) -> None:
    where = f"Location: {endpoint.url}/report"
    context = tls(authority.issue_cert("localhost"))
    with MisbehavingServer(says(http(307, b"", where)), context) as server:
        assert to(server.url) == UNREACHABLE

    assert endpoint.arrived == []


def test_a_server_that_does_not_speak_tls(to: To, endpoint: Endpoint) -> None:
    assert to(endpoint.url.replace("http", "https")) == UNREACHABLE


@pytest.mark.usefixtures("soon")
@pytest.mark.point("C6")
@pytest.mark.parametrize("fault", ["stalls", "resets"])
def test_a_handshake_that_does_not_end(to: To, fault: str) -> None:
    def behave(connection: Connection) -> None:
        connection.raw.recv(16)
        if fault == "stalls":
            connection.stall()
        connection.reset()

    with MisbehavingServer(behave) as server:
        assert to(server.url.replace("http", "https")) == UNREACHABLE
