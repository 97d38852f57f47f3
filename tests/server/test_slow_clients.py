"""Clients that are slow, or do nothing: they get their time, and cost others nothing."""

import contextlib
import resource
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.processes import Receiver, run_receiver
from tests.server.sockets import connect, read
from tests.worker.client import get

pytestmark = pytest.mark.nightly

HOST = b"Host: localhost\r\n"
POST = b"POST /report HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
IDLE = 10_000
MEGABYTE = 2**20


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with run_receiver(tmp_path) as running:
        yield running
        assert running.read_messages("error") == []


def drip(connection: socket.socket, data: bytes) -> None:
    """Send a byte of *data* twice a second until the server answers, which it must."""
    for position in range(len(data)):
        readable, _, _ = select.select([connection], [], [], 0.5)
        if readable:
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data[position : position + 1])
    pytest.fail("The server waited for the whole request.")


@pytest.mark.parametrize(
    ("begin", "rest"),
    [
        (
            b"",
            b"GET /health HTTP/1.1\r\n" + HOST + 100 * b"X-A: 1\r\n",
        ),
        (POST + b"Content-Length: 4000\r\n\r\n", 4000 * b" "),
        (
            POST + b"Transfer-Encoding: chunked\r\n\r\n",
            4000 * b"1\r\na\r\n",
        ),
    ],
    ids=["headers", "body", "chunks"],
)
def test_a_request_that_takes_too_long_gets_408(
    receiver: Receiver, begin: bytes, rest: bytes
) -> None:
    with connect(receiver.url) as connection:
        connection.sendall(begin)
        drip(connection, rest)
        answer = read(connection)

    assert answer.statuses == [408]
    assert answer.is_closed
    assert receiver.count() == 0


def test_ten_thousand_idle_connections_keep_nobody_waiting_and_are_closed(
    receiver: Receiver,
) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < IDLE + 1000:
        pytest.skip("this machine allows too few open files")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    memory = receiver.read_memory()
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        opened = [stack.enter_context(connect(receiver.url)) for _ in range(IDLE)]

        for _ in range(20):
            assert get(receiver, "/stats").status_code == 200
        assert receiver.read_memory() - memory < 150 * MEGABYTE
        answers = [read(connection) for connection in opened]

    assert all(it.is_closed for it in answers)
    assert {tuple(it.statuses) for it in answers} <= {(408,), ()}
    assert get(receiver, "/health").status_code == 200


def test_clients_that_read_no_answer_are_limited_before_they_fill_the_memory(
    tmp_path: Path,
) -> None:
    limits = {"LIMIT_ADDRESS": {"limit": 20, "period": 60}}
    with run_receiver(tmp_path, limits=limits) as receiver:
        get(receiver, "/")
        memory = receiver.read_memory()
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                connection = stack.enter_context(connect(receiver.url))
                connection.sendall(1000 * (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"))
            time.sleep(5)

            assert get(receiver, "/health").status_code == 429
            # Measured: 220 MB of garbage, from 100 clients as from 300.
            assert receiver.read_memory() - memory < 300 * MEGABYTE
