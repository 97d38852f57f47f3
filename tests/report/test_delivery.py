import datetime as dt
import logging
import queue
import socket
import threading
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
import trustme

from paperless_report.wire import answers, delivery
from paperless_report.wire.answers import Cause, Failure
from paperless_report.wire.headers import complete_headers
from tests.support.endpoint import Answer, Endpoint
from tests.support.misbehaving_servers import Connection, MisbehavingServer, answer
from tests.support.waiting import MOST_SECONDS

BODY = b'{"uuid":"0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"}'
DONE = answers.Answer(204)
# Before a fixture gives slow machines more time.
DEADLINE_SECONDS = delivery.DEADLINE_SECONDS


def test_the_body_arrives_unchanged_and_once(endpoint: Endpoint) -> None:
    assert delivery.post(f"{endpoint.url}/report", BODY) == DONE

    (arrived,) = endpoint.arrived
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/report", BODY)


def test_the_headers_reveal_nothing_about_the_machine(endpoint: Endpoint) -> None:
    delivery.post(f"{endpoint.url}/report", BODY)

    (arrived,) = endpoint.arrived
    product, _, version = arrived.headers.pop("User-Agent").partition("/")
    assert product == "paperless-report"
    assert version.replace(".", "").isdigit()
    arrived.headers.pop("Connection", None)
    assert arrived.headers == {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Length": str(len(BODY)),
        "Content-Type": "application/json",
        "Host": endpoint.url.removeprefix("http://"),
    }


def test_credentials_in_netrc_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS, because a request to this machine reads no environment at all."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    (tmp_path / "netrc").write_text("machine localhost login canary password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    arrived: list[bytes] = []

    def listen(connection: Connection) -> None:
        arrived.append(connection.read_request())
        connection.raw.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with MisbehavingServer(listen, authority.issue_cert("localhost")) as server:
        assert delivery.post(f"{server.url}/report", BODY) == DONE

    assert b"POST /report HTTP/1.1\r\n" in arrived[0]
    assert b"Authorization" not in arrived[0]


def test_a_cookie_is_not_returned(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(204, headers={"Set-Cookie": "canary=1"})

    delivery.post(f"{endpoint.url}/report", BODY)
    delivery.post(f"{endpoint.url}/report", BODY)

    assert "Cookie" not in endpoint.arrived[1].headers


def test_a_broken_connection_is_not_retried() -> None:
    with MisbehavingServer(Connection.reset) as server:
        assert isinstance(delivery.post(server.url, BODY), Failure)

        assert server.connections == 1


def test_a_failure_is_not_retried(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(503, headers={"Retry-After": "0"})

    assert delivery.post(f"{endpoint.url}/report", BODY) == answers.Answer(503)
    assert len(endpoint.arrived) == 1


@pytest.mark.point("C14")
@pytest.mark.parametrize("status", [400, 404, 429, 503])
def test_the_time_that_the_receiver_asks_for_is_kept(
    endpoint: Endpoint, status: int
) -> None:
    endpoint.answer = Answer(status, b"{}", headers={"Retry-After": "3600"})

    answer = delivery.post(f"{endpoint.url}/report", BODY)

    assert isinstance(answer, answers.Answer)
    assert answer.retry_after == dt.timedelta(hours=1)


@pytest.mark.point("C14")
def test_a_rate_limit_with_a_long_page_is_obeyed(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(429, b"x" * 9999, headers={"Retry-After": "3600"})

    assert delivery.post(f"{endpoint.url}/report", BODY) == Failure(
        Cause.TOO_LONG, retry_after=dt.timedelta(hours=1)
    )


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_a_meaningless_body_is_not_read(endpoint: Endpoint, status: int) -> None:
    endpoint.answer = Answer(status, b"body")

    assert delivery.post(f"{endpoint.url}/report", BODY) == answers.Answer(status)


@pytest.mark.parametrize("status", [400, 429])
def test_a_meaningful_body_is_read_up_to_a_limit(
    endpoint: Endpoint, status: int
) -> None:
    endpoint.answer = Answer(status, b"x" * 4096)
    assert delivery.post(endpoint.url, BODY) == answers.Answer(status, b"x" * 4096)

    endpoint.answer = Answer(status, b"x" * 4097)
    assert delivery.post(endpoint.url, BODY) == Failure(Cause.TOO_LONG)


@pytest.mark.parametrize(
    "variable", ["http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"]
)
def test_a_report_to_this_machine_passes_no_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with Endpoint() as proxy:
        monkeypatch.setenv(variable, proxy.url)

        assert delivery.post(f"{endpoint.url}/report", BODY) == DONE

    assert proxy.arrived == []


@pytest.mark.parametrize(
    "variable", ["https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"]
)
def test_a_report_to_another_machine_uses_the_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, endpoint.url)

    assert isinstance(delivery.post("https://reports.invalid/report", BODY), Failure)
    assert [arrived.method for arrived in endpoint.arrived] == ["CONNECT"]


def test_a_slow_request_is_announced_once(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    mentioned = threading.Event()

    def mention() -> None:
        calls.append("slow request")
        mentioned.set()

    def wait(_: Connection) -> None:
        mentioned.wait(MOST_SECONDS)

    delivery.post(endpoint.url, BODY, on_slow=lambda: calls.append("fast request"))
    monkeypatch.setattr(delivery, "_SLOW_SECONDS", 0.05)

    with MisbehavingServer(answer(b"", wait)) as server:
        delivery.post(server.url, BODY, on_slow=mention)

    assert calls == ["slow request"]


def test_looking_for_requests_starts_no_thread() -> None:
    before = threading.enumerate()

    delivery.require_requests()

    assert threading.enumerate() == before


@pytest.mark.point("C6")
def test_the_deadline_is_ten_seconds() -> None:
    assert DEADLINE_SECONDS == 10


@pytest.mark.point("C6")
def test_announcing_a_slow_request_does_not_extend_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    class Outcome(queue.SimpleQueue[object]):
        def get(self, block: bool = True, timeout: float | None = None) -> NoReturn:  # noqa: FBT001, FBT002  # its signature
            assert block
            assert timeout is not None
            waits.append(timeout)
            raise queue.Empty

    with (
        monkeypatch.context() as patched,
        MisbehavingServer(Connection.stall) as server,
    ):
        patched.setattr(queue, "SimpleQueue", Outcome)
        patched.setattr(delivery, "_SLOW_SECONDS", 2)
        outcome = delivery.post(server.url, BODY, deadline_seconds=5)

    assert outcome == Failure(Cause.TIMEOUT, "5")
    assert waits == [2, 3]


def test_a_request_has_the_method_and_headers_that_it_names(endpoint: Endpoint) -> None:
    headers = complete_headers({"User-Agent": "Shelf/1"})

    answered = delivery.send(
        "GET", f"{endpoint.url}/track/?a=%20b", headers, b"", deadline_seconds=10
    )

    (arrived,) = endpoint.arrived
    arrived.headers.pop("Connection", None)
    assert answered == DONE
    assert (arrived.method, arrived.path, arrived.body) == (
        *("GET", "/track/?a=%20b"),
        b"",
    )
    assert arrived.headers == {
        "Accept-Encoding": "identity",
        "Host": endpoint.url.removeprefix("http://"),
        "User-Agent": "Shelf/1",
    }


def test_a_body_without_a_content_type_gets_none(endpoint: Endpoint) -> None:
    delivery.send("POST", endpoint.url, {}, b"a=1", deadline_seconds=10)

    (arrived,) = endpoint.arrived
    assert (arrived.body, arrived.headers["Content-Length"]) == (b"a=1", "3")
    assert "Content-Type" not in arrived.headers


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", BODY)])
def test_an_abandoned_request_is_not_sent_later(
    method: str, body: bytes, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if a DNS lookup finishes after the deadline, and there is no body to hold back."""
    finish = threading.Event()
    look_up = socket.getaddrinfo

    def look_up_late(*arguments: Any, **options: Any) -> object:  # noqa: ANN401  # its signature
        finish.wait(MOST_SECONDS)
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_late)

    before = set(threading.enumerate())
    outcome = delivery.send(method, endpoint.url, {}, body, deadline_seconds=0.1)
    (thread,) = set(threading.enumerate()) - before
    finish.set()
    thread.join(MOST_SECONDS)

    assert isinstance(outcome, Failure)
    assert not endpoint.arrived


def test_an_abandoned_thread_does_not_keep_the_process_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "_SLOW_SECONDS", 0.05)
    before = set(threading.enumerate())
    running: list[threading.Thread] = []
    listed = threading.Event()

    def list_threads() -> None:
        running.extend(threading.enumerate())
        listed.set()

    def wait(_: Connection) -> None:
        listed.wait(MOST_SECONDS)

    with MisbehavingServer(answer(b"", wait)) as server:
        delivery.post(server.url, BODY, on_slow=list_threads)

    (thread,) = (it for it in running if it.name == "usage-report" and it not in before)
    assert thread.daemon


def test_where_no_thread_can_start_the_request_is_sent_all_the_same(
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "usage-report":
            raise RuntimeError("can't create new thread at interpreter shutdown")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert delivery.post(f"{endpoint.url}/report", BODY) == DONE
    assert caplog.records == []


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_libraries_log_nothing_about_a_report(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    """urllib3 logs URLs, and a traceback for a malformed header."""
    caplog.set_level(level)
    malformed = b"HTTP/1.1 503 x\r\nno header\r\nFoo: b\r\n\r\n"

    with MisbehavingServer(answer(malformed)) as server:
        delivery.post(f"{server.url}/report?key=canary", BODY)

    assert caplog.records == []


def test_libraries_still_log_the_hosts_own_requests(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    delivery.post(endpoint.url, BODY)
    caplog.set_level(logging.DEBUG)

    requests.post(endpoint.url, timeout=10)

    assert caplog.records != []


def test_a_bundle_of_authorities_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/authorities.pem")

    answer = delivery.post("https://127.0.0.1:9/report", b"{}")

    assert answer == Failure(Cause.AUTHORITIES)
