"""Runs a receiver during a test run, on the server or on Cloudflare's local runtime."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from usage_receiver import configuration, data, node, settings
from worker.local import packages, toolchain

_FOLDER = Path(__file__).parent
_STOP_SECONDS = 20


class QueryFailedError(Exception):
    """The database refused a statement; `str()` of the error is what it said."""


class Harness:
    """A running receiver with an empty database of its own."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str] | None) -> None:
        self._process = process
        self._log = log
        # Node, and workerd.
        self.process_group = process.pid
        self.url: str = self._receive()["url"].rstrip("/")

    def query(self, sql: str, *parameters: str | int | None) -> list[dict[str, Any]]:
        """Run one statement on the receiver's own database and return its rows.

        Raises:
            QueryFailedError: If the database refuses it.
        """
        answer = self._request({"sql": sql, "parameters": parameters})
        rows: list[dict[str, Any]] = answer["rows"]
        return rows

    def run_cron(self, due: dt.datetime, cron: str = "") -> str:
        """Do the daily work as if it were due at *due*, and return its outcome.

        Args:
            due: The time.
            cron: The cron's name on Cloudflare; an entry point of a test may read it.
        """
        milliseconds = round(due.timestamp() * 1000)
        outcome: str = self._request({"due": milliseconds, "cron": cron})["outcome"]
        return outcome

    def read_log(self) -> list[str]:
        """Return the lines that the receiver has logged since the last call.

        The server's own line on each request is not among them.
        """
        lines: list[str] = self._request({"logs": True})["lines"]
        if self._log is None:
            return lines
        written = self._log.read().splitlines()
        return [json.loads(it)["message"] for it in written if '"message":' in it]

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
            output = "Its output is above." if self._log is None else self._log.read()
            raise RuntimeError(f"The receiver's runtime ended. {output}")
        message: dict[str, Any] = json.loads(line)
        return message


# The environment `local`: no rate limits, never deployed.
LOCAL: Mapping[str, Any] = {"configPath": "wrangler.jsonc", "env": "local"}


def run_worker(
    worker: Mapping[str, Any] = LOCAL,
    project: Path = configuration.PAPERLESS_NGX,
    runtime: str | None = None,
) -> contextlib.AbstractContextManager[Harness]:
    """Run a receiver on a free port of loopback until the end of the block.

    Args:
        worker: The argument of wrangler's `createTestHarness`: a `configPath` and an
            `env`, or a whole `config`.
        project: The project's folder, to which paths in *worker* are relative.
        runtime: `server` or `cloudflare`; by default, what pytest's `--runtime` names.
    """
    if (runtime or os.environ.get("USAGE_RUNTIME", "server")) == "cloudflare":
        return run_script(_FOLDER / "harness.mjs", worker, project)
    return _run_server(
        worker.get("config")
        or configuration.read_environment(worker.get("env"), project),
        project,
    )


@contextlib.contextmanager
def run_script(
    script: Path,
    argument: Mapping[str, Any],
    project: Path = configuration.PAPERLESS_NGX,
) -> Iterator[Harness]:
    """Run *script*, which uses the protocol of harness.mjs, until the end of the block."""
    toolchain.link_packages(project)
    command = [str(toolchain.NODE), "--no-warnings", str(script), json.dumps(argument)]
    home_folder = tempfile.TemporaryDirectory(prefix="worker-home-")
    with packages.hold(), home_folder as home:
        environment = toolchain.clean_environment(Path(home), os.environ)
        with _run(command, project, environment) as harness:
            yield harness


@contextlib.contextmanager
def _run_server(config: Mapping[str, Any], project: Path) -> Iterator[Harness]:
    """Run the project in the folder *project* on the server, from its wrangler.jsonc."""
    with tempfile.TemporaryDirectory(prefix="receiver-") as name:
        options = {
            "entry": str(_FOLDER / "server-entry.mjs"),
            "host": "127.0.0.1",
            "port": 0,
            "cron": None,
            "durability": "normal",
            "trustedProxies": ["127.0.0.1"],
            "secretFile": None,
            "local": False,
        }
        folder = Path(name, "data")
        configured = settings.build_settings(config, project, str(folder), options)
        data.prepare(folder, Path(configured["migrations"]))
        script = _FOLDER / "server-harness.mjs"
        command = node.make_command(script, json.dumps(configured))
        environment = {
            **node.make_environment(os.environ),
            "TEST_ENTRY": str(project / config["main"]),
        }
        file = Path(name, "log")
        with (
            file.open("a", encoding="utf-8") as written,
            file.open(encoding="utf-8") as log,
            _run(command, project, environment, written, log) as harness,
        ):
            yield harness


@contextlib.contextmanager
def _run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stderr: IO[str] | None = None,
    log: IO[str] | None = None,
) -> Iterator[Harness]:
    """Run *command* in *folder*. If its standard error is a file, *log* reads that."""
    process = subprocess.Popen(  # noqa: S603  # no argument comes from a user
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        # Its own process group, so that killing it also kills workerd, a child of Node.
        start_new_session=True,
    )
    with process:
        try:
            yield Harness(process, log)
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
