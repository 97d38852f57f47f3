import threading
from pathlib import Path

import pytest

from paperless_report import answers, delivery
from paperless_report.answers import Failure
from tests.support.endpoint import Answer, Endpoint
from tests.support.faults import Connection, FaultServer

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
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login canary password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))

    delivery.post(f"{endpoint.url.replace('127.0.0.1', 'localhost')}/report", BODY)

    assert "Authorization" not in endpoint.arrived[0].headers


def test_a_cookie_is_not_given_back(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(204, headers={"Set-Cookie": "canary=1"})

    delivery.post(f"{endpoint.url}/report", BODY)
    delivery.post(f"{endpoint.url}/report", BODY)

    assert "Cookie" not in endpoint.arrived[1].headers


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
    assert delivery.post(endpoint.url, BODY) == Failure("the answer is too long")


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

    with FaultServer(Connection.stall) as server:
        delivery.post(
            server.url, BODY, deadline_seconds=0.3, slow=lambda: told.append(True)
        )

    assert told == [True]


def test_someone_who_need_not_wait_is_told_nothing(endpoint: Endpoint) -> None:
    told: list[bool] = []

    delivery.post(endpoint.url, BODY, slow=lambda: told.append(True))

    assert told == []


def test_without_a_request_there_is_no_thread() -> None:
    delivery.require()

    assert "usage-report" not in {thread.name for thread in threading.enumerate()}
