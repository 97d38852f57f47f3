"""Fills a database with codegraph's traffic of 90 days, and with a flood on each of them."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.bench import load
from tests.bench.receivers import (
    Rows,
    add_up,
    read_size,
    run_instrumented,
    send_measured,
)
from tests.bench.timing import log
from tests.bench.traffic import (
    DAY,
    SAME_LINES,
    USAGE,
    Request,
    build_batch,
    send_full_batch,
)
from tests.projects.codegraph.recorded import Event, event, to_time, usage
from worker.local.harness import Harness

DAYS = 90
# What codegraph's own server received in August 2026, and as many machines as send that if each
# sends eleven lines and an index.
COUNTERS_A_DAY = 3_800_000
MACHINES = COUNTERS_A_DAY // 12
MADE_UP_NAMES = 10_000
# These days are sent. They are more than the seven that the receiver looks back, so all other days
# would be like the last of them, and are copies of it.
SENT_DAYS = 8
_EVENTS = 100
# Numbers of machines that send nothing, and how many one statement adds.
_OTHERS, _CHUNK = 20_000, 20_000
_FIRST = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
_TOOLS = (
    "search",
    "context",
    "callers",
    "callees",
    "impact",
    "node",
    "explore",
    "status",
)
_COMMANDS = (
    "init",
    "index",
    "sync",
    "query",
    "files",
    "callers",
    "serve",
    "status",
    "upgrade",
)
_LANGUAGES = (
    "go",
    "python",
    "rust",
    "typescript",
    "javascript",
    "java",
    "c",
    "cpp",
    "ruby",
    "php",
)
_TARGETS = ("claude", "cursor", "codex", "opencode", "gemini", "zed")
_VERSIONS = tuple(f"1.{minor}.{patch}" for minor in range(6) for patch in range(5))
_CLIENTS = tuple(f"mcp-client-{number}" for number in range(40))


@dataclass(frozen=True)
class Filled:
    """A database with the counters of 90 days.

    Attributes:
        rows: The rows of the counters.
        counters: The bytes of the counters.
        size: The bytes of the whole database, with a row for each machine.
        batches: What batches of 11 and of 100 lines read and write.
        run: What the daily run of the next day reads and writes; it purges a day.
    """

    rows: int
    counters: int
    size: int
    batches: tuple[Rows, ...]
    run: Rows


def measure_counters(*, flooded: bool) -> Filled:
    """Measure a database with 90 days of production traffic."""
    with run_instrumented("codegraph") as worker:
        empty = read_size(worker)
        for number in range(SENT_DAYS):
            log(f"  day {number + 1} of {SENT_DAYS}")
            if flooded:
                _send_flood(worker, _FIRST + number * DAY)
            _send_day(worker, _FIRST + number * DAY)
        _copy_last_day(worker)
        (row,) = worker.query("SELECT COUNT(*) AS n FROM counters")
        counters = read_size(worker) - empty
        _add_machines(worker)
        size = read_size(worker)
        now = _FIRST + (DAYS - 0.5) * DAY
        send_measured(worker, _machine(1), USAGE, now)
        batches = tuple(
            send_measured(worker, _machine(2 + number), build, now)
            for number, build in enumerate((USAGE, SAME_LINES, send_full_batch))
        )
        return Filled(row["n"], counters, size, batches, _run(worker))


def _send_day(worker: Harness, day: dt.datetime) -> None:
    """Send a day of production, with the events of each kind and version summed up."""
    share = COUNTERS_A_DAY // (len(_VERSIONS) * _EVENTS)
    _send_all(
        worker,
        (
            build_batch(_machine(number), [*_list_events(number, day, share)], version)
            for number, version in enumerate(_VERSIONS)
        ),
        day + DAY / 2,
    )


def _list_events(batch: int, day: dt.datetime, count: int) -> Iterator[Event]:
    """List a batch of events. Over all batches, each tool meets each client."""
    time = to_time(day)
    pairs = [*product(_TOOLS, _CLIENTS)]
    for number in range(64):
        tool, client = pairs[(batch * 64 + number) % len(pairs)]
        name, version = f"codegraph_{tool}", f"2.{batch % 10}.0"
        names = {"client_name": client, "client_version": version}
        yield usage("mcp_tool", name, count, 1, time, **names)
    for number in range(24):
        name = _COMMANDS[number % len(_COMMANDS)]
        yield usage("cli_command", name, count, 0, time)
    for number in range(6):
        languages = [
            _LANGUAGES[(batch + number + step) % len(_LANGUAGES)] for step in (0, 3)
        ]
        buckets = {"file_count_bucket": "100-1k", "duration_bucket": "10-60s"}
        yield event("index", time, languages=languages, **buckets)
    for number, kind in enumerate(("fresh", "upgrade", "reinstall")):
        targets = [_TARGETS[(batch + number) % len(_TARGETS)]]
        yield event("install", time, targets=targets, scope="global", kind=kind)
        yield event("uninstall", time, targets=targets)


def _send_flood(worker: Harness, day: dt.datetime) -> None:
    """Send names that nobody uses, as long as they may be, just after midnight."""

    def make_up(number: int, length: int) -> str:
        return f"{day:%m%d}-{number}-".ljust(length, "x")

    def make_event(number: int) -> Event:
        time, name, short = to_time(day), make_up(number, 64), [make_up(number, 24)]
        client = {"client_name": name, "client_version": make_up(number, 32)}
        return (
            usage("mcp_tool", name, 1, 0, time, **client),
            usage("cli_command", name, 1, 0, time),
            event("index", time, languages=short),
            event("install", time, targets=short, scope="local", kind="fresh"),
            event("uninstall", time, targets=short),
        )[number % 5]

    _send_all(
        worker,
        (
            build_batch(
                _machine(1000 + first),
                [make_event(number) for number in range(first, first + _EVENTS)],
                make_up(first, 32),
            )
            for first in range(0, MADE_UP_NAMES, _EVENTS)
        ),
        day + DAY / 86_400,
    )


def _machine(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"


def _send_all(worker: Harness, requests: Iterator[Request], now: dt.datetime) -> None:
    clock = {"Test-Clock": str(round(now.timestamp() * 1000))}
    done = load.send(
        worker.url,
        [
            load.build_request(it.method, it.path, it.body, {**it.headers, **clock})
            for it in requests
        ],
    )
    if set(done.statuses) != {204}:
        raise RuntimeError(f"The receiver answered {dict(done.statuses)}.")


def _copy_last_day(worker: Harness) -> None:
    last = (_FIRST + (SENT_DAYS - 1) * DAY).date()
    columns = _list_columns(worker, "counters", "day")
    for number in range(1, DAYS - SENT_DAYS + 1):
        worker.query(
            f"""INSERT INTO counters (day, {columns})
            SELECT ?2, {columns} FROM counters WHERE day = ?1""",  # noqa: S608  # its own names
            last.isoformat(),
            (last + number * DAY).isoformat(),
        )


def _add_machines(worker: Harness) -> None:
    """Give each machine of production the facts of the first one, seen on the last day."""
    worker.query("UPDATE machines SET last_day = ?1", f"{_FIRST + (DAYS - 1) * DAY:%F}")
    columns = _list_columns(worker, "machines", "machine_id")
    for first in range(0, MACHINES, _CHUNK):
        worker.query(
            f"""INSERT INTO machines (machine_id, {columns})
            WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
            SELECT printf('%08x-0000-4000-8000-%012x', i * 2654435761 % 4294967296, i), {columns}
            FROM n, (SELECT * FROM machines WHERE machine_id = ?3)""",  # noqa: S608  # its own names
            *(_OTHERS + first, _OTHERS + min(first + _CHUNK, MACHINES) - 1),
            _machine(0),
        )


def _list_columns(worker: Harness, table: str, key: str) -> str:
    names = [it["name"] for it in worker.query(f'PRAGMA table_info("{table}")')]
    return ", ".join(f'"{it}"' for it in names if it != key)


def _run(worker: Harness) -> Rows:
    worker.read_log()
    if worker.run_cron(_FIRST + (DAYS + 1) * DAY) != "ok":
        raise RuntimeError("\n".join(worker.read_log()))
    return add_up(json.loads(worker.read_log()[-1]))
