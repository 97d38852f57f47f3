"""The rate limits, as production has them, on the real runtime."""

import uuid
from collections.abc import Iterator

import pytest
import requests

from tests.worker.conftest import UUID
from tests.worker.wire import post
from worker.local import configuration
from worker.local.harness import Harness, harness

Report = dict[str, object]
PRODUCTION = configuration.environment()
LIMITS = {it["name"]: it["simple"] for it in PRODUCTION["ratelimits"]}
MOST = LIMITS["LIMIT_ADDRESS"]["limit"]
# A test may begin at the end of one period: of twice as many and one, the last is over.
TOO_MANY = 2 * MOST + 1
FEW = 3 * MOST


@pytest.fixture(scope="module")
def limited() -> Iterator[Harness]:
    with harness({"configPath": "wrangler.jsonc"}) as running:
        yield running


@pytest.fixture(scope="module")
def limited_in_all() -> Iterator[Harness]:
    """With a limit for all that a test can reach."""
    limits = [
        {**it, "simple": {**it["simple"], "limit": FEW}}
        if it["name"] == "LIMIT_ALL"
        else it
        for it in PRODUCTION["ratelimits"]
    ]
    with harness({"config": {**PRODUCTION, "ratelimits": limits}}) as running:
        yield running


def send(
    worker: Harness, address: str, path: str = "/report", content: object = b"{"
) -> requests.Response:
    return post(worker, content, path, **{"CF-Connecting-IP": address})


def use_up(worker: Harness, address: str, path: str = "/report") -> None:
    assert any(send(worker, address, path).status_code == 429 for _ in range(TOO_MANY))


def test_an_address_over_its_limit_is_told_so_and_when_to_come_back(
    limited: Harness, report: Report
) -> None:
    use_up(limited, "192.0.2.1")

    answer = send(limited, "192.0.2.1", content=report)

    assert answer.status_code == 429
    assert answer.json() == {
        "error": "rate_limited",
        "detail": "Too many requests. Try again later.",
    }
    assert {int(answer.headers["Retry-After"])} == {
        it["period"] for it in LIMITS.values()
    }
    assert limited.query("SELECT * FROM reports") == []


def test_the_first_requests_of_an_address_are_let_through(limited: Harness) -> None:
    statuses = [send(limited, "192.0.2.2").status_code for _ in range(MOST)]

    assert statuses == MOST * [400]


def test_another_address_is_not_held_up(limited: Harness) -> None:
    use_up(limited, "192.0.2.3")

    assert send(limited, "192.0.2.4").status_code == 400


def test_one_limit_covers_all_that_reaches_the_database(limited: Harness) -> None:
    use_up(limited, "192.0.2.5", "/forget")

    assert send(limited, "192.0.2.5", "/forget", {"uuid": UUID}).status_code == 429
    assert send(limited, "192.0.2.5", "/report").status_code == 429
    headers = {"CF-Connecting-IP": "192.0.2.5"}
    reading = ("/health", "/", "/stats", "/stats.csv", "/stats/2026-05.json", "/badge")
    for path, status in (
        *((path, 429) for path in reading),
        *(("/openapi.yaml", 200), ("/nothing", 404)),
    ):
        answer = requests.get(f"{limited.url}{path}", headers=headers, timeout=30)
        assert answer.status_code == status, path


@pytest.mark.parametrize(
    ("used_up", "address", "status"),
    [
        ("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 400),
        ("2001:db8::3", "2001:db8:0:0:1::", 429),
        ("2001:db8:0:4:5:6:7:8", "2001:db8:0:4::", 429),
        ("::5:1", "::6:1", 429),  # both in 0:0:0:0::/64
        ("192.0.2.64", "192.0.2.65", 400),
    ],
)
def test_of_ipv6_a_sender_has_a_whole_network(
    limited: Harness, used_up: str, address: str, status: int
) -> None:
    use_up(limited, used_up)

    assert send(limited, address).status_code == status


@pytest.mark.parametrize("path", ["/report", "/forget"])
def test_it_is_refused_before_anything_of_it_is_looked_at(
    limited: Harness, path: str
) -> None:
    use_up(limited, "192.0.2.6")
    sent = {"Content-Type": "text/plain", "CF-Connecting-IP": "192.0.2.6"}

    answer = post(limited, b"x" * 5000, path, **sent)

    assert answer.status_code == 429
    assert answer.json()["error"] == "rate_limited"


def test_all_together_have_a_limit_which_no_single_one_can_use_up(
    limited_in_all: Harness, report: Report
) -> None:
    def fresh(number: int) -> int:
        address = f"198.51.100.{number}"
        mine = {**report, "uuid": str(uuid.uuid4())}
        return send(limited_in_all, address, content=mine).status_code

    for _ in range(2 * FEW):
        send(limited_in_all, "192.0.2.1")
    assert fresh(0) == 204

    statuses = [fresh(number) for number in range(1, 2 * FEW + 2)]

    assert 429 in statuses
    (stored,) = limited_in_all.query("SELECT COUNT(*) AS n FROM reports")
    assert stored["n"] == 1 + statuses.count(204)


def test_addresses_are_neither_stored_nor_logged(
    limited: Harness, report: Report
) -> None:
    address = "203.0.113.77"
    limited.logged()
    limited.query("DELETE FROM reports")

    assert send(limited, address, content=report).status_code == 204
    use_up(limited, address)

    (row,) = limited.query("SELECT * FROM reports")
    assert address not in map(str, row.values())
    assert limited.logged() == []


def test_a_limiter_that_fails_lets_everyone_in_and_names_nobody(
    observed: Harness, report: Report
) -> None:
    observed.logged()

    answer = post(
        observed,
        report,
        **{"Test-Limiter": "fails", "CF-Connecting-IP": "203.0.113.99"},
    )

    assert answer.status_code == 204
    assert observed.logged() == ["limits: the platform's limiter failed"]
