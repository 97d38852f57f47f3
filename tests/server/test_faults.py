"""What goes wrong around the server: no report is lost or stored twice, and the log says what."""

import contextlib
import ctypes
import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
import requests

from tests.server.processes import Receiver, make_command, run_receiver
from tests.support.waiting import MOST_SECONDS, wait_until
from tests.worker.client import get, post
from tests.worker.reports import MINIMAL
from usage_receiver.database import DATABASE

UNAVAILABLE = {
    "error": "unavailable",
    "detail": "The database does not answer. Try again later.",
}
MEGABYTE = 2**20


def make_report(*, padding: int = 0) -> dict[str, object]:
    """A report of a new installation; *padding* is what the receiver does not keep."""
    report: dict[str, object] = json.loads(MINIMAL)
    return {**report, "uuid": str(uuid.uuid4()), "padding": padding * "a"}


class Senders:
    """Threads that send reports of new installations until they are stopped."""

    def __init__(self, receiver: Receiver, count: int) -> None:
        self.accepted: list[str] = []
        # Sent, but no answer came.
        self.unknown: list[str] = []
        self.refused: list[requests.Response] = []
        self._receiver = receiver
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with requests.Session() as session:
            while not self._stop.is_set():
                report = make_report()
                key = str(report["uuid"])
                try:
                    url = f"{self._receiver.url}/report"
                    response = session.post(url, json=report, timeout=MOST_SECONDS)
                except requests.ConnectionError:
                    self.unknown.append(key)
                    return
                if response.status_code == 204:
                    self.accepted.append(key)
                else:
                    self.refused.append(response)


def stored(receiver: Receiver) -> list[str]:
    return [key for (key,) in receiver.query("SELECT uuid FROM reports")]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of two megabytes."""
    libc = ctypes.CDLL(None, use_errno=True)
    options = b"size=2m,mode=0700"
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, options) != 0:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        assert libc.umount2(bytes(folder), 0) == 0


def check_full_disk(receiver: Receiver, make_room: Callable[[], None]) -> None:
    """Send reports until there is no room, make room, and send more."""
    with Senders(receiver, 2) as senders:
        wait_until(lambda: len(senders.refused) > 20)
    refused = senders.refused
    assert {it.status_code for it in refused} == {503}
    assert refused[0].headers["Retry-After"] == "60"
    assert refused[0].json() == UNAVAILABLE
    # It still reads.
    assert get(receiver, "/stats").status_code == 200

    make_room()
    log = receiver.data / f"{DATABASE}-wal"
    wait_until(lambda: log.stat().st_size == 0)
    later = [make_report() for _ in range(20)]
    assert [post(receiver, it).status_code for it in later] == [204] * 20

    accepted = [*senders.accepted, *(str(it["uuid"]) for it in later)]
    assert sorted(stored(receiver)) == sorted(accepted)
    assert receiver.query("PRAGMA integrity_check") == [("ok",)]


def test_a_full_disk_gives_503_and_recovers_without_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data):
        ballast = data / "ballast"
        ballast.write_bytes(bytes(MEGABYTE))
        with run_receiver(data, cron=None) as receiver:
            check_full_disk(receiver, ballast.unlink)

            failures = set(receiver.read_messages("error"))
    assert "report: the database failed: SQLITE_FULL" in failures
    for failure in failures:
        assert "SQLITE_FULL" in failure or "write-ahead log" in failure


def check_health(receiver: Receiver, make_room: Callable[[], None]) -> None:
    """Check that `/health` answers 503 without any report, until there is room."""
    response = get(receiver, "/health")
    assert (response.status_code, response.json()) == (503, UNAVAILABLE)

    make_room()
    assert get(receiver, "/health").status_code == 200


# The log of changes still fits into the smaller rest, but a report may not.
@pytest.mark.parametrize("left", [0, 100_000])
def test_a_full_disk_is_unhealthy_before_a_report_is_refused(
    tmp_path: Path, left: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data), run_receiver(data, cron=None) as receiver:
        assert get(receiver, "/health").status_code == 200
        ballast = data / "ballast"
        state = os.statvfs(data)
        ballast.write_bytes(bytes(state.f_bavail * state.f_bsize - left))

        check_health(receiver, ballast.unlink)

        assert receiver.read_messages("error") == [
            "health: the database failed: SQLITE_FULL"
        ]


def test_files_that_may_not_grow_are_unhealthy(tmp_path: Path) -> None:
    with run_receiver(tmp_path, cron=None) as receiver:
        pid, unlimited = receiver.process.pid, resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, unlimited))

        def make_room() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))

        check_health(receiver, make_room)


def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    data, disk = tmp_path / "data", tmp_path / "disk"
    disk.mkdir()
    with run_receiver(data) as receiver:
        receiver.query(
            """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
            INSERT INTO reports (received, uuid) SELECT '2026', printf('%032d', i) FROM n"""
        )
        with small_disk(disk):
            (disk / "ballast").write_bytes(bytes(2 * MEGABYTE - 65_536))
            done = subprocess.run(
                (
                    *(sys.executable, "-m", "usage_receiver", "backup"),
                    *("--data", str(data), str(disk / "backup")),
                ),
                capture_output=True,
                text=True,
                check=False,
            )
            left = [path.name for path in disk.iterdir()]

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [f"{data / DATABASE}: database or disk is full"]
    assert left == ["ballast"]


@pytest.mark.nightly
def test_a_file_that_may_not_grow_gives_503(tmp_path: Path) -> None:
    limits = (MEGABYTE, resource.RLIM_INFINITY)
    with run_receiver(
        tmp_path, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    ) as receiver:
        pid = receiver.process.pid
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

        def make_room() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)

        check_full_disk(receiver, make_room)


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    def fill_log() -> None:
        os.dup2(os.open("/dev/full", os.O_WRONLY), sys.stderr.fileno())

    with run_receiver(tmp_path, prepare=fill_log) as receiver:
        for _ in range(3):
            assert post(receiver, make_report()).status_code == 204
            time.sleep(0.2)
        assert receiver.count() == 3


@contextlib.contextmanager
def lock_database(receiver: Receiver) -> Iterator[None]:
    """Hold the lock for writing in another process."""
    connection = sqlite3.connect(receiver.data / DATABASE, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_a_report_waits_for_another_process_that_writes(tmp_path: Path) -> None:
    with run_receiver(tmp_path) as receiver:
        with contextlib.ExitStack() as stack:
            with lock_database(receiver):
                senders = stack.enter_context(Senders(receiver, 3))
                # Others are answered meanwhile.
                assert get(receiver, "/stats").status_code == 200
                # Most of the reports have arrived then, on any machine some of them.
                time.sleep(0.5)
                assert senders.accepted == []
            wait_until(lambda: len(senders.accepted) > 20)

        assert senders.refused == []
        assert set(stored(receiver)) == set(senders.accepted)


def test_a_report_gets_503_if_the_lock_lasts_too_long(tmp_path: Path) -> None:
    report = make_report()
    with run_receiver(tmp_path) as receiver:
        with lock_database(receiver):
            response = post(receiver, report)

        assert (response.status_code, response.json()) == (503, UNAVAILABLE)
        assert receiver.read_messages("error") == [
            "report: the database failed: SQLITE_BUSY"
        ]
        assert receiver.count() == 0
        assert post(receiver, report).status_code == 204
        assert receiver.count() == 1


@pytest.mark.nightly
def test_two_servers_on_one_file_store_a_report_once(tmp_path: Path) -> None:
    """The command refuses this; the server itself bears it."""
    with run_receiver(tmp_path) as one, run_receiver(tmp_path) as other:
        with Senders(one, 2) as left, Senders(other, 2) as right:
            for _ in range(20):
                report = make_report()
                statuses = [post(it, report).status_code for it in (one, other, one)]
                assert statuses == [204, 429, 429]

        assert left.refused == right.refused == []
        assert one.count() == len(left.accepted) + len(right.accepted) + 20
        assert one.read_messages("error") == other.read_messages("error") == []


BREAKING = """
import { createReceiver } from "usage-receiver/receiver";
import { project } from "%s";

const own = createReceiver(project);
export const receiver = {
  ...own,
  answer(request, env, sender) {
    if (request.url.endsWith("/operator/throw")) {
      setTimeout(() => { throw new Error("the canary"); });
      return new Promise(() => undefined);
    }
    if (request.url.endsWith("/operator/exit")) {
      process.exit(3);
    }
    return own.answer(request, env, sender);
  },
};
"""


@pytest.mark.parametrize(
    "how", ["throw", pytest.param("exit", marks=pytest.mark.nightly)]
)
def test_the_thread_for_long_work_starts_again_if_it_ends(
    tmp_path: Path, how: str
) -> None:
    project = json.loads(make_command(tmp_path)[-1])["project"]
    entry = tmp_path / "entry.ts"
    entry.write_text(BREAKING % f"{project}/project.ts")
    secret = tmp_path / "secret"
    secret.write_text(32 * "s")
    bearer = {"Authorization": f"Bearer {32 * 's'}"}
    path = "/operator/installations"
    with run_receiver(
        tmp_path / "data", entry=str(entry), secretFile=str(secret)
    ) as receiver:
        assert get(receiver, path, **bearer).status_code == 200

        response = get(receiver, f"/operator/{how}", **bearer)

        assert (response.status_code, response.json()) == (503, UNAVAILABLE)
        assert post(receiver, make_report()).status_code == 204
        wait_until(lambda: get(receiver, path, **bearer).status_code == 200)
        messages = receiver.read_messages("error")
        assert "the thread for long work has ended; it starts again" in messages
        assert "canary" not in json.dumps(receiver.read_log())
