"""Measures the rows and bytes that one project's receiver uses."""

import contextlib
import datetime as dt
import json
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.bench.traffic import DAY, TRAFFIC, Build, Message, Request
from tests.worker.database import split_statements
from usage_receiver import configuration
from worker.local import toolchain
from worker.local.harness import Harness, run_worker

# The size of the database that the daily runs and the bytes are measured with.
SAMPLE, COPIES = 400, 24
INSTALLATIONS = SAMPLE * (COPIES + 1)
RUNS, YEAR = 30, 365
# An ordinary day: not the first one of an installation, and not one of the daily runs below.
_NOW = dt.datetime(2026, 12, 15, 12, tzinfo=dt.UTC)
_FIRST_RUN = dt.datetime(2027, 1, 1, 3, 17, tzinfo=dt.UTC)
PROJECTS = configuration.PAPERLESS_NGX.parent
_TESTS = Path(__file__).parents[1]
_SAMPLE = toolchain.WORKER / "local" / "sample.mjs"


@dataclass(frozen=True)
class Store:
    """Where a project's receiver keeps its installations.

    Attributes:
        name: The project's name.
        table: The table with a row for each installation.
        key: Its column with the ID.
        last: Its column with the time or day of the last report.
        reports: The table of all reports, if there is one.
    """

    name: str
    table: str
    key: str
    last: str
    reports: str | None = None


STORES = {
    "paperless-ngx": Store(
        "paperless-ngx", "installations", "uuid", "received", "reports"
    ),
    "manyfold": Store("Manyfold", "installations", "id", "last_day"),
    "codegraph": Store("codegraph", "machines", "machine_id", "last_day"),
    "octoprint": Store("OctoPrint", "instances", "id", "last_day"),
    "printernizer": Store(
        "Printernizer", "installations", "installation.installation_id", "last_day"
    ),
}


@dataclass(frozen=True)
class Rows:
    """Rows that D1 read and wrote."""

    read: float = 0
    written: float = 0

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(self.read + other.read, self.written + other.written)

    def __mul__(self, factor: float) -> "Rows":
        return Rows(self.read * factor, self.written * factor)


@dataclass(frozen=True)
class Measured:
    """What one project's receiver uses.

    Attributes:
        messages: The rows of each message.
        bytes_each: The size of what is stored for an installation in a year.
        runs: The rows of the daily run on each of 30 days, for one installation.
        cpu: The seconds of CPU of the most frequent request.
    """

    messages: dict[Message, Rows]
    bytes_each: float
    runs: list[Rows]
    cpu: float


def measure(folder: str, cpu: float) -> Measured:
    """Measure the receiver of the project in *folder*, which takes *cpu* for a request."""
    store = STORES[folder]
    with run_instrumented(folder) as worker:
        messages = {it: _measure_message(worker, it) for it in TRAFFIC[folder]}
        _fill(worker, folder)
        bytes_each = _measure_bytes(worker, store)
        # The very first run counts every month that the sample covers.
        _measure_run(worker, store, _FIRST_RUN - DAY)
        runs = [
            _measure_run(worker, store, _FIRST_RUN + day * DAY) for day in range(RUNS)
        ]
    return Measured(
        messages, bytes_each, [it * (1 / INSTALLATIONS) for it in runs], cpu
    )


@contextlib.contextmanager
def run_instrumented(folder: str) -> Iterator[Harness]:
    """Run a project's receiver with a clock that requests set, and D1's metadata in answers."""
    project = PROJECTS / folder
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        entry = Path(name) / "entry.ts"
        entry.write_text(
            f'import {{ project }} from "{project}/project.ts";\n'
            f'import {{ createReceiver }} from "{toolchain.WORKER}/receiver.ts";\n'
            "import { instrument, toTestWorker }"
            f' from "{_TESTS}/worker/instrument.ts";\n'
            "export default toTestWorker(instrument(createReceiver(project)));\n",
            encoding="utf-8",
        )
        config = configuration.read_environment("local", project)
        own = {"config": {**config, "main": str(entry)}}
        with run_worker(own, project, "cloudflare") as worker:
            yield worker


def send(worker: Harness, request: Request, now: dt.datetime) -> requests.Response:
    """Send *request* as if it were *now*.

    Raises:
        requests.HTTPError: If the receiver refuses it.
    """
    clock = str(round(now.timestamp() * 1000))
    answer = requests.request(
        request.method,
        worker.url + request.path,
        data=request.body,
        headers={**request.headers, "Test-Clock": clock},
        timeout=60,
    )
    answer.raise_for_status()
    return answer


def send_measured(worker: Harness, key: str, build: Build, now: dt.datetime) -> Rows:
    """Send a request of the installation *key* as if it were *now*, and return its rows."""
    return add_up(json.loads(send(worker, build(key, now), now).headers["Round-Trips"]))


def _measure_message(worker: Harness, message: Message) -> Rows:
    key = str(uuid.uuid4())
    # What it counts, others have sent before on the same day.
    send(worker, message.build(str(uuid.uuid4()), _NOW), _NOW)
    for ago, build in message.earlier:
        send(worker, build(key, _NOW - ago), _NOW - ago)
    return send_measured(worker, key, message.build, _NOW)


def add_up(trips: list[list[dict[str, Any]]]) -> Rows:
    statements = [it for trip in trips for it in trip]
    return Rows(
        sum(it["rows_read"] for it in statements),
        sum(it["rows_written"] for it in statements),
    )


def _fill(worker: Harness, folder: str) -> None:
    """Store made-up reports in which values are spread as in a real project."""
    done = subprocess.run(
        (toolchain.NODE, "--no-warnings", _SAMPLE, PROJECTS / folder, str(SAMPLE)),
        capture_output=True,
        text=True,
        check=True,
    )
    for statement in split_statements(json.loads(done.stdout)["sql"]):
        worker.query(statement)


def _measure_bytes(worker: Harness, store: Store) -> float:
    """Copy all installations under other IDs, and return the bytes of one in a year."""
    grown = _copy(worker, store.table, store.key) / (SAMPLE * COPIES)
    if store.reports:
        (row,) = worker.query(f'SELECT COUNT(*) AS n FROM "{store.reports}"')  # noqa: S608  # our own name
        report = _copy(worker, store.reports, store.key) / (row["n"] * COPIES)
        (message,) = TRAFFIC[store.name]
        grown += report * message.per_day * YEAR
    return grown


def _copy(worker: Harness, table: str, key: str) -> int:
    """Copy the rows of *table* under other IDs and return by how many bytes it grew."""
    names = [
        it["name"]
        for it in worker.query(f'PRAGMA table_info("{table}")')
        if it["name"] not in {key, "id"}
    ]
    columns = ", ".join(f'"{it}"' for it in names)
    before = read_size(worker)
    # Other IDs of the same length. Like random ones, they come in no order.
    worker.query(
        f"""INSERT INTO "{table}" ("{key}", {columns})
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COPIES})
        SELECT substr("{key}", i + 1) || substr("{key}", 1, i), {columns}
        FROM "{table}", n ORDER BY random()"""  # noqa: S608  # our own names
    )
    return read_size(worker) - before


def read_size(worker: Harness) -> int:
    answer = requests.get(f"{worker.url}/health", timeout=60)
    trips: list[list[dict[str, int]]] = json.loads(answer.headers["Round-Trips"])
    return max(it["size_after"] for trip in trips for it in trip)


def _measure_run(worker: Harness, store: Store, due: dt.datetime) -> Rows:
    """Measure the daily run at *due*, when every installation reported the day before.

    If all reports are kept, those of one day have become too old.
    """
    yesterday = (due - DAY).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z" if store.reports else "%Y-%m-%d"
    )
    worker.query(f'UPDATE "{store.table}" SET "{store.last}" = ?1', yesterday)  # noqa: S608  # our own names
    if store.reports:
        (message,) = TRAFFIC[store.name]
        worker.query(
            f"""UPDATE "{store.reports}" SET received = '2020-01-01T00:00:00.000Z' WHERE id IN
            (SELECT id FROM "{store.reports}" ORDER BY id LIMIT ?1)""",  # noqa: S608  # the same
            round(INSTALLATIONS * message.per_day),
        )
    worker.read_log()
    if worker.run_cron(due) != "ok":
        raise RuntimeError("\n".join(worker.read_log()))
    return add_up(json.loads(worker.read_log()[-1]))
