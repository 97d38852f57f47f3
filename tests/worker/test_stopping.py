"""`nox -s serve` ends everything that it has started, and not before that has ended."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import pages

pytestmark = pytest.mark.slow

# Each runtime, and the processes that it needs.
SERVER = ("server", ["nox", "node"])
WORKERD = ("cloudflare", ["nox", "python", "node", "workerd"])


@pytest.fixture
def sigint(request: pytest.FixtureRequest) -> Iterator[None]:
    """What processes inherit for SIGINT."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


def find_processes(mark: str) -> list[int]:
    """Return the IDs of the processes that have *mark* in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.mark.usefixtures("sigint")
@pytest.mark.parametrize(
    ("sigint", "runtime", "processes"),
    [
        pytest.param(signal.default_int_handler, *SERVER, id="server"),
        pytest.param(signal.default_int_handler, *WORKERD, marks=pytest.mark.nightly),
        # A shell starts background jobs with SIGINT ignored.
        pytest.param(signal.SIG_IGN, *WORKERD, id="cloudflare, in the background"),
    ],
    indirect=["sigint"],
)
def test_sigterm_to_nox_ends_every_process(
    tmp_path: Path, runtime: str, processes: list[str]
) -> None:
    mark = f"STARTED_BY={tmp_path}"
    data = str(tmp_path / "data")
    options = ("--port", "0", "--data", data, "--runtime", runtime)
    process = subprocess.Popen(
        (sys.executable, "-m", "nox", "-s", "serve", "--", *options),
        cwd=pages.ROOT,
        env={**os.environ, "STARTED_BY": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        started = find_processes(mark)

        process.terminate()
        process.communicate(timeout=60)

    left = find_processes(mark)
    for number in left:
        os.kill(number, signal.SIGKILL)
    assert len(started) == len(processes)
    assert left == []
