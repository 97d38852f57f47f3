"""What a server without a data folder writes to disk: nothing."""

import os
import re
import uuid
from pathlib import Path

import pytest
import requests

from tests.server.serving import Served, serve
from tests.support.needs import needs
from tests.support.waiting import wait_until
from tests.worker.reports import example_report

MEMORY = ":memory:"
# A call that creates a file, or opens one to write to it.
WRITES = re.compile(
    r'(?:open|openat|creat)\([^"]*"([^"]+)", [^)]*O_(?:WRONLY|RDWR|CREAT)'
)
# Not files on a disk.
DEVICES = ("/dev/null", "/dev/tty", "/proc/")


def use(served: Served) -> str:
    """Send a report, read the statistics, and return the report's ID."""
    identity = str(uuid.uuid4())
    body = {**example_report(), "uuid": identity}
    for expected in (204, 429):
        answer = requests.post(f"{served.url}/report", json=body, timeout=30)
        assert answer.status_code == expected
    assert requests.get(f"{served.url}/stats", timeout=30).ok
    wait_until(lambda: "active installations" in served.read_log())
    return identity


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """An environment in which every usual place for files is empty and below *tmp_path*."""
    home = str(tmp_path)
    names = ("HOME", "TMPDIR", "SQLITE_TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {**os.environ, **dict.fromkeys(names, home), "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_receiver_in_memory_leaves_no_file(
    tmp_path: Path, folders: dict[str, str]
) -> None:
    with serve(MEMORY, environ=folders, cwd=tmp_path) as served:
        use(served)
        assert list(tmp_path.iterdir()) == []
        assert served.stop() == 0

    assert list(tmp_path.iterdir()) == []


@needs("strace")
def test_a_receiver_in_memory_opens_no_file_to_write_to_it(
    tmp_path: Path, folders: dict[str, str]
) -> None:
    trace = tmp_path / "trace"
    strace = ("strace", "-D", "-f", "-e", "trace=open,openat,creat", "-o", str(trace))
    with serve(MEMORY, wrapper=strace, environ=folders, cwd=tmp_path) as served:
        use(served)
        served.stop()
        wait_until(lambda: "+++ exited with 0 +++" in trace.read_text("utf-8"))

    opened = WRITES.findall(trace.read_text("utf-8"))
    assert [path for path in opened if not path.startswith(DEVICES)] == []


def test_a_receiver_in_memory_forgets_everything_when_it_ends() -> None:
    with serve(MEMORY) as served:
        body = {**example_report(), "uuid": use(served)}

    with serve(MEMORY) as served:
        answer = requests.post(f"{served.url}/report", json=body, timeout=30)
    assert answer.status_code == 204
