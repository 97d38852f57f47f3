"""Everything that can go wrong on the way, on real sockets (decisions C5 and C6).

Each failure ends in the documented line, in time, and the report goes nowhere else.
"""

import datetime as dt
import gzip
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
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
    answer,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.point("C5", "Network error handling"),
]

PROMPT = "Send this report? [y/N]: \n"
UNREACHABLE = f"{PROMPT}Could not reach the reporting endpoint. Nothing was sent.\n"
SENT = f"{PROMPT}Report sent. Thank you!\n"
MEBIBYTE = 1 << 20


def refusal() -> bytes:
    body = {
        "error": "already_submitted",
        "last_sent": dt.datetime.now(dt.UTC).isoformat(),
        "retry_after_days": 7,
    }
    return json.dumps(body).encode()


def http(status: int, body: bytes = b"", *headers: str, length: int = -1) -> bytes:
    """Write an answer that declares *length*, by default that of *body*."""
    size = len(body) if length < 0 else length
    lines = (f"HTTP/1.1 {status} Status", f"Content-Length: {size}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


def drip(data: bytes) -> Behaviour:
    return answer(b"", lambda connection: connection.drip(data))


def flood(head: bytes, data: bytes) -> Behaviour:
    return answer(head, lambda connection: connection.flood(data))


def half_close(connection: Connection) -> None:
    """Announce that no answer will come, and keep listening."""
    connection.raw.shutdown(1)
    connection.stall()


def reset_in_request(connection: Connection) -> None:
    connection.raw.recv(16)
    connection.reset()


def stall_in_handshake(connection: Connection) -> None:
    connection.raw.recv(16)
    connection.stall()


CHUNKED = b"HTTP/1.1 429 Status\r\nTransfer-Encoding: chunked\r\n\r\n"
HALF_A_BODY = http(429, refusal()[:20], length=120)

BREAKS: dict[str, Behaviour] = {
    "reset at once": Connection.reset,
    "reset in the request": reset_in_request,
    "reset before the answer": answer(b"", Connection.reset),
    "reset in the status line": answer(b"HTTP/1.1 20", Connection.reset),
    "reset in the headers": answer(b"HTTP/1.1 204 No", Connection.reset),
    "reset in the body": answer(HALF_A_BODY, Connection.reset),
    "closed at once": lambda _: None,
    "half-closed at once": half_close,
    "half-closed after the request": answer(b"", half_close),
    "ends in the headers": answer(b"HTTP/1.1 429 Too Many\r\nContent-Le"),
    "ends in the body": answer(http(429, refusal(), length=4000)),
    "ends in a chunk": answer(CHUNKED + b"ff\r\n{"),
    "not HTTP": answer(b"220 mail.example.org ESMTP\r\n"),
    "neither HTTP nor UTF-8": answer(b"\xff\xfe\xfd\r\n\r\n"),
    "a status that is not a number": answer(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a malformed header": answer(b"HTTP/1.1 429 x\r\n\xff\xff\r\n\r\n"),
    "a malformed chunk size": answer(CHUNKED + b"xyz\r\n{}\r\n"),
    "only an interim answer": answer(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    # `test_answers` tries the other bodies of a 429.
    "a rate limit's 429": answer(http(429, b'{"error": "rate_limited"}')),
    "a huge 429": answer(http(429, refusal() + b" " * 4096)),
    "a compressed 429": answer(
        http(429, gzip.compress(refusal()), "Content-Encoding: gzip")
    ),
}

FLOODS: dict[str, Behaviour] = {
    "an endless status line": flood(b"HTTP/1.1 429 ", b"x" * 65536),
    "an endless header": flood(b"HTTP/1.1 429 x\r\nX: ", b"x" * 65536),
    "endless headers": flood(b"HTTP/1.1 429 x\r\n", b"X-Y: z\r\n" * 8192),
    "endless interim answers": flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2048),
    "an endless body": flood(http(429, length=10**15), b" " * 65536),
    "a body without a length": flood(b"HTTP/1.1 429 x\r\n\r\n", b" " * 65536),
    "endless chunks": flood(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"),
    "an endless chunk size": flood(CHUNKED, b"0" * 65536),
    "a gzip bomb": flood(
        http(429, b"", "Content-Encoding: gzip", length=10**9),
        gzip.compress(bytes(64 * MEBIBYTE)),
    ),
}

STALLS: dict[str, Behaviour] = {
    "before it reads": Connection.stall,
    "before the answer": answer(b"", Connection.stall),
    "in the headers": answer(b"HTTP/1.1 204 No Content\r\nX", Connection.stall),
    "in the body": answer(HALF_A_BODY, Connection.stall),
    "dripping headers": drip(b"HTTP/1.1 204 No Content\r\n" * 100),
    "dripping a body": drip(http(429, refusal(), length=4000)),
    "dripping chunks": drip(CHUNKED + b"1\r\n \r\n" * 1000),
}

SendTo = Callable[[str], str]


@pytest.fixture
def send_to(run: Run, monkeypatch: pytest.MonkeyPatch) -> SendTo:
    """Says yes to a report to a URL; returns what was printed after the preview."""

    def send(url: str) -> str:
        monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", url)
        return after_preview(run(stdin="y\n"))

    return send


@pytest.fixture
def explain(run: Run, monkeypatch: pytest.MonkeyPatch) -> SendTo:
    """Says yes to a report to a URL; returns what `--verbosity 2` adds to the failure."""

    def send(url: str) -> str:
        monkeypatch.setenv("PAPERLESS_USAGE_REPORTING_URL", url)
        printed = after_preview(run(stdin="y\n", verbosity=2))
        return printed.partition(UNREACHABLE)[2].replace("\n", " ").rstrip() + "\n"

    return send


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "DEADLINE_SECONDS", 0.4)


@pytest.mark.parametrize(
    ("data", "printed"),
    [
        (http(204), SENT),
        (http(204, b"and a body"), SENT),
        (b"HTTP/1.1 204 \r\n\r\n\xff\xff", SENT),
        (http(429, refusal()), f"{PROMPT}Already submitted today."),
    ],
)
def test_a_good_answer_is_believed(send_to: SendTo, data: bytes, printed: str) -> None:
    """So the tests below fail for the reason that they name."""
    with MisbehavingServer(answer(data)) as server:
        assert send_to(server.url).startswith(printed)


def test_a_host_without_an_address_is_unreachable(send_to: SendTo) -> None:
    assert send_to("https://reports.invalid") == UNREACHABLE


def test_a_closed_port_is_unreachable(send_to: SendTo) -> None:
    with MisbehavingServer(Connection.reset) as server:
        pass

    assert send_to(server.url) == UNREACHABLE


REASONS: dict[str, Behaviour] = {
    "the endpoint closed the connection too early": Connection.reset,
    "the endpoint's answer is not HTTP": answer(b"220 mail.example.org ESMTP\r\n"),
    "the endpoint answered 503": answer(http(503)),
    "the endpoint answered 429, but without the documented JSON": answer(http(429)),
}


@pytest.mark.parametrize("reason", REASONS)
def test_verbosity_2_says_in_a_sentence_what_the_endpoint_did(
    explain: SendTo, reason: str
) -> None:
    with MisbehavingServer(REASONS[reason]) as server:
        assert explain(server.url) == f"Reason: {reason}.\n"


def test_verbosity_2_says_that_nothing_listens(explain: SendTo) -> None:
    with MisbehavingServer(Connection.reset) as server:
        pass

    reason = "nothing listens at the endpoint's address"
    assert explain(server.url) == f"Reason: {reason}.\n"


def test_verbosity_2_says_that_the_host_has_no_address(
    explain: SendTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        # A network may answer for every name.
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fail)

    assert "host name has no address" in explain("https://reports.invalid")


def test_verbosity_2_says_that_the_proxy_is_at_fault(
    explain: SendTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    assert "the proxy cannot be reached" in explain("https://reports.invalid")


@pytest.mark.usefixtures("short_deadline")
def test_verbosity_2_says_how_long_it_waited(explain: SendTo) -> None:
    with MisbehavingServer(Connection.stall) as server:
        assert "no answer within 0.4 seconds." in explain(server.url)


@pytest.mark.parametrize("behaviour", BREAKS.values(), ids=BREAKS)
def test_a_broken_answer_is_a_failure_that_is_not_logged(
    send_to: SendTo, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    with MisbehavingServer(behaviour) as server:
        assert send_to(server.url) == UNREACHABLE

    assert caplog.records == []  # a host's console would show them


@pytest.mark.parametrize("behaviour", FLOODS.values(), ids=FLOODS)
def test_an_endless_answer_costs_no_memory(
    send_to: SendTo, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MisbehavingServer(answer(http(500))) as server:
        send_to(server.url)  # so that imports are not measured
    monkeypatch.setattr(delivery, "DEADLINE_SECONDS", 0.4)
    with MisbehavingServer(behaviour) as server:
        tracemalloc.start()
        try:
            printed = send_to(server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert printed == UNREACHABLE
    assert peak < 4 * MEBIBYTE


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.point("C6")
@pytest.mark.parametrize("behaviour", STALLS.values(), ids=STALLS)
def test_a_slow_answer_is_abandoned(send_to: SendTo, behaviour: Behaviour) -> None:
    with MisbehavingServer(behaviour) as server:
        assert send_to(server.url) == UNREACHABLE
        assert not server.ended.is_set(), "the server would have continued"


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.point("C6")
def test_a_connection_that_is_never_accepted_is_abandoned(send_to: SendTo) -> None:
    with FullServer() as url:
        assert send_to(url) == UNREACHABLE


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.point("C6")
def test_a_slow_dns_lookup_is_abandoned(
    send_to: SendTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one failure that cannot be produced without a network.
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(2))

    assert send_to("https://reports.invalid") == UNREACHABLE


@pytest.mark.slow
@pytest.mark.point("C6")
def test_the_deadline_is_ten_seconds_in_all(
    send_to: SendTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a byte a second, no single read would ever be late."""
    monkeypatch.setattr(delivery, "DEADLINE_SECONDS", 10)
    data = b"HTTP/1.1 204 No Content\r\n\r\n"
    began = time.monotonic()
    with MisbehavingServer(
        answer(b"", lambda connection: connection.drip(data, pause_seconds=1))
    ) as server:
        assert send_to(server.url) == UNREACHABLE
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
def test_any_status_but_204_is_a_failure(
    send_to: SendTo, endpoint: Endpoint, status: int
) -> None:
    endpoint.answer = Answer(status, b'{"error": "x"}')

    assert send_to(endpoint.url) == UNREACHABLE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["the same host", "another host", "no host"])
def test_a_redirect_is_not_followed(
    send_to: SendTo, endpoint: Endpoint, status: int, target: str
) -> None:
    with Endpoint() as another:
        location = {
            "the same host": f"{endpoint.url}/elsewhere",
            "another host": f"{another.url}/report",
            "no host": "//",
        }[target]
        endpoint.answer = Answer(status, headers={"Location": location})

        assert send_to(endpoint.url) == UNREACHABLE

        assert [arrived.path for arrived in endpoint.arrived] == ["/report"]
        assert another.arrived == []


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that this machine trusts."""
    authority = trustme.CA()
    bundle = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    return authority


def test_a_good_certificate_is_accepted(send_to: SendTo, authority: trustme.CA) -> None:
    """So the certificates below are refused for the reason that they name."""
    certificate = authority.issue_cert("localhost")
    with MisbehavingServer(answer(http(204)), certificate) as server:
        assert send_to(server.url) == SENT


YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
BAD_CERTIFICATES: dict[str, Callable[[trustme.CA], trustme.LeafCert]] = {
    "self-signed": lambda _: trustme.CA().issue_cert("localhost"),
    "expired": lambda it: it.issue_cert("localhost", not_after=YESTERDAY),
    "for another host": lambda it: it.issue_cert("reports.example.org"),
}


@pytest.mark.parametrize("issue", BAD_CERTIFICATES.values(), ids=BAD_CERTIFICATES)
def test_a_server_with_a_bad_certificate_gets_no_request(
    send_to: SendTo,
    explain: SendTo,
    authority: trustme.CA,
    issue: Callable[[trustme.CA], trustme.LeafCert],
) -> None:
    requests: list[bytes] = []

    def listen(connection: Connection) -> None:
        requests.append(connection.read_request())

    with MisbehavingServer(listen, issue(authority)) as server:
        assert send_to(server.url) == UNREACHABLE
        assert "certificate is not valid, or not trusted here." in explain(server.url)

    assert requests == []


def test_a_redirect_from_https_to_http_is_not_followed(
    send_to: SendTo, authority: trustme.CA, endpoint: Endpoint
) -> None:
    redirect = http(307, b"", f"Location: {endpoint.url}/report")
    certificate = authority.issue_cert("localhost")
    with MisbehavingServer(answer(redirect), certificate) as server:
        assert send_to(server.url) == UNREACHABLE

    assert endpoint.arrived == []


def test_a_server_without_tls_is_unreachable_by_https(
    send_to: SendTo, endpoint: Endpoint
) -> None:
    assert send_to(endpoint.url.replace("http", "https")) == UNREACHABLE


@pytest.mark.usefixtures("short_deadline")
@pytest.mark.point("C6")
@pytest.mark.parametrize("behaviour", [stall_in_handshake, reset_in_request])
def test_a_handshake_that_does_not_finish_is_abandoned(
    send_to: SendTo, behaviour: Behaviour
) -> None:
    with MisbehavingServer(behaviour) as server:
        assert send_to(server.url.replace("http", "https")) == UNREACHABLE
