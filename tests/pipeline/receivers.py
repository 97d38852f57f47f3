"""Runs the receiver as an operator does: on this machine, with Node and SQLite."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.pipeline import commands

_SERVE = ("-m", "usage_receiver", "serve", "--env", "local", "--port", "0")


@contextlib.contextmanager
def run(data: Path, log: Path) -> Iterator[str]:
    """Run the receiver of paperless-ngx until the end of the block; yield its URL.

    Args:
        data: The folder of its database.
        log: Gets a line of JSON for each request.

    Raises:
        CommandFailedError: If it does not start.
    """
    url, process = start(data, log)
    with process:
        try:
            yield url
        finally:
            process.terminate()


def start(data: Path, log: Path, *options: str) -> tuple[str, subprocess.Popen[str]]:
    """Start the receiver, detached from the terminal; return its URL and its process.

    Raises:
        CommandFailedError: If it does not start.
    """
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            (sys.executable, *_SERVE, "--data", data, *options),
            cwd=commands.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    # Its first line, and nothing after it.
    url = process.stdout.readline().strip() if process.stdout else ""
    if not url:
        process.communicate()
        raise commands.CommandFailedError(log.read_text(encoding="utf-8"))
    return url, process
