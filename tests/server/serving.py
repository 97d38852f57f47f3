"""Runs the command `usage-receiver`, as an operator does."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.waiting import MOST_SECONDS


class Served:
    """A server that runs. Its process is Node's, because the command replaces itself."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str]) -> None:
        self.process = process
        self._log = log
        assert process.stdout is not None
        self.url = process.stdout.readline().strip()

    def read_log(self) -> str:
        """Return all that the server has logged."""
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> int:
        """End it as a service manager does, and return its exit status."""
        self.process.terminate()
        return self.process.wait(MOST_SECONDS)


@contextlib.contextmanager
def serve(
    data: Path | str,
    *options: str,
    wrapper: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> Iterator[Served]:
    """Serve a receiver without rate limits on a free port until the end of the block.

    Args:
        data: The folder of the database, or `:memory:`.
        options: More options of `usage-receiver serve`.
        wrapper: A command that runs the server's command.
        environ: The environment.
        cwd: The current folder.
    """
    command = (sys.executable, "-m", "usage_receiver", "serve", "--data", str(data))
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(
            (*wrapper, *command, "--env", "local", "--port", "0", *options),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environ,
            cwd=cwd,
        ) as process,
    ):
        served = Served(process, log)
        try:
            assert served.url, served.read_log()
            yield served
        finally:
            if process.poll() is None:
                served.stop()


def attempt(
    command: str, data: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a command on the database in *data*, to its end."""
    # Another program of this machine may use the default port.
    port = ("--port", "0") if command == "serve" and "--port" not in arguments else ()
    command_line = (sys.executable, "-m", "usage_receiver", command, "--data", data)
    return subprocess.run(
        (*command_line, *port, *arguments),
        capture_output=True,
        text=True,
        check=False,
    )


def run(command: str, data: Path, *arguments: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    done = attempt(command, data, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout
