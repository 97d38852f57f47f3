"""The address that the rate limits count: of X-Forwarded-For, only what proxies appended."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.server.processes import make_command, run_receiver
from tests.worker.client import get
from usage_receiver import node

PEER = "198.51.100.9"
SENDER = "203.0.113.7"
TEN = "10.0.0.0/8"
# Trusted proxies, the peer, X-Forwarded-For, and the sender.
CASES: list[tuple[list[str], str, str | None, str]] = [
    # Anyone can send the header, so from other peers it is ignored.
    ([], PEER, SENDER, PEER),
    ([TEN, "::1", "198.51.100.8"], PEER, SENDER, PEER),
    ([PEER], PEER, None, PEER),
    ([PEER], PEER, SENDER, SENDER),
    (["198.51.100.0/24"], PEER, SENDER, SENDER),
    (["2001:db8::/32"], "2001:db8:1::1", SENDER, SENDER),
    # A socket for both families writes an IPv4 address in this way.
    ([PEER], f"::ffff:{PEER}", SENDER, SENDER),
    ([PEER], "::ffff:198.51.100.8", SENDER, "::ffff:198.51.100.8"),
    # The right-most address counts; a sender can make the others up.
    ([PEER], PEER, f"192.0.2.1, {SENDER}", SENDER),
    ([PEER], PEER, f"192.0.2.1,\t{SENDER} ", SENDER),
    # Addresses of trusted proxies are skipped.
    ([PEER, TEN], PEER, f"{SENDER}, 10.0.0.1, 10.9.9.9", SENDER),
    ([PEER, TEN], PEER, f"{SENDER}, ::ffff:10.0.0.1", SENDER),
    ([PEER, TEN], PEER, f"{SENDER}, 10.0.0.1:443, {PEER}", SENDER),
    # If all are proxies, the first of them sent the request.
    ([PEER, TEN], PEER, "10.0.0.1, 10.0.0.2", "10.0.0.1"),
    (["0.0.0.0/0", "::/0"], PEER, f"{SENDER}, 192.0.2.1", SENDER),
    # Some proxies append a port, or the interface of a link-local address.
    ([PEER], PEER, f"{SENDER}:50432", SENDER),
    ([PEER], PEER, "[2001:db8::1]:50432", "2001:db8::1"),
    ([PEER], PEER, "[2001:db8::1]", "2001:db8::1"),
    ([PEER], PEER, "2001:db8::1", "2001:db8::1"),
    ([PEER], PEER, "fe80::1%eth0", "fe80::1"),
    # What a proxy says counts, although it is not an address.
    ([PEER], PEER, f"{SENDER}, unknown", "unknown"),
    ([PEER], PEER, f"{SENDER}, ", ""),
    ([PEER], PEER, "", ""),
    # The peer of a socket in the file system has no address.
    ([PEER], "", SENDER, ""),
]


def test_the_right_most_address_that_is_not_a_proxy_counts() -> None:
    done = subprocess.run(
        node.make_command(Path(__file__).with_name("sender.mjs")),
        input=json.dumps([case[:3] for case in CASES]),
        capture_output=True,
        text=True,
        check=True,
    )

    senders = json.loads(done.stdout)
    assert [sender["address"] for sender in senders] == [case[3] for case in CASES]
    # A server of one's own looks no country up.
    assert {sender["country"] for sender in senders} == {None}


def test_senders_behind_a_trusted_proxy_have_limits_of_their_own(
    tmp_path: Path,
) -> None:
    limits = {"LIMIT_ADDRESS": {"limit": 1, "period": 60}}
    with run_receiver(
        tmp_path, limits=limits, trustedProxies=["127.0.0.1"]
    ) as receiver:
        statuses = [
            get(receiver, "/stats", **{"X-Forwarded-For": sender}).status_code
            for sender in (SENDER, f"192.0.2.1, {SENDER}", PEER)
        ]

        assert receiver.read_messages("warning") == []
    assert statuses == [200, 429, 200]


def test_a_header_from_a_peer_that_is_not_trusted_is_ignored_and_logged_once(
    tmp_path: Path,
) -> None:
    limits = {"LIMIT_ADDRESS": {"limit": 2, "period": 60}}
    with run_receiver(tmp_path, limits=limits, trustedProxies=["10.0.0.1"]) as receiver:
        statuses = [
            get(receiver, "/stats", **{"X-Forwarded-For": sender}).status_code
            for sender in (SENDER, PEER, "192.0.2.1")
        ]

        (warning,) = receiver.read_messages("warning")
    assert statuses == [200, 200, 429]
    assert warning.startswith("X-Forwarded-For is ignored")
    assert "--trusted-proxy" in warning
    assert SENDER not in warning
    assert "127.0.0.1" not in warning


@pytest.mark.parametrize("proxy", ["", "caddy", "10.0.0.0/33", "::1/129"])
def test_a_proxy_that_is_not_an_address_ends_the_start_with_a_line(
    tmp_path: Path, proxy: str
) -> None:
    done = subprocess.run(
        make_command(tmp_path, trustedProxies=[proxy]),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"--trusted-proxy {proxy}: this is not an IP address")
