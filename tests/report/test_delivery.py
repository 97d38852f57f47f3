import datetime as dt
import json
import time
from pathlib import Path

import pytest

from paperless_report import delivery
from paperless_report.answers import AlreadySubmitted, NotSent, Sent
from tests.support.endpoint import Answer, Endpoint

BODY = b'{"uuid":"0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"}'


def test_the_body_arrives_byte_for_byte_once(endpoint: Endpoint) -> None:
    assert delivery.send(f"{endpoint.url}/report", BODY) == Sent()

    (arrived,) = endpoint.arrived
    assert (arrived.method, arrived.path, arrived.body) == ("POST", "/report", BODY)


def test_the_headers_tell_nothing_of_the_machine(endpoint: Endpoint) -> None:
    delivery.send(f"{endpoint.url}/report", BODY)

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
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))

    delivery.send(f"{endpoint.url.replace('//', '//canary:canary@')}/report", BODY)

    assert "Authorization" not in endpoint.arrived[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(endpoint: Endpoint, status: int) -> None:
    endpoint.answer = Answer(status, headers={"Location": f"{endpoint.url}/elsewhere"})

    assert isinstance(delivery.send(f"{endpoint.url}/report", BODY), NotSent)
    assert len(endpoint.arrived) == 1


def test_a_failure_is_not_tried_again(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(503, headers={"Retry-After": "0"})

    assert isinstance(delivery.send(f"{endpoint.url}/report", BODY), NotSent)
    assert len(endpoint.arrived) == 1


def test_a_refused_connection_is_not_sent() -> None:
    assert delivery.send("http://127.0.0.1:9/report", BODY) == NotSent(
        "ConnectionError"
    )


def test_a_host_that_has_no_address_is_not_sent() -> None:
    assert isinstance(delivery.send("https://reports.invalid/report", BODY), NotSent)


def refusal() -> bytes:
    last_sent = dt.datetime.now(dt.UTC).isoformat()
    body = {"error": "already_submitted", "last_sent": last_sent, "retry_after_days": 7}
    return json.dumps(body).encode()


def test_a_well_formed_refusal_is_believed(endpoint: Endpoint) -> None:
    """So that the two below fail for what they say, and nothing else."""
    endpoint.answer = Answer(429, refusal())

    assert isinstance(delivery.send(f"{endpoint.url}/report", BODY), AlreadySubmitted)


def test_an_answer_that_is_too_long_is_not_believed(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(429, refusal() + b" " * 10_000_000)

    assert delivery.send(f"{endpoint.url}/report", BODY) == NotSent("ValueError")


def test_an_answer_that_ends_too_early_is_not_believed(endpoint: Endpoint) -> None:
    endpoint.answer = Answer(429, refusal(), {"Content-Length": "4000"})

    assert isinstance(delivery.send(f"{endpoint.url}/report", BODY), NotSent)


@pytest.mark.parametrize(
    "variable", ["http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"]
)
def test_a_report_to_this_machine_passes_no_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with Endpoint() as proxy:
        monkeypatch.setenv(variable, proxy.url)

        assert delivery.send(f"{endpoint.url}/report", BODY) == Sent()

    assert proxy.arrived == []


def test_a_report_elsewhere_uses_the_proxy(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", endpoint.url)

    assert isinstance(delivery.send("https://reports.invalid/report", BODY), NotSent)
    assert [arrived.method for arrived in endpoint.arrived] == ["CONNECT"]


def test_the_deadline_is_for_everything_together(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each of these would be in time for a limit on single reads.
    def drip(*_: object) -> tuple[int, bytes]:
        for _step in range(100):
            time.sleep(0.02)
        return 204, b""

    monkeypatch.setattr(delivery, "_post", drip)

    answer = delivery.send(f"{endpoint.url}/report", BODY, deadline_seconds=0.1)

    assert answer == NotSent("no answer within 0.1 seconds")
