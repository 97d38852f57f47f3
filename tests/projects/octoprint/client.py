"""Sends events as OctoPrint's tracking plugin does, and reads what was stored."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from tests.worker.database import select_all
from worker.local.harness import Harness

ID = "5f0c9a3e-7b1d-4c52-8a96-0d3b7e41f2c8"
OTHER_ID = "c7a1d2e4-3f60-4b8a-9e15-6b2c8d0f4a73"
# What an instance sends every day. A size in bytes and a list of plugins with versions.
PONG = {
    "version": "1.11.8",
    "os": "linux",
    "platform": "Linux-6.12.34-generic-x86_64-with-glibc2.36",
    "bits": 64,
    "python": "3.11.7",
    "pip": "23.2.1",
    "cores": 4,
    "freq": 1500.0,
    "ram": 3_969_000_000,
    "pi_model": "Raspberry Pi 4 Model B Rev 1.4",
    "octopi_version": "1.0.0",
    "octopiuptodate_build": "1.0.0-1.10.3-20241029104213",
    "plugins": "octolapse:0.4.5,bedlevelvisualizer:1.1.1,unknownversion:?",
    "achievements": "the_wizard,sprint",
}
STARTUP = {it: PONG[it] for it in PONG if it not in {"plugins", "achievements"}}
# The facts of these, as they are stored.
FACTS = {
    "version": "1.11.8",
    "os": "linux",
    "bits": 64,
    "python": "3.11.7",
    "pip": "23.2.1",
    "cores": 4,
    "ram": "4",
    "pi_model": "Raspberry Pi 4 Model B",
    "octopi_version": "1.0.0",
    "octopiuptodate_build": "20241029104213",
    "plugins": '["bedlevelvisualizer","octolapse","unknownversion"]',
    "achievements": '["sprint","the_wizard"]',
    "country": "DE",
}

Fields = Mapping[str, object] | list[tuple[str, object]]
Counters = dict[tuple[str, str, str, str], tuple[int, int]]


def encode(fields: Fields) -> str:
    """*fields* as OctoPrint's plugin encodes them: Python's `str` of each value."""
    text = urlencode(fields, doseq=True, errors="surrogatepass")
    return text.replace("+", "%20")


def track(
    worker: Harness,
    event: str,
    fields: Fields = {},  # noqa: B006  # is not changed
    *,
    identifier: str = ID,
    country: str = "DE",
    **headers: str,
) -> requests.Response:
    """Send an event from *country*: a pong as a form without a type, others as a query."""
    url = f"{worker.url}/track/{identifier}/{event}/"
    # The local runtime reads from this header what Cloudflare knows about an address.
    headers = {"MF-CF-Blob": f'{{"country":"{country}"}}', **headers}
    if event == "pong":
        return requests.post(url, encode(fields), headers=headers, timeout=30)
    return requests.get(f"{url}?{encode(fields)}", headers=headers, timeout=30)


def read_facts(worker: Harness, identifier: str = ID) -> dict[str, Any]:
    """The facts of an instance, without its ID and days."""
    (row,) = worker.query("SELECT * FROM instances WHERE id = ?1", identifier)
    return {name: row[name] for name in FACTS}


def read_counters(worker: Harness) -> Counters:
    """Count and seconds by event, pair and values, without the receiver's own rows."""
    return {
        (row["event"], row["pair"], row["first"], row["second"]): (
            row["count"],
            row["seconds"],
        )
        for row in select_all(worker, "counters")
        if not row["pair"].startswith("#")
    }
