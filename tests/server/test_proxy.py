"""The receiver behind Caddy, with the Caddyfile that operators get.

Every test of what is written starts both as operators do and searches all their files.
"""

import contextlib
import dataclasses
import datetime as dt
import re
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.pipeline.hosts import Host
from tests.projects.codegraph import recorded as codegraph
from tests.projects.codegraph import responses as codegraph_responses
from tests.projects.manyfold import recorded as manyfold
from tests.projects.octoprint import client as octoprint_client
from tests.projects.octoprint import recorded as octoprint
from tests.projects.printernizer import recorded as printernizer
from tests.support.caddy import CADDYFILE, Proxy, run_caddy
from tests.support.needs import needs
from tests.support.pages import ROOT
from tests.support.raw_http import exchange
from tests.support.receiver import run_receiver
from tests.worker.reports import MINIMAL, UUID

pytestmark = [pytest.mark.slow, needs("caddy")]

PROJECTS = ROOT / "projects"
# What an installation could have sent, too: nothing may keep it.
CANARY = "canary-in-a-header"
FORGED = "203.0.113.99"
FILES_WITH_IDS = re.compile(r"data/receiver\.sqlite(-wal|-shm)?")


def post_report(path: str) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        *("Host: 127.0.0.1", "Content-Type: application/json"),
        f"Content-Length: {len(MINIMAL)}",
    )
    return "\r\n".join((*lines, "", MINIMAL)).encode()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclasses.dataclass(frozen=True)
class Traffic:
    """What the clients of a project sent when they were recorded, and its IDs."""

    project: str
    build: Callable[[], list[bytes]]
    ids: frozenset[str]


TRAFFIC = (
    Traffic(
        "paperless-ngx",
        lambda: [post_report(path) for path in ("/report", "/report", "/forget", "/x")],
        frozenset({UUID}),
    ),
    Traffic(
        "codegraph",
        lambda: [
            *(it.build(now()) for it in codegraph.RECORDINGS.values()),
            *(request for request, _ in codegraph_responses.REQUESTS.values()),
        ],
        frozenset({codegraph.MACHINE}),
    ),
    Traffic(
        "manyfold",
        lambda: [
            *(request for request, _ in manyfold.CLIENTS.values()),
            *(it.request() for it in manyfold.EXCHANGES.values()),
        ],
        frozenset({manyfold.ID, manyfold.OTHER_ID}),
    ),
    Traffic(
        "octoprint",
        lambda: [it.build() for it in octoprint.RECORDINGS],
        frozenset({octoprint_client.ID}),
    ),
    Traffic(
        "printernizer",
        lambda: [it.build(now()) for it in printernizer.RECORDINGS],
        frozenset(it.installation for it in printernizer.RECORDINGS),
    ),
)


class Senders:
    """Sends requests through a proxy, each from another address of loopback."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.count = 0

    def connect(self) -> socket.socket:
        self.count += 1
        return self._proxy.connect(f"127.77.{self.count}.66")

    def send(self, request: bytes) -> int:
        """Send *request* with more headers that say who sends it; return the status."""
        start, _, rest = request.partition(b"\r\n")
        more = (
            f"X-Forwarded-For: {FORGED}\r\nForwarded: for={FORGED}\r\n"
            f"Cookie: {CANARY}\r\nReferer: https://example.org/{CANARY}\r\n"
        )
        with self.connect() as connection:
            request = start + b"\r\n" + more.encode() + rest
            return exchange(connection, request).status

    def break_off(self, request: bytes) -> None:
        """Send all but the end of *request*, and reset the connection."""
        with self.connect() as connection:
            connection.sendall(request[:-3])
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )

    def send_plain(self, request: bytes) -> None:
        """Send *request* without TLS."""
        self.count += 1
        address = urlsplit(self._proxy.url)
        with socket.create_connection(
            *((address.hostname, address.port), 30, (f"127.77.{self.count}.66", 0))
        ) as connection:
            connection.sendall(request)
            connection.recv(1024)


def send_everything(
    senders: Senders, requests: list[bytes], ids: frozenset[str]
) -> set[int]:
    """Send *requests*, whole and broken off, and what fails; return the statuses."""
    first, *_ = requests
    statuses = {senders.send(request) for request in requests}
    senders.break_off(first)
    senders.send_plain(first)
    for name in ids:
        for path in (f"/{name}", f"/.well-known/acme-challenge/{name}"):
            for host in ("127.0.0.1", "other.example"):
                senders.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        senders.send(f"GET /{name} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode())
    return statuses


def find_canaries(folder: Path, ids: frozenset[str]) -> list[tuple[str, str]]:
    """List the files in *folder* that hold an address, and those that hold an ID.

    The database holds the IDs of installations, and nothing else may.
    """
    who = re.compile(rb"127\.77\.\d+\.66|" + f"{FORGED}|{CANARY}".encode())
    which = re.compile("|".join(ids).encode(), re.IGNORECASE)
    found = []
    for path in sorted(it for it in folder.rglob("*") if it.is_file()):
        name, content = path.relative_to(folder).as_posix(), path.read_bytes()
        patterns = (who,) if FILES_WITH_IDS.fullmatch(name) else (who, which)
        found += [
            (name, match[0].decode())
            for match in (pattern.search(content) for pattern in patterns)
            if match
        ]
    return found


@pytest.mark.parametrize("traffic", TRAFFIC, ids=lambda it: it.project)
def test_no_file_or_output_holds_an_address_or_the_id_of_a_request(
    tmp_path: Path, traffic: Traffic
) -> None:
    requests = traffic.build()
    with contextlib.ExitStack() as running:
        options = ("--trusted-proxy", "127.0.0.1")
        url = running.enter_context(
            run_receiver(tmp_path, PROJECTS / traffic.project, *options)
        )
        with run_caddy(tmp_path, url) as proxy:
            senders = Senders(proxy)
            statuses = send_everything(senders, requests, traffic.ids)
            # While they run: some files are gone at the end.
            found = find_canaries(tmp_path, traffic.ids)
            running.close()
            without_receiver = send_everything(senders, requests[:10], traffic.ids)

    assert statuses & {200, 201, 204}
    assert without_receiver == {502}
    assert found + find_canaries(tmp_path, traffic.ids) == []
    assert {"caddy.log", "receiver.log"} <= {it.name for it in tmp_path.iterdir()}


def test_without_the_exclusion_the_log_holds_addresses_and_ids(tmp_path: Path) -> None:
    """So the search finds what Caddy logs."""
    traffic = TRAFFIC[0]
    leaking = CADDYFILE.replace("exclude http tls.issuance", "")

    with run_caddy(tmp_path, "http://127.0.0.1:9", leaking) as proxy:
        send_everything(Senders(proxy), traffic.build(), traffic.ids)

    assert {name for name, _ in find_canaries(tmp_path, traffic.ids)} == {"caddy.log"}


def test_the_limits_count_the_sender_whom_the_proxy_sees(tmp_path: Path) -> None:
    options = ("--trusted-proxy", "127.0.0.1")

    def read(proxy: Proxy, source: str, forged: int) -> int:
        lines = (
            *("GET /stats HTTP/1.1", "Host: 127.0.0.1"),
            f"X-Forwarded-For: 203.0.113.{forged}",
        )
        request = "\r\n".join((*lines, "", "")).encode()
        with proxy.connect(source) as connection:
            return exchange(connection, request).status

    with (
        run_receiver(tmp_path, PROJECTS / "paperless-ngx", *options) as url,
        run_caddy(tmp_path, url) as proxy,
    ):
        statuses = [read(proxy, "127.77.1.66", number) for number in range(25)]
        of_another = read(proxy, "127.78.1.66", 0)

    assert 429 in statuses
    assert (statuses[0], of_another) == (200, 200)


def test_the_demo_host_reports_through_the_proxy_if_it_trusts_its_ca(
    tmp_path: Path,
) -> None:
    options = ("--trusted-proxy", "127.0.0.1")
    with (
        run_receiver(tmp_path, PROJECTS / "paperless-ngx", *options) as url,
        run_caddy(tmp_path, url) as proxy,
    ):
        host = Host.imported_from(ROOT / "demo" / "src", tmp_path / "host", proxy.url)
        host.load_sample_data()
        distrustful = host.manage("send_usage_report", answer="y\n")
        trusting = dataclasses.replace(
            host, variables={**host.variables, "REQUESTS_CA_BUNDLE": str(proxy.root)}
        )
        accepted = trusting.manage("send_usage_report", answer="y\n")
        refused = trusting.manage("send_usage_report", answer="y\n")

    assert "Could not reach the reporting endpoint." in distrustful
    assert accepted.endswith("Report sent. Thank you!\n")
    assert "Already submitted today." in refused
