"""All of Manyfold's instances of one time zone report in the same minute, and none is refused."""

import http.client
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.projects.manyfold.recorded import compact, report
from tests.worker.client import sent_from
from tests.worker.database import select_all
from usage_receiver import configuration
from worker.local.harness import Harness, run_worker

MANYFOLD = configuration.PAPERLESS_NGX.with_name("manyfold")
CONNECTIONS = 8
# How many instances each address has: one at home, many at a company that hosts them.
HERD = {
    **{f"100.64.{number}.1": 1 for number in range(120)},
    **{f"2001:db8:{number:x}::1": 1 for number in range(60)},
    **{f"198.51.100.{number}": 10 for number in range(1, 11)},
    "203.0.113.5": 120,
}


@pytest.fixture(scope="module")
def limited() -> Iterator[Harness]:
    """The receiver with production's rate limits."""
    with run_worker({"configPath": "wrangler.jsonc"}, MANYFOLD) as worker:
        yield worker


def send_all(worker: Harness, senders: Iterable[tuple[int, str]]) -> list[int]:
    """Send a report of each instance over one connection; return the statuses."""
    connection = http.client.HTTPConnection(urlsplit(worker.url).netloc, timeout=60)
    statuses = []
    for number, address in senders:
        identifier = f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"
        headers = {"Content-Type": "application/json", **sent_from(address)}
        connection.request("POST", "/", compact(report(identifier)), headers)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    return statuses


def test_none_of_the_herd_is_refused(limited: Harness) -> None:
    addresses = [address for address, number in HERD.items() for _ in range(number)]
    herd = list(enumerate(addresses))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = [herd[start::CONNECTIONS] for start in range(CONNECTIONS)]
        statuses = [
            status
            for part in pool.map(lambda it: send_all(limited, it), parts)
            for status in part
        ]

    assert Counter(statuses) == {201: len(herd)}
    assert len(select_all(limited, "installations")) == len(herd)
