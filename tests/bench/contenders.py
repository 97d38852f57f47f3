"""Starts the receivers that are compared on one machine, each with a database of its own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from paperless_report import contract
from tests.bench import load
from tests.bench.runtime import run_bundle
from tests.pipeline import commands
from usage_receiver import configuration

OURS, FULL, CLOUDFLARE = "ours, NORMAL", "ours, FULL", "ours on workerd"
FASTAPI, DJANGO = "FastAPI", "Django"
PEERS = (FASTAPI, DJANGO)
DURABILITIES = {OURS: "normal", FULL: "full"}

_RIVALS = Path(__file__).with_name("rivals")
_SPEC = _RIVALS / "migrations" / "0001_spec.sql"
_PEERS_PACKAGES = ("fastapi", "uvicorn[standard]", "gunicorn", "Django")
_START_SECONDS = 60
FILE = "receiver.sqlite"
# How many installations one statement adds.
_STEP = 50_000
_COLUMNS = """received, uuid, version, channel, "commit", build_date, install_type, arch, python,
  database, doc_bucket, multi_user, feature_mail, feature_ai"""
# Adds a report of each of the installations ?1 to before ?2, with the IDs of `_make_id`: at least
# eight days old, spread over a year, and with values that occur in real reports.
_ADD_REPORTS = f"""
INSERT INTO reports ({_COLUMNS})
WITH RECURSIVE n (i) AS (SELECT ?1 WHERE ?1 < ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', 'now', '-' || (8 + i % 350) || ' days'),
  printf('%08x-0000-4000-8000-%012x', i * 2654435761 % 4294967296, i),
  '2.' || i % 20 || '.' || i / 7 % 6,
  CASE i % 20 WHEN 0 THEN 'beta' WHEN 1 THEN 'dev' ELSE 'stable' END,
  printf('%09x', i % 100 * 7919), '2025-01-01T00:00:00Z',
  CASE i / 3 % 10 WHEN 0 THEN 'kubernetes' WHEN 1 THEN 'source' ELSE 'docker' END,
  CASE i / 5 % 10 WHEN 0 THEN 'aarch64' WHEN 1 THEN 'armv7l' ELSE 'x86_64' END,
  '3.' || (11 + i / 11 % 3) || '.3', CASE i / 13 % 8 WHEN 0 THEN 'sqlite3' ELSE 'postgresql' END,
  CASE i / 17 % 5 WHEN 0 THEN '0-99' ELSE '1000-9999' END, i / 19 % 2, i / 23 % 2, i / 29 % 2
FROM n
"""  # noqa: S608  # our own names
# The latest reports, as the receiver would have stored them.
_ADD_INSTALLATIONS = """
INSERT INTO installations (uuid, received, version, channel, "commit", install_type, arch, python,
  database, doc_bucket, multi_user, feature_mail, feature_ai)
SELECT uuid, received, version, channel, "commit", install_type, arch, python, database,
  doc_bucket, multi_user, feature_mail, feature_ai
FROM reports ORDER BY uuid
"""
_INDEX_UUID = "CREATE INDEX idx_reports_uuid_received ON reports (uuid, received)"


@dataclass(frozen=True)
class Running:
    """A receiver that answers: where, and the group of its processes."""

    url: str
    process_group: int


def install(folder: Path) -> Path:
    """Install our wheel and the peers in an environment; return the folder of its programs."""
    programs = folder / "environment" / "bin"
    if not (programs / "usage-receiver").exists():
        commands.run(
            *(sys.executable, "-m", "hatchling", "build", "--target", "wheel"),
            *("--directory", folder),
            folder=commands.ROOT / "usage_receiver",
        )
        uv = (sys.executable, "-m", "uv", "--quiet")
        commands.run(*uv, "venv", programs.parent)
        commands.run(
            *(*uv, "pip", "install", "--python", programs.parent),
            *("--constraint", commands.ROOT / "constraints.txt"),
            *_PEERS_PACKAGES,
            *folder.glob("usage_receiver-*.whl"),
        )
    return programs


@dataclass(frozen=True)
class Machine:
    """Runs every receiver but the one on workerd.

    Attributes:
        programs: The folder of our program and of the peers'.
        workers: How many processes each peer starts.
    """

    programs: Path
    workers: Mapping[str, int]

    @contextlib.contextmanager
    def run(self, name: str, data: Path, *options: str | Path) -> Iterator[Running]:
        """Run the receiver *name* on a folder that `fill` has filled.

        Our own takes more *options*. It makes the folder if there is none.
        """
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with data.with_suffix(".log").open("w") as output:
            process = subprocess.Popen(
                (*self._make_command(name, data, port), *options),
                cwd=_RIVALS if name in PEERS else commands.ROOT,
                env={**os.environ, "DATABASE": str(data / FILE)},
                stdout=output,
                stderr=output,
                # A process group of its own, whose CPU time and memory are read.
                start_new_session=True,
            )
        with process:
            try:
                _wait_for_answer(process, port)
                yield Running(f"http://127.0.0.1:{port}", process.pid)
            finally:
                os.killpg(process.pid, signal.SIGTERM)

    def fill(self, name: str, data: Path, rows: int) -> Path:
        """Make the folder *data* with a database of *rows* reports, one of each installation."""
        shutil.rmtree(data, ignore_errors=True)
        path = data / FILE
        if name in PEERS:
            data.mkdir()
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.executescript(_SPEC.read_text(encoding="utf-8"))
        else:
            with self.run(name, data):
                pass  # It has made its tables.
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                "PRAGMA cache_size = -1000000; BEGIN"
            )
            if name in PEERS:
                database.execute(_ADD_REPORTS, (0, rows))
            else:
                # Sorting all rows once takes less time than keeping an index sorted.
                database.execute("DROP INDEX idx_reports_uuid_received")
                database.execute(_ADD_REPORTS, (0, rows))
                database.execute(_INDEX_UUID)
                database.execute(_ADD_INSTALLATIONS)
            database.execute("COMMIT")
        return data

    def _make_command(self, name: str, data: Path, port: int) -> tuple[str | Path, ...]:
        if name == FASTAPI:
            return (
                *(self.programs / "uvicorn", "fastapi_receiver:app"),
                *("--port", str(port), "--workers", str(self.workers[name])),
                *("--no-access-log", "--log-level", "warning"),
            )
        if name == DJANGO:
            return (
                *(
                    self.programs / "gunicorn",
                    "django_receiver",
                    "--log-level",
                    "error",
                ),
                *("--bind", f"127.0.0.1:{port}", "--workers", str(self.workers[name])),
                *("--worker-class", "gthread", "--threads", "2"),
            )
        return (
            *(self.programs / "usage-receiver", "serve", "--env", "local"),
            *("--data", data, "--port", str(port)),
            *("--durability", DURABILITIES[name]),
        )


@contextlib.contextmanager
def run_cloudflare(rows: int) -> Iterator[Running]:
    """Run ours on workerd, with *rows* reports in its database."""
    project = configuration.PAPERLESS_NGX
    with run_bundle(project / "worker.ts", project / "migrations") as worker:
        for first in range(0, rows, _STEP):
            worker.query(_ADD_REPORTS, first, min(first + _STEP, rows))
        yield Running(worker.url, worker.process_group)


def _wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a request gets an answer.

    Raises:
        RuntimeError: If the process ends, or does not answer in time.
    """
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            load.send(
                f"http://127.0.0.1:{port}",
                [load.build_request("GET", "/health", b"", {})],
                connections=1,
            )
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start.")


_EXAMPLE = {
    name: it.schema["examples"][0] for name, it in contract.load_fields().items()
}


def make_bodies(first: int, count: int) -> list[bytes]:
    """Make a report of each of *count* installations."""
    return [make_body(it) for it in range(first, first + count)]


def make_body(installation: int) -> bytes:
    """Make a report with every field."""
    return json.dumps({**_EXAMPLE, "uuid": _make_id(installation)}).encode()


def _make_id(installation: int) -> str:
    """Return an ID that differs in its first digits, as random IDs do."""
    mixed = installation * 2654435761 % 2**32
    return f"{mixed:08x}-0000-4000-8000-{installation:012x}"
