"""Runs the server and its commands: Node, with a project's receiver and its database."""

import errno
import fcntl
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

from usage_receiver import data, database, generate, node, settings, tree
from usage_receiver.restore import restore as restore_file

_SCRIPT = tree.WORKER / "server" / "main.ts"
_LOCK = "lock"


class ServerFailedError(Exception):
    """The server cannot start; `str()` of the error says what to do."""


def run(command: str, configured: dict[str, Any]) -> str:
    """Run *command* to its end and return its standard output.

    Raises:
        DataError: If the data folder cannot be used.
        NodeFailedError: If the command fails.
    """
    _prepare(configured)
    return node.run(_find_script(), _render(command, configured))


def replace_process(command: str, configured: dict[str, Any]) -> NoReturn:
    """Replace this process by Node, which then gets the signals and has the terminal.

    Raises:
        DataError: If the data folder cannot be used.
    """
    _prepare(configured)
    arguments = node.make_command(_find_script(), _render(command, configured))
    sys.stdout.flush()
    sys.stderr.flush()
    # In memory means that nothing is written.
    writes = configured["data"] != settings.MEMORY
    environ = node.make_environment(os.environ, writes=writes)
    os.execve(arguments[0], arguments, environ)  # noqa: S606  # no shell


def fill(configured: dict[str, Any], installations: int) -> str | None:
    """Store made-up reports of so many installations in an empty database, and count them.

    Returns:
        Why nothing was stored, if the database has reports.

    Raises:
        DataError: If the database is kept in memory.
        NodeFailedError: If the project cannot be imported.
    """
    folder = Path(configured["data"])
    run("migrate", configured)
    sample = generate.make_sample(Path(configured["project"]), installations)
    (row,) = data.run_sql(folder, sample["count"])
    if row["rows"]:
        return generate.describe_full_database(folder)
    data.run_sql(folder, sample["sql"])
    run("count", configured)
    return None


def restore(configured: dict[str, Any], file: Path) -> list[str]:
    """Make *file* the database of a folder, which this process has locked.

    Returns:
        Lines that say what was done.

    Raises:
        DataError: If there is a database, or *file* is not a whole one of this project.
    """
    return restore_file(
        *(Path(configured["data"]), file, Path(configured["migrations"])),
        lambda folder: run("purge", {**configured, "data": str(folder)}),
    )


def require_free(host: str, port: int) -> None:
    """Check that a server can listen at *host* and *port*, before it changes any database.

    Raises:
        ServerFailedError: If it cannot.
    """
    place = f"{host} port {port}"
    try:
        (family, *_, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family) as probe:
            # As Node does: connections that have ended are not in the way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except PermissionError:
        raise ServerFailedError(
            f"You may not listen on {place}. Choose a port from 1024 on with --port, and"
            " let a proxy listen on the other one."
        ) from None
    except socket.gaierror as error:
        raise ServerFailedError(
            f"{host} is not an address: {error.strerror}. Name one of this machine with"
            " --host, such as 127.0.0.1."
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServerFailedError(
                f"Another program listens on {place}. Stop it, or choose another port with"
                " --port; 0 takes a free one."
            ) from None
        raise ServerFailedError(
            f"Nothing can listen on {place}: {error.strerror}. Name an address of this"
            " machine with --host, such as 127.0.0.1."
        ) from None


def lock(configured: dict[str, Any]) -> None:
    """Keep others from serving or restoring this database, until Node ends, too.

    Raises:
        ServerFailedError: If another process does.
        OSError: If the folder cannot be used.
    """
    if configured["data"] == settings.MEMORY:
        return
    folder = Path(configured["data"])
    if not folder.is_dir():
        database.refuse(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(folder / _LOCK, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ServerFailedError(
            f"Another process serves or restores the database in {folder}. Stop it"
            " first, or name another folder with --data."
        ) from None
    os.set_inheritable(descriptor, True)  # noqa: FBT003  # positional only


def _prepare(configured: dict[str, Any]) -> None:
    if configured["data"] != settings.MEMORY:
        data.prepare(Path(configured["data"]), Path(configured["migrations"]))


def _find_script() -> Path:
    """Return the path of main.ts, which is JavaScript in the wheel."""
    return _SCRIPT if _SCRIPT.exists() else _SCRIPT.with_suffix(".js")


def _render(command: str, configured: dict[str, Any]) -> str:
    return json.dumps({"command": command, **configured})
