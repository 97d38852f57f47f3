"""Servers and task queues with several processes count exactly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.report.tallies import read_sums

ROOT = Path(__file__).parents[2]
HOST = """
import os
from pathlib import Path
from tests.report.tallies import make_counters
FOLDER = Path(os.environ["FOLDER"])
counters = make_counters(FOLDER / "sums")
counters.count("command", "start")
"""
WSGI = """
def app(environ, start_response):
    counters.count("command", "add")
    start_response("204 No Content", [])
    return []
"""
# uvicorn ends its workers by a signal after this: functions of atexit are not called.
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        counters.flush()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        counters.count("command", "add")
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})
"""
CELERY = """
import celery, celery.signals
app = celery.Celery(broker="filesystem://", set_as_current=False)
app.conf.broker_transport_options = {
    "data_folder_in": FOLDER / "queue",
    "data_folder_out": FOLDER / "queue",
    "control_folder": FOLDER / "control",
    "polling_interval": 0.02,
}

@app.task(name="add")
def add():
    counters.count("command", "add")
    (FOLDER / f"done-{os.urandom(8).hex()}").touch()

@celery.signals.worker_ready.connect
def send_tasks(**_):
    for _ in range(20):
        add.delay()
"""


@contextmanager
def host(code: str, folder: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of Python in *folder*, which serves the module `program`."""
    (folder / "program.py").write_text(HOST + code, "utf-8")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", *command),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{folder}:{ROOT}",
                "FOLDER": str(folder),
            },
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(
    is_reached: Callable[[], bool], process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + 60
    while not is_reached():
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.05)


def request(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(100)


def is_serving(path: Path) -> bool:
    try:
        return bool(request(path))
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "command", "starts"),
    [
        (WSGI, ("gunicorn", "--preload", "-w2", "-bunix:{}", "program:app"), 1),
        pytest.param(
            *(ASGI, ("uvicorn", "--workers=2", "--uds={}", "program:app"), 2),
            marks=pytest.mark.nightly,
        ),
    ],
    ids=["gunicorn", "uvicorn"],
)
def test_a_server_with_two_processes_counts_each_request(
    code: str, command: tuple[str, ...], starts: int, tmp_path: Path
) -> None:
    path = tmp_path / "socket"
    with host(code, tmp_path, *(it.format(path) for it in command)) as process:
        wait_for(lambda: is_serving(path), process, tmp_path / "log")
        assert all(request(path).startswith(b"HTTP/1.") for _ in range(99))

    assert read_sums(tmp_path / "sums") == {
        ("command", '{"name":"start"}', "count"): starts,
        ("command", '{"name":"add"}', "count"): 100,
    }, (tmp_path / "log").read_text("utf-8")


@pytest.mark.nightly
def test_the_processes_of_celerys_pool_count_each_task(tmp_path: Path) -> None:
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    command = (
        *("celery", "-A", "program", "worker", "--concurrency=2"),
        *("--max-tasks-per-child=5", "--without-gossip", "--without-mingle"),
    )
    with host(CELERY, tmp_path, *command) as process:
        wait_for(
            lambda: len([*tmp_path.glob("done-*")]) == 20, process, tmp_path / "log"
        )

    assert read_sums(tmp_path / "sums") == {
        ("command", '{"name":"start"}', "count"): 1,
        ("command", '{"name":"add"}', "count"): 20,
    }, (tmp_path / "log").read_text("utf-8")
