"""Runs a Worker on the real local runtime during a test run."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from usage_receiver import configuration
from worker.local import packages, toolchain

_STOP_SECONDS = 20


class QueryFailedError(Exception):
    """D1 refused a statement; `str()` of the error is what D1 said."""


class Harness:
    """A running Worker with an empty database of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        # Node and workerd.
        self.process_group = process.pid
        self.url: str = self._receive()["url"].rstrip("/")

    def query(self, sql: str, *parameters: str | int | None) -> list[dict[str, Any]]:
        """Run one statement on the Worker's own D1 binding and return its rows.

        Raises:
            QueryFailedError: If D1 refuses it.
        """
        answer = self._request({"sql": sql, "parameters": parameters})
        rows: list[dict[str, Any]] = answer["rows"]
        return rows

    def run_cron(self, due: dt.datetime, cron: str = "") -> str:
        """Run the Worker's *cron* as if it were due at *due*, and return its outcome."""
        milliseconds = round(due.timestamp() * 1000)
        outcome: str = self._request({"due": milliseconds, "cron": cron})["outcome"]
        return outcome

    def read_log(self) -> list[str]:
        """Return the lines that the Worker has logged since the last call."""
        lines: list[str] = self._request({"logs": True})["lines"]
        return lines

    def _request(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101  # opened as a pipe, for mypy
        self._process.stdin.write(f"{json.dumps(message)}\n")
        self._process.stdin.flush()
        answer = self._receive()
        if "error" in answer:
            raise QueryFailedError(answer["error"])
        return answer

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101  # opened as a pipe, for mypy
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The Worker's runtime ended. Its output is above.")
        message: dict[str, Any] = json.loads(line)
        return message


# The environment `local`: no rate limits, never deployed.
LOCAL: Mapping[str, Any] = {"configPath": "wrangler.jsonc", "env": "local"}


def run_worker(
    worker: Mapping[str, Any] = LOCAL, project: Path = configuration.PAPERLESS_NGX
) -> contextlib.AbstractContextManager[Harness]:
    """Run a Worker on a free port of loopback until the end of the block.

    Args:
        worker: The argument of wrangler's `createTestHarness`: a `configPath` and an
            `env`, or a whole `config`.
        project: The project's folder, to which paths in *worker* are relative.
    """
    return run_script(Path(__file__).parent / "harness.mjs", worker, project)


@contextlib.contextmanager
def run_script(
    script: Path,
    argument: Mapping[str, Any],
    project: Path = configuration.PAPERLESS_NGX,
) -> Iterator[Harness]:
    """Run *script*, which uses the protocol of harness.mjs, until the end of the block."""
    toolchain.link_packages(project)
    home_folder = tempfile.TemporaryDirectory(prefix="worker-home-")
    with packages.hold(), home_folder as home:
        process = subprocess.Popen(  # noqa: S603  # no argument comes from a user
            [toolchain.NODE, "--no-warnings", script, json.dumps(argument)],
            cwd=project,
            env=toolchain.clean_environment(Path(home), os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Its own process group, so that killing it also kills workerd, a child of Node.
            start_new_session=True,
        )
        with process:
            try:
                yield Harness(process)
            finally:
                _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """Close the input of Node, which then ends workerd and itself.

    Raises:
        subprocess.TimeoutExpired: If they do not end in time; they are killed.
    """
    try:
        process.communicate(timeout=_STOP_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
