"""Keeps the Worker up on this machine, its database in a folder."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from worker.local import toolchain

DATABASE = "DB"
_LOCAL = ("--env", "local", "--local")
_READY = re.compile(r"Ready on (http://\S+)")
_STOP_SECONDS = 10


class RuntimeFailedError(Exception):
    """The runtime did not start; `str()` of it ends with what it printed last."""


def migrate(data: Path) -> None:
    """Bring the database in *data* up to date.

    Raises:
        RuntimeFailedError: If a migration fails.
    """
    _finish(
        *("d1", "migrations", "apply", DATABASE),
        *(*_LOCAL, "--persist-to", str(data)),
    )


def query(data: Path, sql: str) -> list[dict[str, Any]]:
    """Run *sql* on the database in *data* and give its rows.

    Raises:
        RuntimeFailedError: If it fails.
    """
    printed = _finish(
        *("d1", "execute", DATABASE, *_LOCAL, "--json"),
        *("--persist-to", str(data), "--command", sql),
    )
    rows: list[dict[str, Any]] = json.loads(printed)[0]["results"]
    return rows


@contextlib.contextmanager
def running(
    data: Path, port: int, log: TextIO
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the Worker on loopback; give its URL and its process.

    Args:
        data: The database's folder, already migrated.
        port: Where to listen; 0 takes a free port.
        log: Where a line for each request goes.

    Raises:
        RuntimeFailedError: If it does not start.
    """
    command = toolchain.wrangler(
        *("dev", *_LOCAL, "--ip", "127.0.0.1", "--port", str(port)),
        *("--inspector-port", "0", "--persist-to", str(data)),
        "--show-interactive-dev-session=false",
    )
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        process = subprocess.Popen(  # noqa: S603  # our own words
            command,
            cwd=toolchain.WORKER,
            env=toolchain.environment(Path(home), os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A group of its own: workerd is a child of Node and must end with it.
            start_new_session=True,
        )
        reader = threading.Thread(target=_pass_on, args=(process, log))
        with process:
            try:
                url = _wait_until_ready(process)
                reader.start()
                yield url, process
            finally:
                _stop(process)
                if reader.ident is not None:
                    reader.join()


def _wait_until_ready(process: subprocess.Popen[str]) -> str:
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if match := _READY.search(line):
            return match[1]
    raise RuntimeFailedError(f"The Worker did not start:\n{''.join(printed[-20:])}")


def _pass_on(process: subprocess.Popen[str], log: TextIO) -> None:
    """Read what the runtime still prints, so that it never waits for a reader."""
    for line in process.stdout or ():
        log.write(line)
        log.flush()


def _stop(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_STOP_SECONDS)
            # Node has ended; what is left of its group is workerd.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return


def _finish(*arguments: str) -> str:
    """Run wrangler to its end; give what it printed on standard output."""
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        done = subprocess.run(  # noqa: S603  # our own words
            toolchain.wrangler(*arguments),
            cwd=toolchain.WORKER,
            env={**toolchain.environment(Path(home), os.environ), "CI": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        raise RuntimeFailedError(f"wrangler {arguments[0]} failed:\n{said}")
    return done.stdout
