"""The rate limits of production's configuration, on the real runtime."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.worker.client import get, post, sent_from
from tests.worker.database import clear, select_all
from tests.worker.reports import UUID, Report
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

PRODUCTION = configuration.read_environment()
LIMITS = {limit["name"]: limit["simple"] for limit in PRODUCTION["ratelimits"]}
PER_ADDRESS = LIMITS["LIMIT_ADDRESS"]["limit"]
PER_NETWORK = LIMITS["LIMIT_NETWORK"]["limit"]
# A test may start at the end of a period. This many requests exceed the limits of two.
TOO_MANY = 2 * PER_ADDRESS + 1
TOO_MANY_OF_A_NETWORK = 2 * PER_NETWORK + 1
LOW_OVERALL = 3 * PER_NETWORK


@pytest.fixture(scope="module")
def limited(pytestconfig: pytest.Config) -> Iterator[Harness]:
    """The receiver with production's rate limits.

    On the server, their period does not end during a test. Cloudflare has no longer one.
    """
    limits = [
        {**limit, "simple": {**limit["simple"], "period": 86_400}}
        for limit in PRODUCTION["ratelimits"]
    ]
    is_server = pytestconfig.getoption("runtime") == "server"
    config = {"config": {**PRODUCTION, "ratelimits": limits}}
    with run_worker(
        config if is_server else {"configPath": "wrangler.jsonc"}
    ) as worker:
        yield worker


@contextmanager
def run_limited_overall() -> Iterator[Harness]:
    """Run the Worker with an overall limit that a test can reach."""
    limits = [
        {**limit, "simple": {**limit["simple"], "limit": LOW_OVERALL}}
        if limit["name"] == "LIMIT_ALL"
        else limit
        for limit in PRODUCTION["ratelimits"]
    ]
    with run_worker({"config": {**PRODUCTION, "ratelimits": limits}}) as worker:
        yield worker


@pytest.fixture(scope="module")
def limited_overall() -> Iterator[Harness]:
    """This Worker; no test uses its overall limit up."""
    with run_limited_overall() as worker:
        yield worker


def send(
    worker: Harness, address: str, path: str = "/report", content: object = b"{"
) -> requests.Response:
    """Send a request from *address*; by default one that is refused with 400."""
    return post(worker, content, path, **sent_from(address))


def use_up(worker: Harness, address: str, path: str = "/report") -> None:
    assert any(send(worker, address, path).status_code == 429 for _ in range(TOO_MANY))


def use_up_network(worker: Harness, addresses: str) -> None:
    """Use up the limit of a network, with a request from each of its *addresses*.

    Args:
        addresses: An address with `{}` in it, for a number.
    """
    numbers = range(1, TOO_MANY_OF_A_NETWORK + 1)
    statuses = [send(worker, addresses.format(it)).status_code for it in numbers]
    assert 429 in statuses
    assert set(statuses[:PER_NETWORK]) == {400}


@pytest.mark.both
def test_an_address_over_its_limit_learns_when_to_try_again(
    limited: Harness, report: Report
) -> None:
    clear(limited, "reports")
    use_up(limited, "198.18.10.1")

    response = send(limited, "198.18.10.1", content=report)

    assert response.status_code == 429
    assert response.json() == {
        "error": "rate_limited",
        "detail": "Too many requests. Try again later.",
    }
    periods = {limit["period"] for limit in LIMITS.values()}
    assert {int(response.headers["Retry-After"])} == periods
    assert select_all(limited) == []


@pytest.mark.both
def test_requests_up_to_the_limit_are_let_through(limited: Harness) -> None:
    statuses = [send(limited, "198.18.11.1").status_code for _ in range(PER_ADDRESS)]

    assert statuses == PER_ADDRESS * [400]


@pytest.mark.parametrize(
    ("address", "used_up", "free"),
    [
        ("198.18.1.1", "/report", "/stats"),
        ("198.18.2.1", "/forget", "/badge"),
    ],
)
def test_senders_and_readers_never_use_up_the_limit_of_each_other(
    limited: Harness, address: str, used_up: str, free: str
) -> None:
    use_up(limited, address, used_up)
    header = sent_from(address)

    for path, content in (("/report", b"{"), ("/forget", {"uuid": UUID})):
        assert send(limited, address, path, content).status_code == 429
    assert get(limited, free, **header).status_code == 200

    while get(limited, free, **header).status_code != 429:
        pass
    for path in (
        "/health",
        "/",
        "/stats",
        "/stats.csv",
        "/stats/2026-05.json",
        "/badge",
    ):
        assert get(limited, path, **header).status_code == 429, path
    for path, status in (("/openapi.json", 200), ("/nothing", 404)):
        assert get(limited, path, **header).status_code == status


def test_readers_of_a_network_do_not_use_up_the_limit_of_its_senders(
    limited: Harness,
) -> None:
    statuses = {
        get(limited, "/badge", **sent_from(f"198.18.3.{number}")).status_code
        for number in range(1, TOO_MANY_OF_A_NETWORK + 1)
    }

    assert statuses == {200, 429}
    assert send(limited, "198.18.3.250").status_code == 400


@pytest.mark.parametrize(
    ("used_up", "address", "status"),
    [
        pytest.param("198.19.1.3", "198.19.1.4", 400, id="IPv4"),
        ("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 400),
        ("2001:db8::3", "2001:db8:0:0:1::", 429),
        ("2001:db8:0:4:5:6:7:8", "2001:db8:0:4::", 429),
        ("::5:1", "::6:1", 429),  # both in 0:0:0:0::/64
        ("2001:0DB8:2:A::1", "2001:db8:2:a:0:0:0:2", 429),
        ("::ffff:198.19.2.1", "198.19.2.1", 429),
        ("::FFFF:c613:301", "198.19.3.1", 429),
        ("0:0:0:0:0:ffff:198.19.4.1", "::ffff:198.19.4.2", 400),
    ],
)
def test_an_ipv4_address_or_an_ipv6_network_of_64_bits_has_one_limit(
    limited: Harness, used_up: str, address: str, status: int
) -> None:
    use_up(limited, used_up)

    assert send(limited, address).status_code == status


def test_all_senders_without_a_valid_address_share_one_limit(limited: Harness) -> None:
    use_up(limited, "unknown")

    for address in ("198.19.5.999", "1:2:3", "fe80::1::2", "localhost"):
        assert send(limited, address).status_code == 429, address


@pytest.mark.parametrize(
    ("used_up", "address", "status"),
    [
        ("203.0.113.{}", "203.0.113.250", 429),
        ("::ffff:198.51.100.{}", "198.51.100.250", 429),
        ("2001:db8:5:{}::1", "2001:db8:5:ffff::1", 429),
        ("2001:db8:7:{}::1", "2001:db8:8::1", 400),
    ],
)
def test_an_ipv4_network_of_24_bits_or_an_ipv6_network_of_48_bits_has_one_limit(
    limited: Harness, used_up: str, address: str, status: int
) -> None:
    use_up_network(limited, used_up)

    assert send(limited, address).status_code == status


@pytest.mark.parametrize("addresses", ["2001:db8:1:{:x}::1", "198.51.100.{}"])
def test_no_network_can_use_up_what_honest_senders_need(
    limited_overall: Harness, report: Report, addresses: str
) -> None:
    """A /48 of IPv6 is free: it holds 65,536 networks of 64 bits."""
    statuses = [
        send(limited_overall, addresses.format(number % 250)).status_code
        for number in range(2 * LOW_OVERALL)
    ]
    assert statuses.count(400) <= 3 * PER_NETWORK  # the requests lie in three periods
    assert 429 in statuses[-20:]

    mine = {**report, "uuid": str(uuid.uuid4())}
    honest = send(limited_overall, "192.0.2.9", content=mine)

    assert honest.status_code == 204


def test_one_network_has_a_small_part_of_the_overall_limit() -> None:
    overall = LIMITS["LIMIT_ALL"]["limit"]

    assert PER_ADDRESS < PER_NETWORK <= overall / 50


@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_the_limit_is_checked_before_anything_else(limited: Harness, path: str) -> None:
    address = "198.18.12.1"
    use_up(limited, address)
    headers = {"Content-Type": "text/plain", **sent_from(address)}

    response = post(limited, b"x" * 5000, path, **headers)

    assert response.status_code == 429
    assert response.json()["error"] == "rate_limited"


def test_the_overall_limit_holds_for_many_networks_together() -> None:
    with run_limited_overall() as worker:  # a used up limit is everyone's
        statuses = [
            send(worker, f"100.64.{number}.1").status_code
            for number in range(2 * LOW_OVERALL + 1)
        ]

    assert 429 in statuses


@pytest.mark.both
def test_addresses_are_neither_stored_nor_logged(
    limited: Harness, report: Report
) -> None:
    address = "198.18.13.77"
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
    headers = {"Test-Limiter": "fails", **sent_from("198.18.14.99")}

    assert post(instrumented, report, **headers).status_code == 204
    assert instrumented.read_log() == ["limits: the platform's limiter failed"]
