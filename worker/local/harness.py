"""A Worker on the real local runtime, for the length of a test run."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from worker.local import toolchain

_STOP_SECONDS = 20


class QueryFailedError(Exception):
    """D1 refused a statement; `str()` of it is what it said."""


class Harness:
    """A running Worker with an empty database of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url: str = self._hear()["url"].rstrip("/")

    def query(self, sql: str, *parameters: str | int | None) -> list[dict[str, Any]]:
        """Run one statement on the Worker's own D1 binding and give its rows.

        Raises:
            QueryFailedError: If D1 refuses it.
        """
        rows: list[dict[str, Any]] = self._ask({"sql": sql, "parameters": parameters})[
            "rows"
        ]
        return rows

    def run_cron(self, due: dt.datetime, cron: str = "") -> str:
        """Run the Worker's *cron* as if it were due at *due*; give how that ended."""
        milliseconds = round(due.timestamp() * 1000)
        outcome: str = self._ask({"due": milliseconds, "cron": cron})["outcome"]
        return outcome

    def logged(self) -> list[str]:
        """What the Worker has logged since it was last asked."""
        lines: list[str] = self._ask({"logs": True})["lines"]
        return lines

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101  # opened as a pipe, for mypy
        self._process.stdin.write(f"{json.dumps(message)}\n")
        self._process.stdin.flush()
        answer = self._hear()
        if "error" in answer:
            raise QueryFailedError(answer["error"])
        return answer

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101  # opened as a pipe, for mypy
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The Worker's runtime ended: see what it printed above.")
        message: dict[str, Any] = json.loads(line)
        return message


# The Worker as it is, without rate limits.
LOCAL: Mapping[str, Any] = {"configPath": "wrangler.jsonc", "env": "local"}


def harness(
    worker: Mapping[str, Any] = LOCAL,
) -> contextlib.AbstractContextManager[Harness]:
    """Start a Worker on a free port of loopback; stop it at the end.

    Args:
        worker: What wrangler's `createTestHarness` takes: a `configPath` and an
            `env`, or a whole `config`, with paths from the Worker's folder.
    """
    return speaking(Path(__file__).parent / "harness.mjs", worker)


@contextlib.contextmanager
def speaking(script: Path, argument: Mapping[str, Any]) -> Iterator[Harness]:
    """Run *script*, which speaks as harness.mjs does, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        process = subprocess.Popen(  # noqa: S603  # our own words
            [toolchain.NODE, "--no-warnings", script, json.dumps(argument)],
            cwd=toolchain.WORKER,
            env=toolchain.environment(Path(home), os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Harness(process)
        finally:
            # The end of its input ends Node, and Node ends workerd.
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=_STOP_SECONDS)
            if process.stdout is not None:
                process.stdout.close()
