import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from paperless_report.wire import answers, delivery
from paperless_report.wire.answers import Cause, Failure
from tests.support.endpoint import Answer, Endpoint
from tests.support.misbehaving_servers import Connection, MisbehavingServer, tls

BODY = b'{"uuid":"0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"}'
DONE = answers.Answer(204)


def test_the_body_arrives_byte_for_byte_once(endpoint: Endpoint) -> None:
    assert delivery.post(f"{endpoint.url}/report", BODY) == DONE

    (arrived,) = endpoint.arrived
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/report", BODY)


def test_the_headers_tell_nothing_of_the_machine(endpoint: Endpoint) -> None:
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


def test_credentials_lying_about_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS: on the way to this machine nothing of the environment is read at all."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    (tmp_path / "netrc").write_text("machine localhost login canary password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    heard: list[bytes] = []

    def listen(connection: Connection) -> None:
        heard.append(connection.hear())
        connection.say(b"HTTP/1.1 204 No Content\r\n\r\n")

    with MisbehavingServer(listen, tls(authority.issue_cert("localhost"))) as server:
        assert delivery.post(f"{server.url}/report", BODY) == DONE

    assert b"POST /report HTTP/1.1\r\n" in heard[0]
    assert b"Authorization" not in heard[0]


def test_a_cookie_is_not_given_back(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(204, headers={"Set-Cookie": "canary=1"})

    delivery.post(f"{endpoint.url}/report", BODY)
    delivery.post(f"{endpoint.url}/report", BODY)

    assert "Cookie" not in endpoint.arrived[1].headers


def test_a_broken_connection_is_not_tried_again() -> None:
    with MisbehavingServer(Connection.reset) as server:
        assert isinstance(delivery.post(server.url, BODY), Failure)

        assert server.connections == 1


def test_a_failure_is_not_tried_again(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(503, headers={"Retry-After": "0"})

    assert delivery.post(f"{endpoint.url}/report", BODY) == answers.Answer(503)
    assert len(endpoint.arrived) == 1


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_a_body_that_means_nothing_is_not_read(endpoint: Endpoint, status: int) -> None:
    endpoint.answer = Answer(status, b"body")

    assert delivery.post(f"{endpoint.url}/report", BODY) == answers.Answer(status)


@pytest.mark.parametrize("status", [400, 429])
def test_a_body_that_may_mean_something_is_read_up_to_a_limit(
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
def test_a_report_elsewhere_uses_the_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, endpoint.url)

    assert isinstance(delivery.post("https://reports.invalid/report", BODY), Failure)
    assert [arrived.method for arrived in endpoint.arrived] == ["CONNECT"]


def test_someone_who_waits_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_SLOW_SECONDS", 0.05)
    told: list[bool] = []

    with MisbehavingServer(Connection.stall) as server:
        delivery.post(
            server.url, BODY, deadline_seconds=0.3, on_slow=lambda: told.append(True)
        )

    assert told == [True]


def test_someone_who_need_not_wait_is_told_nothing(endpoint: Endpoint) -> None:
    told: list[bool] = []

    delivery.post(endpoint.url, BODY, on_slow=lambda: told.append(True))

    assert told == []


def test_asking_what_is_needed_starts_no_thread() -> None:
    before = threading.enumerate()

    delivery.require_requests()

    assert threading.enumerate() == before


@pytest.mark.point("C6")
def test_the_deadline_is_ten_seconds() -> None:
    assert delivery.DEADLINE_SECONDS == 10


@pytest.mark.point("C6")
def test_waiting_in_two_parts_makes_the_deadline_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "_SLOW_SECONDS", 0.3)

    def late(connection: Connection) -> None:
        connection.hear()
        for part in (b"HTTP/1.1 204", b" No Content", b"\r\n", b"\r\n"):
            time.sleep(0.15)  # each read in time, all of them too late
            connection.say(part)

    with MisbehavingServer(late) as server:
        assert isinstance(
            delivery.post(server.url, BODY, deadline_seconds=0.4), Failure
        )


def test_what_was_told_not_to_be_sent_is_not_sent_later(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name look-up that ends after the deadline."""
    looked_up = threading.Event()
    look_up = socket.getaddrinfo

    def late(*arguments: Any, **options: Any) -> object:  # noqa: ANN401  # its signature
        looked_up.wait(10)
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", late)

    before = set(threading.enumerate())
    answer = delivery.post(endpoint.url, BODY, deadline_seconds=0.1)
    (thread,) = set(threading.enumerate()) - before
    looked_up.set()
    thread.join(10)

    assert isinstance(answer, Failure)
    assert BODY not in {arrived.body for arrived in endpoint.arrived}


def test_a_late_thread_does_not_hold_up_the_process() -> None:
    before = set(threading.enumerate())
    with MisbehavingServer(Connection.stall) as server:
        delivery.post(server.url, BODY, deadline_seconds=0.1)
        (late,) = (
            it
            for it in set(threading.enumerate()) - before
            if it.name == "usage-report"
        )

    assert late.daemon
    late.join(10)


def test_where_no_thread_can_be_started_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert delivery.post("http://127.0.0.1:9", BODY) == Failure(
        Cause.NO_CONNECTION, "RuntimeError"
    )


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_what_a_library_says_of_it_is_in_no_log(
    level: int, caplog: pytest.LogCaptureFixture
) -> None:
    """urllib3 logs URLs, and a traceback where a header is malformed."""
    caplog.set_level(level)

    def behave(connection: Connection) -> None:
        connection.hear()
        connection.say(b"HTTP/1.1 503 x\r\nno header\r\nFoo: b\r\n\r\n")

    with MisbehavingServer(behave) as server:
        delivery.post(f"{server.url}/report?key=canary", BODY)

    assert caplog.records == []


def test_what_a_library_says_of_others_is_in_the_log(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    delivery.post(endpoint.url, BODY)
    caplog.set_level(logging.DEBUG)

    requests.post(endpoint.url, timeout=10)

    assert caplog.records != []
