"""The rate limits of production's configuration, on the real runtime."""

import uuid
from collections.abc import Iterator

import pytest
import requests

from tests.worker.client import get, post
from tests.worker.database import clear, count_reports, select_all
from tests.worker.reports import UUID, Report
from worker.local import configuration
from worker.local.harness import Harness, run_worker

PRODUCTION = configuration.read_environment()
LIMITS = {limit["name"]: limit["simple"] for limit in PRODUCTION["ratelimits"]}
PER_ADDRESS = LIMITS["LIMIT_ADDRESS"]["limit"]
# A test may start at the end of a period. This many requests exceed the limits of two.
TOO_MANY = 2 * PER_ADDRESS + 1
LOW_OVERALL = 3 * PER_ADDRESS


@pytest.fixture(scope="module")
def limited() -> Iterator[Harness]:
    """The Worker with production's rate limits."""
    with run_worker({"configPath": "wrangler.jsonc"}) as worker:
        yield worker


@pytest.fixture(scope="module")
def limited_overall() -> Iterator[Harness]:
    """The Worker with an overall limit that a test can reach."""
    limits = [
        {**limit, "simple": {**limit["simple"], "limit": LOW_OVERALL}}
        if limit["name"] == "LIMIT_ALL"
        else limit
        for limit in PRODUCTION["ratelimits"]
    ]
    with run_worker({"config": {**PRODUCTION, "ratelimits": limits}}) as worker:
        yield worker


def send(
    worker: Harness, address: str, path: str = "/report", content: object = b"{"
) -> requests.Response:
    """Send a request from *address*; by default one that is refused with 400."""
    return post(worker, content, path, **{"CF-Connecting-IP": address})


def use_up(worker: Harness, address: str, path: str = "/report") -> None:
    assert any(send(worker, address, path).status_code == 429 for _ in range(TOO_MANY))


def test_an_address_over_its_limit_learns_when_to_try_again(
    limited: Harness, report: Report
) -> None:
    use_up(limited, "192.0.2.1")

    response = send(limited, "192.0.2.1", content=report)

    assert response.status_code == 429
    assert response.json() == {
        "error": "rate_limited",
        "detail": "Too many requests. Try again later.",
    }
    periods = {limit["period"] for limit in LIMITS.values()}
    assert {int(response.headers["Retry-After"])} == periods
    assert select_all(limited) == []


def test_requests_up_to_the_limit_are_let_through(limited: Harness) -> None:
    statuses = [send(limited, "192.0.2.2").status_code for _ in range(PER_ADDRESS)]

    assert statuses == PER_ADDRESS * [400]


def test_one_limit_covers_every_path_that_reads_or_writes_the_database(
    limited: Harness,
) -> None:
    address = "192.0.2.5"
    use_up(limited, address, "/forget")

    assert send(limited, address, "/forget", {"uuid": UUID}).status_code == 429
    assert send(limited, address, "/report").status_code == 429
    reading = ("/health", "/", "/stats", "/stats.csv", "/stats/2026-05.json", "/badge")
    for path, status in (
        *((path, 429) for path in reading),
        *(("/openapi.yaml", 200), ("/nothing", 404)),
    ):
        response = get(limited, path, **{"CF-Connecting-IP": address})
        assert response.status_code == status, path


@pytest.mark.parametrize(
    ("used_up", "address", "status"),
    [
        pytest.param("192.0.2.3", "192.0.2.4", 400, id="IPv4"),
        ("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 400),
        ("2001:db8::3", "2001:db8:0:0:1::", 429),
        ("2001:db8:0:4:5:6:7:8", "2001:db8:0:4::", 429),
        ("::5:1", "::6:1", 429),  # both in 0:0:0:0::/64
    ],
)
def test_an_ipv4_address_or_an_ipv6_network_of_64_bits_has_one_limit(
    limited: Harness, used_up: str, address: str, status: int
) -> None:
    use_up(limited, used_up)

    assert send(limited, address).status_code == status


@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_the_limit_is_checked_before_anything_else(limited: Harness, path: str) -> None:
    address = "192.0.2.6"
    use_up(limited, address)
    headers = {"Content-Type": "text/plain", "CF-Connecting-IP": address}

    response = post(limited, b"x" * 5000, path, **headers)

    assert response.status_code == 429
    assert response.json()["error"] == "rate_limited"


def test_a_single_address_cannot_use_up_the_overall_limit(
    limited_overall: Harness, report: Report
) -> None:
    def send_from(number: int) -> int:
        mine = {**report, "uuid": str(uuid.uuid4())}
        return send(limited_overall, f"198.51.100.{number}", content=mine).status_code

    for _ in range(2 * LOW_OVERALL):
        send(limited_overall, "192.0.2.1")
    assert send_from(0) == 204

    statuses = [send_from(number) for number in range(1, 2 * LOW_OVERALL + 2)]

    assert 429 in statuses
    assert count_reports(limited_overall) == 1 + statuses.count(204)


def test_addresses_are_neither_stored_nor_logged(
    limited: Harness, report: Report
) -> None:
    address = "203.0.113.77"
    limited.read_log()
    clear(limited, "reports")

    assert send(limited, address, content=report).status_code == 204
    use_up(limited, address)

    (row,) = select_all(limited)
    assert address not in map(str, row.values())
    assert limited.read_log() == []


def test_a_failing_limiter_lets_requests_through_and_logs_no_address(
    instrumented: Harness, report: Report
) -> None:
    instrumented.read_log()
    headers = {"Test-Limiter": "fails", "CF-Connecting-IP": "203.0.113.99"}

    assert post(instrumented, report, **headers).status_code == 204
    assert instrumented.read_log() == ["limits: the platform's limiter failed"]
