"""Times one count with our reporter, a dictionary, prometheus_client and OpenTelemetry.

It runs in an environment with both packages: `counting.py ROUNDS FOLDER` prints JSON.
"""

import contextlib
import json
import sqlite3
import sys
import threading
import time
import timeit
from pathlib import Path

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, Counter

from paperless_report import Project, Reporter
from paperless_report.state.database import FILE

CALLS = 10_000
THREADS = (1, 8)
LABEL = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 16}
CONTRACT = {
    "type": "object",
    "x-installation-id": "id",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {"id": {**LABEL, "pattern": "^[0-9a-f-]+$", "maxLength": 36}},
}
EVENTS = {
    "command": {
        "type": "object",
        "properties": {
            "name": LABEL,
            "client": LABEL,
            "count": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        },
    }
}


def make_reporter(folder: Path) -> Reporter:
    """Make a reporter whose state is in *folder*."""
    return Reporter(
        Project(
            name="Bench",
            page="https://example.org/",
            prefix="BENCH",
            data_dir=folder,
            contract=CONTRACT,
            events=EVENTS,
        )
    )


def make_contenders(reporter: Reporter) -> dict[str, timeit.Timer]:
    """Make what is timed, by the name in the table; each counts the same two labels."""
    prometheus = Counter(
        "c", "Commands", ["name", "client"], registry=CollectorRegistry()
    )
    meters = MeterProvider(metric_readers=[InMemoryMetricReader()])
    names = {
        "reporter": reporter,
        "counts": {("add", "cli"): 0},
        "prometheus": prometheus,
        "otel": meters.get_meter("bench").create_counter("c"),
    }
    return {
        name: timeit.Timer(statement, globals=names)
        for name, statement in {
            "a dictionary": "counts['add', 'cli'] += 1",
            "ours": "reporter.count('command', 'add', client='cli')",
            "prometheus_client": "prometheus.labels('add', 'cli').inc()",
            "OpenTelemetry": "otel.add(1, {'name': 'add', 'client': 'cli'})",
        }.items()
    }


def measure(timer: timeit.Timer, threads: int) -> float:
    """Return the nanoseconds of wall clock for each call of all *threads* together."""
    start = threading.Barrier(threads + 1)

    def work() -> None:
        start.wait()
        timer.timeit(CALLS)

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    start.wait()
    began = time.perf_counter_ns()
    for thread in running:
        thread.join()
    return (time.perf_counter_ns() - began) / (CALLS * threads)


def read_count(folder: Path) -> int:
    """Read how much was counted, from the file of the state."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as database:
        (count,) = database.execute("SELECT sum(value) FROM sums").fetchone()
        return count


def main() -> None:
    """Measure all in turns, each round beginning with the next one."""
    rounds, folder = int(sys.argv[1]), Path(sys.argv[2])
    reporter = make_reporter(folder)
    contenders = list(make_contenders(reporter).items())
    results = []
    for number in range(-1, rounds):
        start = number % len(contenders)
        measured = {
            f"{name}, {threads}": measure(timer, threads)
            for name, timer in contenders[start:] + contenders[:start]
            for threads in THREADS
        }
        if number >= 0:  # the first warms up
            results.append(measured)
    reporter.flush()
    calls = CALLS * sum(THREADS) * (rounds + 1)
    if read_count(folder) != calls:
        raise SystemExit("Our reporter has not counted each call once.")
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
