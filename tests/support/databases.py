"""Starts real database servers for a test; they listen on a socket file only."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# The programs that each server needs on PATH.
POSTGRESQL = ("initdb", "postgres")
MARIADB = ("mariadb-install-db", "mariadbd", "mariadb-admin")
_START_SECONDS = 60
# PostgreSQL will not run as root.
_NOBODY = 65534
_SECRET = "canary-database-password"  # noqa: S105  # a canary


class ServerFailedError(Exception):
    """The server did not start; `str()` of it is what it printed."""


@contextlib.contextmanager
def postgresql() -> Iterator[dict[str, str]]:
    """Run PostgreSQL with an empty database; yield the variables that the host needs for it."""
    with _folder() as folder, _log(folder) as log:
        secret = folder / "secret"
        secret.write_text(f"{_SECRET}\n")
        _chown(folder)
        _run(
            *("initdb", "--pgdata", str(folder / "data"), "--username", "paperless"),
            *("--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync"),
            "--no-locale",  # LANG may name one that this machine lacks
        )
        server = _start(
            *("postgres", "-D", str(folder / "data"), "-k", str(folder)),
            *("-c", "listen_addresses=", "-c", "fsync=off"),
            log=log,
        )
        environ = {
            "PAPERLESS_DBHOST": str(folder),
            "PAPERLESS_DBNAME": "postgres",
            "PAPERLESS_DBPASS": _SECRET,
        }
        with _running(server, folder / ".s.PGSQL.5432", log):
            yield environ


@contextlib.contextmanager
def mariadb() -> Iterator[dict[str, str]]:
    """Run MariaDB with an empty database; yield the variables that the host needs for it."""
    with _folder() as folder, _log(folder) as log:
        socket = folder / "socket"
        _chown(folder)
        common = ("--no-defaults", f"--datadir={folder / 'data'}")
        _run(
            *(
                "mariadb-install-db",
                *common,
                "--auth-root-authentication-method=normal",
            ),
            "--skip-test-db",
        )
        first = folder / "first.sql"
        first.write_text(
            "CREATE DATABASE paperless CHARACTER SET utf8mb4;\n"
            f"CREATE USER paperless@localhost IDENTIFIED BY '{_SECRET}';\n"
            "GRANT ALL ON paperless.* TO paperless@localhost;\n"
        )
        first.chmod(0o644)
        server = _start(
            *("mariadbd", *common, "--skip-networking", f"--socket={socket}"),
            *(f"--init-file={first}", f"--pid-file={folder / 'pid'}"),
            log=log,
        )
        environ = {
            "DJANGO_SETTINGS_MODULE": "tests.support.mariadb_settings",
            "PAPERLESS_DBENGINE": "mariadb",
            "PAPERLESS_DBHOST": str(socket),
            "PAPERLESS_DBPASS": _SECRET,
        }
        with _running(server, socket, log):
            yield environ


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # In /tmp: the path of a socket may have at most 107 characters.
    name = tempfile.mkdtemp(prefix="database-", dir="/tmp")
    try:
        yield Path(name)
    finally:
        shutil.rmtree(name, ignore_errors=True)


@contextlib.contextmanager
def _log(folder: Path) -> Iterator[Path]:
    path = folder / "log"
    path.touch()
    yield path


def _chown(folder: Path) -> None:
    """Give *folder* to the user that the server runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, _NOBODY, _NOBODY)


def _user() -> int | None:
    return _NOBODY if os.geteuid() == 0 else None


def _run(*command: str) -> None:
    done = subprocess.run(
        command, user=_user(), capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        raise ServerFailedError(done.stdout + done.stderr)


def _start(*command: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            command, user=_user(), stdout=file, stderr=file, cwd="/"
        )


@contextlib.contextmanager
def _running(
    server: subprocess.Popen[bytes], socket: Path, log: Path
) -> Iterator[None]:
    end = time.monotonic() + _START_SECONDS
    with server:
        try:
            while not socket.exists():
                if server.poll() is not None or time.monotonic() > end:
                    raise ServerFailedError(log.read_text(errors="replace"))
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
