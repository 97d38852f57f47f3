"""Runs `usage-receiver serve` as operators do, in a process and a folder of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_STOP_SECONDS = 30


@contextlib.contextmanager
def run_receiver(folder: Path, project: Path, *options: str) -> Iterator[str]:
    """Serve *project* on a free port with *options*; all that it writes is in *folder*.

    The database is in `data`, the log is `receiver.log`.

    Yields:
        The receiver's URL.
    """
    with (folder / "receiver.log").open("wb") as log:
        process = subprocess.Popen(
            (
                *(sys.executable, "-m", "usage_receiver", "serve", "--port", "0"),
                *("--project", str(project), "--data", "data", *options),
            ),
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "The receiver has ended; its log says why."
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(_STOP_SECONDS) == 0
