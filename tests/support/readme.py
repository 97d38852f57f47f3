"""Runs the commands of a project's README, from serving its receiver to its statistics."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support import pages

_NOX = re.compile(r"^\.venv/bin/nox -s (\S+) --", re.MULTILINE)
_INSTALLED = re.compile(r"^usage-receiver(?= )", re.MULTILINE)
_SECRET = re.compile(r"(?<![\w-])operator-secret(?![\w-])")
_PORT = "8787"
_STOP_SECONDS = 60


def run_readme(page: str, folder: Path, place: Path = pages.ROOT) -> dict[str, str]:
    """Run every command of *page* in its order; return what each printed, by command.

    A session of nox that runs `worker.local` is that command here, without an environment
    of its own, in the root of this repository. `usage-receiver` is the package's module,
    and runs in *place* until the page changes the folder. The receiver listens on a free port instead of 8787 until the last command
    has ended, and keeps its database and the operator's secret in *folder*.
    """
    printed: dict[str, str] = {}
    url = f"http://127.0.0.1:{_PORT}"
    with contextlib.ExitStack() as running:
        for command in pages.commands(page):
            line = re.sub(r"(?<=--data )\S+", str(folder / "data"), command)
            line = _SECRET.sub(str(folder / "operator-secret"), line)
            if line.startswith("cd "):
                place /= line.removeprefix("cd ")
                printed[command] = ""
                continue
            where = pages.ROOT if _NOX.match(line) else place
            line = _NOX.sub(rf"{sys.executable} -m worker.local \1", line)
            line = _INSTALLED.sub(f"{sys.executable} -m usage_receiver", line)
            if " serve " in line:
                url = running.enter_context(_serve(line.replace(_PORT, "0"), where))
                printed[command] = url
            else:
                local = line.replace(f"http://127.0.0.1:{_PORT}", url)
                printed[command] = pages.run_commands(
                    where, local, environ={"NO_PROXY": "*"}
                )
    return printed


@contextlib.contextmanager
def _serve(command: str, place: Path) -> Iterator[str]:
    """Run *command* in *place*, where it serves until Ctrl-C, and yield its URL."""
    with subprocess.Popen(
        shlex.split(command),
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C in a terminal reaches every process of the group.
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), f"{command} did not start."
            yield url
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(_STOP_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
