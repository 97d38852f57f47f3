"""Serves a project's Worker on this machine, with its database in a folder."""

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

from worker.local import configuration, toolchain

DATABASE = "DB"
_LOCAL = ("--env", "local", "--local")
_READY = re.compile(r"Ready on (http://\S+)")
_STOP_SECONDS = 10


class RuntimeFailedError(Exception):
    """The runtime failed; `str()` of the error ends with its last output."""


def migrate(data: Path, project: Path = configuration.PAPERLESS_NGX) -> None:
    """Apply the new migrations of *project* to the database in *data*.

    Raises:
        RuntimeFailedError: If a migration fails.
    """
    _run(
        project,
        *("d1", "migrations", "apply", DATABASE),
        *(*_LOCAL, "--persist-to", str(data)),
    )


def query(
    data: Path, sql: str, project: Path = configuration.PAPERLESS_NGX
) -> list[dict[str, Any]]:
    """Run *sql* on the database in *data* and return its rows.

    Raises:
        RuntimeFailedError: If it fails.
    """
    printed = _run(
        project,
        *("d1", "execute", DATABASE, *_LOCAL, "--json"),
        *("--persist-to", str(data), "--command", sql),
    )
    rows: list[dict[str, Any]] = json.loads(printed)[0]["results"]
    return rows


@contextlib.contextmanager
def run_server(
    data: Path,
    port: int,
    log: TextIO,
    project: Path = configuration.PAPERLESS_NGX,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the Worker on loopback until the end of the block; yield its URL and process.

    Args:
        data: The database's folder, already migrated.
        port: The port to listen on; 0 takes a free one.
        log: Gets a line for each request.
        project: The project's folder.

    Raises:
        RuntimeFailedError: If it does not start.
    """
    command = toolchain.wrangler(
        *("dev", *_LOCAL, "--ip", "127.0.0.1", "--port", str(port)),
        *("--inspector-port", "0", "--persist-to", str(data)),
        "--show-interactive-dev-session=false",
    )
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        process = subprocess.Popen(  # noqa: S603  # no argument comes from a user
            command,
            cwd=project,
            env=toolchain.clean_environment(Path(home), os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Its own process group, so that stopping it also stops workerd, a child of Node.
            start_new_session=True,
        )
        reader = threading.Thread(target=_copy_output, args=(process, log))
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


def _copy_output(process: subprocess.Popen[str], log: TextIO) -> None:
    """Copy the rest of the output, so that the runtime never waits for a reader."""
    for line in process.stdout or ():
        log.write(line)
        log.flush()


def _stop(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_STOP_SECONDS)
            # Node has ended. If anything is left of its group, it is workerd.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return


def _run(project: Path, *arguments: str) -> str:
    """Run wrangler in the folder of *project* and return its standard output."""
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        done = subprocess.run(  # noqa: S603  # no argument comes from a user
            toolchain.wrangler(*arguments),
            cwd=project,
            env={**toolchain.clean_environment(Path(home), os.environ), "CI": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        output = f"{done.stdout}{done.stderr}".strip()
        raise RuntimeFailedError(f"wrangler {arguments[0]} failed:\n{output}")
    return done.stdout
