"""Compares our server with Cloudflare's runtime and with what people would write instead.

It takes about ten minutes. Each part keeps its result, so a run that was interrupted continues
with the next part.
"""

import contextlib
import functools
import itertools
import json
import random
import shutil
import sqlite3
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import contenders, load, page, server_tables
from tests.bench.contenders import CLOUDFLARE, DJANGO, FASTAPI, FULL, OURS, PEERS
from tests.bench.processes import read_cpu, read_memory
from tests.bench.server_tables import Round
from tests.bench.timing import log

CONNECTIONS = 64
# How many reports each receiver gets in a round: about as many as it accepts in a second.
REPORTS = {OURS: 3000, FULL: 3000, CLOUDFLARE: 400, FASTAPI: 1500, DJANGO: 600}
ROUNDS, STARTS, COUNTS = 11, 5, 3
SIZE, LARGEST = 1_000_000, 10_000_000
WORKERS = (1, 2, 3, 4)

# In the environment of this session, which git ignores.
_FOLDER = Path(sys.prefix, "bench-server")
_SECRET = "of this benchmark, and of nothing else"  # noqa: S105  # guards made-up reports


def main(rounds: int) -> None:
    """Measure what no earlier run has measured, and write the tables to their page."""
    _FOLDER.mkdir(exist_ok=True)
    rounds = min(rounds, ROUNDS)
    programs = contenders.install(_FOLDER)
    tried = _keep("workers", lambda: _try_workers(programs))
    workers = {
        name: int(max(tried[name], key=tried[name].__getitem__)) for name in PEERS
    }
    machine = contenders.Machine(programs, workers)
    sizes = {
        rows: _keep(f"{rows}", functools.partial(_compare, machine, rows, rounds))
        for rows in (0, SIZE)
    }
    starts = _keep("starts", lambda: _measure_starts(machine))
    counts = _keep("counts", lambda: _measure_counts(machine))
    largest = _keep("largest", lambda: _compare_largest(machine, rounds))
    all_rounds = itertools.chain(
        *(it for size in (*sizes.values(), largest) for it in size.values())
    )
    text = "\n\n".join(
        (
            _describe(rounds, max(it["client"] for it in all_rounds)),
            server_tables.format_workers(tried),
            server_tables.format_rates(sizes),
            server_tables.format_largest(largest),
            server_tables.format_starts(starts),
            server_tables.format_counts(counts),
        )
    )
    print(text)
    page.write("server", text)
    shutil.rmtree(_FOLDER)


def _describe(rounds: int, share: float) -> str:
    return (
        f"{rounds} rounds over {CONNECTIONS} connections."
        f" The client never used more than {share:.0%} of a core."
    )


def _keep(part: str, measure: Callable[[], Any]) -> Any:  # noqa: ANN401  # any JSON
    """Return what *measure* returns, or has returned in an earlier run."""
    path = _FOLDER / f"{part}.json"
    if not path.exists():
        log(f"Measuring: {part}")
        path.write_text(json.dumps(measure()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def _try_workers(programs: Path) -> dict[str, dict[str, float]]:
    """Measure the rate of each peer with different numbers of processes."""
    rates: dict[str, dict[str, float]] = {name: {} for name in PEERS}
    for name, number in itertools.product(PEERS, WORKERS):
        machine = contenders.Machine(programs, {name: number})
        data = machine.fill(name, _FOLDER / "tried", 0)
        with machine.run(name, data) as running:
            rounds = [_load(name, running, it)["rate"] for it in range(4)]
        rates[name][str(number)] = max(rounds)
    return rates


def _compare(
    machine: contenders.Machine, rows: int, rounds: int
) -> dict[str, list[Round]]:
    """Measure every receiver with *rows* reports in its database."""
    with contextlib.ExitStack() as stack:
        running = {CLOUDFLARE: stack.enter_context(contenders.run_cloudflare(rows))}
        for names in ((OURS, FULL), PEERS):
            filled = machine.fill(names[0], _FOLDER / f"{names[0]}-{rows}", rows)
            copied = _FOLDER / f"{names[1]}-{rows}"
            shutil.copytree(filled, copied, dirs_exist_ok=True)
            for name, data in zip(names, (filled, copied), strict=True):
                running[name] = stack.enter_context(machine.run(name, data))
        return _run_rounds(running, dict.fromkeys(running), rounds)


def _compare_largest(
    machine: contenders.Machine, rounds: int
) -> dict[str, list[Round]]:
    """Measure our server with the largest database, and with an empty one."""
    with contextlib.ExitStack() as stack:
        running = {
            f"{rows}": stack.enter_context(
                machine.run(OURS, machine.fill(OURS, _FOLDER / f"of-{rows}", rows))
            )
            for rows in (0, LARGEST)
        }
        return _run_rounds(running, dict.fromkeys(running, OURS), rounds)


def _run_rounds(
    running: Mapping[str, contenders.Running],
    kinds: Mapping[str, str | None],
    rounds: int,
) -> dict[str, list[Round]]:
    """Send each round's reports to every receiver, in a random order, after a warm-up round."""
    measured: dict[str, list[Round]] = {name: [] for name in running}
    orders = random.Random(rounds)  # noqa: S311  # an order is not a secret
    for number in range(rounds + 1):
        log(f"  round {number} of {rounds}" if number else "  warming up")
        for name in orders.sample(sorted(running), len(running)):
            result = _load(kinds[name] or name, running[name], number)
            if number:
                measured[name].append(result)
    return measured


def _load(name: str, running: contenders.Running, number: int) -> Round:
    """Send the reports of one round, and measure those that are accepted.

    Raises:
        RuntimeError: If more than one in a hundred is not, or one of ours.
    """
    count = REPORTS[name]
    bodies = contenders.make_bodies(number * count, count)
    before = read_cpu(running.process_group)
    done = load.post(f"{running.url}/report", bodies, CONNECTIONS)
    cpu = read_cpu(running.process_group) - before
    accepted = done.statuses[204]
    # A peer's database is locked now and then.
    if accepted < (0.99 * count if name in PEERS else count):
        raise RuntimeError(f"{name} answered {dict(done.statuses)} instead of only 204")
    return {
        "rate": accepted / done.seconds,
        "p50": 1000 * done.percentile(0.5),
        "p99": 1000 * done.percentile(0.99),
        "cpu": 1000 * cpu / count * 1000,
        "memory": read_memory(running.process_group),
        "client": done.own_cpu / done.seconds,
    }


def _measure_starts(machine: contenders.Machine) -> dict[str, list[float]]:
    """Measure the milliseconds until the first answer: new, and with a million reports."""
    cases = {
        f"{name}, {rows:,} rows": (name, rows)
        for rows in (0, SIZE)
        for name in (OURS, *PEERS)
    }
    times: dict[str, list[float]] = {case: [] for case in cases}
    for _ in range(STARTS):
        for case, (name, rows) in cases.items():
            data = _FOLDER / f"{name}-{rows}"
            if name == OURS and not rows:
                # Without any database: it makes the tables, too.
                data = _FOLDER / "new"
                shutil.rmtree(data, ignore_errors=True)
            began = time.perf_counter()
            with machine.run(name, data):
                times[case].append(1000 * (time.perf_counter() - began))
    return times


def _measure_counts(machine: contenders.Machine) -> dict[str, list[Round]]:
    """Measure the reports that arrive while a million installations are counted, and otherwise."""
    data, secret = _FOLDER / f"{OURS}-{SIZE}", _FOLDER / "secret"
    secret.write_text(_SECRET, encoding="utf-8")
    secret.chmod(0o600)
    measured: dict[str, list[Round]] = {"idle": [], "counting": []}
    # New installations, also after an earlier run that was interrupted.
    bodies = map(contenders.make_body, itertools.count(time.time_ns() % 2**40))
    with machine.run(OURS, data, "--operator-secret-file", secret) as running:
        for _ in range(COUNTS):
            # Or there would be nothing to count before next week.
            with contextlib.closing(sqlite3.connect(data / contenders.FILE)) as file:
                file.executescript(
                    "DELETE FROM weekly_editions; DELETE FROM publications"
                )
            counting = threading.Thread(target=_count, args=(running.url,))
            began = time.monotonic()
            counting.start()
            measured["counting"].append(_load_while(running, counting.is_alive, bodies))
            pause = threading.Timer(time.monotonic() - began, lambda: None)
            pause.start()
            measured["idle"].append(_load_while(running, pause.is_alive, bodies))
    return measured


def _load_while(
    running: contenders.Running, goes_on: Callable[[], bool], bodies: Iterator[bytes]
) -> Round:
    url = f"{running.url}/report"
    requests = (
        load.build_post(url, it)
        for it in itertools.takewhile(lambda _: goes_on(), bodies)
    )
    done = load.send(running.url, requests, CONNECTIONS)
    if set(done.statuses) != {204}:
        raise RuntimeError(f"Ours answered {dict(done.statuses)} instead of only 204")
    return {
        "rate": len(done.times) / done.seconds,
        "p50": 1000 * done.percentile(0.5),
        "p99": 1000 * done.percentile(0.99),
        "longest": 1000 * done.times[-1],
        "seconds": done.seconds,
        "client": done.own_cpu / done.seconds,
    }


def _count(url: str) -> None:
    request = urllib.request.Request(  # noqa: S310  # loopback
        f"{url}/operator/count",
        method="POST",
        headers={"Authorization": f"Bearer {_SECRET}"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
        answer.read()
