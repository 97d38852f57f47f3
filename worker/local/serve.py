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
from typing import TextIO

from usage_receiver import configuration, generate
from worker.local import database, toolchain, wrangler

_SCRIPT = Path(__file__).with_name("serve.mjs")
_READY = re.compile(r"Ready on (http://\S+)")
_STOP_SECONDS = 10


def migrate(data: Path, project: Path = configuration.PAPERLESS_NGX) -> None:
    """Apply the new migrations of *project* to the database in *data*.

    Raises:
        RuntimeFailedError: If a migration fails.
    """
    arguments = ("d1", "migrations", "apply", database.BINDING)
    wrangler.read_output(project, *arguments, *database.locate(data))


def fill(data: Path, installations: int, project: Path) -> str | None:
    """Store made-up reports of so many installations in the empty database in *data*.

    Returns:
        Why nothing was stored, if the database has reports.

    Raises:
        GenerationFailedError: If the project cannot be imported.
        RuntimeFailedError: If this fails.
    """
    sample = generate.make_sample(project, installations)
    (row,) = database.query(data, sample["count"], project)
    if row["rows"]:
        return generate.describe_full_database(data)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".sql") as file:
        file.write(sample["sql"])
        file.flush()
        database.execute_file(data, Path(file.name), project)
    return None


def count(data: Path, log: TextIO, project: Path = configuration.PAPERLESS_NGX) -> None:
    """Run the daily count now, on the database in *data*, which may be in use.

    Raises:
        RuntimeFailedError: If it fails.
    """
    with _start(data, 0, project, count=True) as process:
        try:
            _copy_output(process, log)
            process.wait()
        finally:
            _stop(process)
    if process.returncode:
        raise wrangler.RuntimeFailedError("The count failed. Its output is above.")


@contextlib.contextmanager
def run_server(
    data: Path,
    port: int,
    log: TextIO,
    project: Path = configuration.PAPERLESS_NGX,
    *,
    secret_file: Path | None = None,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the Worker on loopback until the end of the block; yield its URL and process.

    Args:
        data: The database's folder, already migrated.
        port: The port to listen on; 0 takes a free one.
        log: Gets a line for each request.
        project: The project's folder.
        secret_file: Contains the operator's secret; without it, there is no such view.

    Raises:
        RuntimeFailedError: If it does not start.
    """
    with _start(data, port, project, count=False, secret_file=secret_file) as process:
        reader = threading.Thread(target=_copy_output, args=(process, log))
        try:
            url = _wait_until_ready(process)
            reader.start()
            yield url, process
        finally:
            _stop(process)
            if reader.ident is not None:
                reader.join()


@contextlib.contextmanager
def _start(
    data: Path,
    port: int,
    project: Path,
    *,
    count: bool,
    secret_file: Path | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Bundle the Worker and start serve.mjs; wait for its end after the block."""
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        bundle = Path(home, "bundle")
        wrangler.read_output(
            project, "deploy", "--env", "local", "--dry-run", "--outdir", str(bundle)
        )
        argument = {
            "config": configuration.wrangler_file(project).name,
            "bundle": str(bundle),
            "data": str(data),
            "port": port,
            "count": count,
            # The path: the arguments of a process are no secret.
            "secretFile": None if secret_file is None else str(secret_file),
        }
        with subprocess.Popen(  # noqa: S603  # no argument comes from a user
            [toolchain.NODE, "--no-warnings", _SCRIPT, json.dumps(argument)],
            cwd=project,
            env=toolchain.clean_environment(Path(home), os.environ),
            # It ends when this process does, even if that is killed.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Its own process group, so that stopping it also stops workerd, a child of Node.
            start_new_session=True,
        ) as process:
            yield process


def _wait_until_ready(process: subprocess.Popen[str]) -> str:
    printed = []
    for line in process.stdout or ():
        printed.append(line)
        if match := _READY.search(line):
            return match[1]
    raise wrangler.RuntimeFailedError(
        f"The Worker did not start:\n{''.join(printed[-20:])}"
    )


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
