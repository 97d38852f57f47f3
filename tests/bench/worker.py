"""Compares this Worker with a bare one and the spec's, on the local runtime."""

import contextlib
import gzip
import json
import random
import statistics
import tempfile
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from paperless_report import contract
from tests.bench import load, page
from tests.bench.runtime import bundle, run_bundle
from tests.bench.timing import log
from usage_receiver import configuration
from worker.local.harness import Harness

BARE, SPEC, OURS = "bare 204", "the spec's", "ours"
# The spec's a second time: the difference between the two is the machine's noise.
AGAIN = "the spec's, again"
# Ours with D1's metadata in each answer. That makes it too slow to be timed.
INSTRUMENTED = "instrumented"
TIMED = (BARE, SPEC, AGAIN, OURS)
REPORTS = 400  # in each round
INSTALLATIONS, REPORTS_EACH = 100_000, 10
SIZES = (0, INSTALLATIONS * REPORTS_EACH)
ACCEPTED, REFUSED = "accepted", "refused"
STATUS = {ACCEPTED: 204, REFUSED: 429}

_RIVALS = Path(__file__).with_name("rivals")
ENTRY_POINTS = {
    BARE: _RIVALS / "bare.ts",
    SPEC: _RIVALS / "spec.ts",
    AGAIN: _RIVALS / "spec.ts",
    OURS: configuration.PAPERLESS_NGX / "worker.ts",
    INSTRUMENTED: Path(__file__).parents[1] / "worker" / "instrumented.ts",
}
_OUR_MIGRATIONS = configuration.PAPERLESS_NGX / "migrations"
_SPEC_MIGRATIONS = _RIVALS / "migrations"
MIGRATIONS = {
    BARE: _SPEC_MIGRATIONS,
    SPEC: _SPEC_MIGRATIONS,
    AGAIN: _SPEC_MIGRATIONS,
    OURS: _OUR_MIGRATIONS,
    INSTRUMENTED: _OUR_MIGRATIONS,
}
# The parts of a bundle that are uploaded; a source map is not.
_UPLOADED = {".js", ".yaml", ".css"}
# Adds report number ?3 of the installations ?1 to before ?2, with the IDs of `_uuid`. All of them
# are older than seven days.
_ADD_REPORTS = """
INSERT INTO reports (received, uuid, version, channel, "commit", build_date,
  install_type, arch, python, database, doc_bucket, multi_user, feature_mail, feature_ai)
WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
SELECT printf('2025-%02d-01T00:00:00.000Z', ?3 + 1),
  printf('%08x-0000-4000-8000-%012x', i * 2654435761 % 4294967296, i),
  '2.' || i % 20 || '.' || ?3, CASE i % 10 WHEN 0 THEN 'beta' ELSE 'stable' END,
  'bd86dca57', '2025-01-01T00:00:00Z', 'docker', 'x86_64', '3.12.3', 'postgresql',
  '1000-9999', 1, 1, 0
FROM n
"""


def main(rounds: int) -> None:
    """Measure, print the table, and write it to its page."""
    with contextlib.ExitStack() as stack:
        log("Starting the runtimes")
        workers = {
            name: stack.enter_context(run_bundle(entry, MIGRATIONS[name]))
            for name, entry in ENTRY_POINTS.items()
        }
        table: list[str] = []
        busiest = 0.0
        for size in SIZES:
            if size:
                for name in (SPEC, AGAIN, OURS, INSTRUMENTED):
                    log(f"Filling {name} with {size:,} reports")
                    _fill(workers[name])
            loads = _run_rounds(workers, rounds, size)
            rows_used = {
                SPEC: _measure_rows(workers[SPEC], size),
                OURS: _measure_rows(workers[INSTRUMENTED], size),
            }
            table += _format_rows(size, loads, rows_used)
            shares = [
                done.own_cpu / done.seconds
                for measured in loads.values()
                for done in measured
            ]
            busiest = max(busiest, *shares)
    text = (
        f"{rounds} rounds of {REPORTS} reports each over {load.CONNECTIONS} connections. "
        f"The client never used more than {busiest:.0%} of a core. "
        f"The bundle is {_bundle_kilobytes(ENTRY_POINTS[OURS]):.1f} kB, gzipped.\n\n"
        + "\n".join((*_HEAD, *table))
    )
    print(text)
    page.write("worker", text)


def _bundle_kilobytes(entry: Path) -> float:
    """Return the gzipped size of the Worker with the module *entry*, as it is uploaded."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        bundle(entry, folder)
        uploaded = [it for it in folder.iterdir() if it.suffix in _UPLOADED]
        return sum(len(gzip.compress(it.read_bytes())) for it in uploaded) / 1000


def _run_rounds(
    workers: dict[str, Harness], rounds: int, size: int
) -> dict[tuple[str, str], list[load.Load]]:
    """Send each round's reports to every Worker, in a random order, after a warm-up round."""
    loads: dict[tuple[str, str], list[load.Load]] = defaultdict(list)
    orders = random.Random(size)  # noqa: S311  # an order is not a secret
    for number in range(-1, rounds):
        log(
            f"  {size:,} rows: round {number + 1} of {rounds}"
            if number >= 0
            else f"  {size:,} rows: warming up"
        )
        first = (number + 1) * REPORTS
        bodies = [_body(it) for it in range(first, first + REPORTS)]
        for name in orders.sample(TIMED, len(TIMED)):
            worker = workers[name]
            if not size:
                worker.query("DELETE FROM reports")
            for kind in (ACCEPTED, REFUSED):
                done = load.post(f"{worker.url}/report", bodies)
                expected = 204 if name == BARE else STATUS[kind]
                if done.statuses != {expected: REPORTS}:
                    raise RuntimeError(
                        f"{name} answered {dict(done.statuses)} instead of only {expected}"
                    )
                if number >= 0:
                    loads[name, kind].append(done)
    return loads


_HEAD = (
    "| rows before | report | Worker | rate, relative to the spec's | requests/s | p50, ms | p99, ms | rows read | rows written |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def _format_rows(
    size: int,
    loads: dict[tuple[str, str], list[load.Load]],
    rows_used: dict[str, dict[str, tuple[int, int]]],
) -> Iterator[str]:
    """Yield the table's rows: medians of the rounds; for rates, quartiles too."""
    for kind in (ACCEPTED, REFUSED):
        for name in TIMED:
            measured = loads[name, kind]
            p50, p99 = (
                1000 * statistics.median(it.percentile(share) for it in measured)
                for share in (0.5, 0.99)
            )
            read, written = rows_used.get(name, {}).get(kind, ("", ""))
            rates = _format_rates(
                [[it] for it in measured], [[it] for it in loads[SPEC, kind]]
            )
            yield (
                f"| {size:,} | {kind} | {name} | {rates} "
                f"| {p50:.1f} | {p99:.1f} | {read} | {written} |"
            )
    both = {
        name: list(zip(loads[name, ACCEPTED], loads[name, REFUSED], strict=True))
        for name in TIMED
    }
    for name in TIMED:
        rates = _format_rates(both[name], both[SPEC])
        yield f"| {size:,} | one of each | {name} | {rates} | | | | |"


def _format_rates(
    rounds: Sequence[Sequence[load.Load]], spec_rounds: Sequence[Sequence[load.Load]]
) -> str:
    """Format two cells: the rate relative to the spec's, and requests per second."""
    rates = [_rate(loads) for loads in rounds]
    spec_rates = [_rate(loads) for loads in spec_rounds]
    ratios = [
        rate / spec_rate for rate, spec_rate in zip(rates, spec_rates, strict=True)
    ]
    ratio = "1" if rounds == spec_rounds else _format_quartiles(ratios)
    return f"{ratio} | {statistics.median(rates):.0f}"


def _rate(loads: Sequence[load.Load]) -> float:
    """Return the requests per second over all *loads*."""
    return sum(len(it.times) for it in loads) / sum(it.seconds for it in loads)


def _format_quartiles(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"  # noqa: RUF001  # an en dash for a range


def _measure_rows(worker: Harness, size: int) -> dict[str, tuple[int, int]]:
    """Return the rows that D1 read and wrote for an accepted report and for a refused one."""
    if not size:
        worker.query("DELETE FROM reports")
    rows_used = {}
    for kind in (ACCEPTED, REFUSED):
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{worker.url}/report",
            _body(INSTALLATIONS - 1),
            {"Content-Type": "application/json", "Measure-D1": "1"},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
                status, headers = answer.status, answer.headers
        except urllib.error.HTTPError as error:
            status, headers = error.code, error.headers
            error.close()
        if status != STATUS[kind]:
            raise RuntimeError(
                f"{worker.url} answered {status} instead of {STATUS[kind]}"
            )
        statements = [it for trip in json.loads(headers["Round-Trips"]) for it in trip]
        rows_used[kind] = (
            sum(it["rows_read"] for it in statements),
            sum(it["rows_written"] for it in statements),
        )
    return rows_used


def _fill(worker: Harness) -> None:
    """Replace all reports with ten old ones of each installation."""
    worker.query("DELETE FROM reports")
    step = 50_000
    for number in range(REPORTS_EACH):
        for first in range(0, INSTALLATIONS, step):
            worker.query(_ADD_REPORTS, first, first + step, number)


def _body(installation: int) -> bytes:
    """Build a report with every field."""
    examples = {
        name: field.schema["examples"][0]
        for name, field in contract.load_fields().items()
    }
    return json.dumps({**examples, "uuid": _uuid(installation)}).encode()


def _uuid(installation: int) -> str:
    """Return an ID that differs in its first digits, as random IDs do."""
    mixed = installation * 2654435761 % 2**32
    return f"{mixed:08x}-0000-4000-8000-{installation:012x}"
