"""What a killed process, and a power cut, may lose."""

import re
import signal
import threading
import uuid
from pathlib import Path

import pytest
import requests

from tests.server.serving import Served, serve
from tests.support.needs import needs
from tests.support.waiting import wait_until
from tests.worker.reports import example_report
from usage_receiver.data import run_sql

REPORTS = 30
CLIENTS = 6
# A call that waits until a file is on the disk.
SYNC = re.compile(r"f(?:data)?sync\(\d+<[^>]*receiver\.sqlite-wal>")


def send_until_killed(served: Served) -> list[str]:
    """Send reports from several clients, kill the server, and list the IDs it accepted."""
    accepted: list[str] = []

    def send() -> None:
        session = requests.Session()
        while True:
            identity = str(uuid.uuid4())
            body = {**example_report(), "uuid": identity}
            try:
                response = session.post(f"{served.url}/report", json=body, timeout=30)
            except requests.RequestException:
                return
            assert response.status_code == 204
            accepted.append(identity)

    clients = [threading.Thread(target=send) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    wait_until(lambda: len(accepted) > 20 * CLIENTS)
    served.process.kill()
    for client in clients:
        client.join()
    return accepted


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_a_killed_server_loses_and_doubles_no_report_that_was_answered(
    tmp_path: Path, durability: str
) -> None:
    with serve(tmp_path / "data", "--durability", durability) as served:
        accepted = send_until_killed(served)
        assert served.process.wait() == -signal.SIGKILL

    with serve(tmp_path / "data") as served:
        rows = run_sql(tmp_path / "data", "SELECT uuid FROM reports")
        latest = run_sql(tmp_path / "data", "SELECT uuid FROM installations")
        checked = run_sql(tmp_path / "data", "PRAGMA integrity_check")
        again = {**example_report(), "uuid": accepted[-1]}
        response = requests.post(f"{served.url}/report", json=again, timeout=30)

    stored = [row["uuid"] for row in rows]
    assert checked == [{"integrity_check": "ok"}]
    assert sorted(row["uuid"] for row in latest) == sorted(stored)
    assert len(accepted) > CLIENTS
    assert set(accepted) <= set(stored)
    # A report may be stored whose answer did not leave any more.
    assert len(stored) == len(set(stored)) <= len(accepted) + CLIENTS
    assert response.status_code == 429


@needs("strace")
@pytest.mark.parametrize(
    ("durability", "is_synced"), [("normal", False), ("full", True)]
)
def test_only_full_durability_waits_for_the_disk_before_each_answer(
    tmp_path: Path, durability: str, *, is_synced: bool
) -> None:
    trace = tmp_path / "trace"
    # With -D, the server is not a child of strace, which holds signals back.
    strace = (
        "strace",
        "-D",
        "-f",
        "-y",
        "-e",
        "trace=fsync,fdatasync",
        "-o",
        str(trace),
    )
    with serve(tmp_path / "data", "--durability", durability, wrapper=strace) as served:
        for _ in range(REPORTS):
            body = {**example_report(), "uuid": str(uuid.uuid4())}
            requests.post(f"{served.url}/report", json=body, timeout=30)
        served.stop()
        wait_until(lambda: "+++ exited with 0 +++" in trace.read_text("utf-8"))

    syncs = len(SYNC.findall(trace.read_text("utf-8")))
    assert (syncs >= REPORTS) is is_synced
