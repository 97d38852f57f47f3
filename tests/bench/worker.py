"""The Worker beside a bare one and the spec's, interleaved, on the local runtime."""

import contextlib
import gzip
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from paperless_report import contract
from tests.bench import load, page
from worker.local import configuration, toolchain
from worker.local.harness import Harness, run_script

BARE, SPEC, OURS = "bare 204", "the spec's", "ours"
# The spec's once more: what its rate differs by is the machine's noise.
AGAIN = "the spec's, again"
# Ours again, telling what D1 makes of each statement: too slow to be timed.
OBSERVED = "observed"
TIMED = (BARE, SPEC, AGAIN, OURS)
REPORTS = 400  # a round
INSTALLATIONS, REPORTS_EACH = 100_000, 10
SIZES = (0, INSTALLATIONS * REPORTS_EACH)
ACCEPTED, REFUSED = "accepted", "refused"
STATUS = {ACCEPTED: 204, REFUSED: 429}

_RIVALS = Path(__file__).with_name("rivals")
ENTRIES = {
    BARE: _RIVALS / "bare.ts",
    SPEC: _RIVALS / "spec.ts",
    AGAIN: _RIVALS / "spec.ts",
    OURS: configuration.PAPERLESS_NGX / "worker.ts",
    OBSERVED: Path(__file__).parents[1] / "worker" / "instrumented.ts",
}
_OUR_SCHEMA = configuration.PAPERLESS_NGX / "migrations"
_SPEC_SCHEMA = _RIVALS / "migrations"
SCHEMAS = {
    BARE: _SPEC_SCHEMA,
    SPEC: _SPEC_SCHEMA,
    AGAIN: _SPEC_SCHEMA,
    OURS: _OUR_SCHEMA,
    OBSERVED: _OUR_SCHEMA,
}
_DATE = configuration.read_environment()["compatibility_date"]
# Installation ?1 + i, as `_uuid` has it, and the ?3rd of its reports, all long ago.
_FILL = """
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
    """Measure, print, and write the page's part."""
    with contextlib.ExitStack() as stack:
        _say("Starting the runtimes")
        workers = {name: _running(stack, name) for name in ENTRIES}
        rows: list[str] = []
        busiest = 0.0
        for size in SIZES:
            if size:
                for name in (SPEC, AGAIN, OURS, OBSERVED):
                    _say(f"Filling {name} with {size:,} reports")
                    _fill(workers[name])
            loads = _interleaved(workers, rounds, size)
            rows_used = {
                SPEC: _measure_rows(workers[SPEC], size),
                OURS: _measure_rows(workers[OBSERVED], size),
            }
            rows += _rows(size, loads, rows_used)
            busiest = max(
                (busiest, *(_busy(it) for many in loads.values() for it in many))
            )
    table = "\n".join((*_HEAD, *rows))
    text = (
        f"{rounds} rounds of {REPORTS} reports each over {load.CONNECTIONS} connections. "
        f"The client never used more than {busiest:.0%} of a core. "
        f"The bundle is {_kilobytes(ENTRIES[OURS]):.1f} kB, gzipped.\n\n{table}"
    )
    print(text)
    page.write("worker", text)


def _running(stack: contextlib.ExitStack, name: str) -> Harness:
    """The Worker of *name*, bundled as it would be deployed, with its tables."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    _bundle(ENTRIES[name], folder)
    worker = stack.enter_context(
        run_script(
            Path(__file__).with_name("runtime.mjs"),
            {"bundle": str(folder), "compatibilityDate": _DATE},
        )
    )
    for statement in _statements(SCHEMAS[name]):
        worker.query(statement)
    return worker


def _bundle(entry: Path, folder: Path) -> None:
    """What `wrangler deploy` would upload."""
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        subprocess.run(  # our own words
            toolchain.wrangler(
                *("deploy", str(entry), "--config", str(configuration.wrangler_file())),
                *("--env=", "--dry-run", "--outdir", str(folder)),
            ),
            cwd=configuration.PAPERLESS_NGX,
            env=toolchain.clean_environment(Path(home), os.environ),
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _kilobytes(worker: Path) -> float:
    """The gzipped size of what is uploaded of *worker*."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        _bundle(worker, folder)
        parts = [it for it in folder.iterdir() if it.suffix in {".js", ".yaml", ".css"}]
        return sum(len(gzip.compress(it.read_bytes())) for it in parts) / 1000


def _statements(folder: Path) -> Iterator[str]:
    """Of the migrations in *folder*."""
    text = ""
    for path in sorted(folder.glob("*.sql")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text += f"{line}\n"
            if sqlite3.complete_statement(text):
                yield text
                text = ""


def _interleaved(
    workers: dict[str, Harness], rounds: int, size: int
) -> dict[tuple[str, str], list[load.Load]]:
    """Every Worker once a round, in an order that no round repeats by rule."""
    loads: dict[tuple[str, str], list[load.Load]] = defaultdict(list)
    shuffled = random.Random(size)  # noqa: S311  # an order, not a secret
    for number in range(-1, rounds):
        _say(
            f"  {size:,} rows: round {number + 1} of {rounds}"
            if number >= 0
            else f"  {size:,} rows: warming up"
        )
        first = (number + 1) * REPORTS
        bodies = [_body(it) for it in range(first, first + REPORTS)]
        for name in shuffled.sample(TIMED, len(TIMED)):
            worker = workers[name]
            if not size:
                worker.query("DELETE FROM reports")
            for kind in (ACCEPTED, REFUSED):
                done = load.post(f"{worker.url}/report", bodies)
                expected = 204 if name == BARE else STATUS[kind]
                if done.statuses != {expected: REPORTS}:
                    raise RuntimeError(
                        f"{name}: {dict(done.statuses)}, not all {expected}"
                    )
                if number >= 0:
                    loads[name, kind].append(done)
    return loads


_HEAD = (
    "| rows before | report | Worker | rate, relative to the spec's | requests/s | p50, ms | p99, ms | rows read | rows written |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def _rows(
    size: int,
    loads: dict[tuple[str, str], list[load.Load]],
    rows_used: dict[str, dict[str, tuple[int, int]]],
) -> Iterator[str]:
    """Medians over the rounds, and between which bounds the middle half lies."""
    for kind in (ACCEPTED, REFUSED):
        for name in TIMED:
            mine = loads[name, kind]
            p50, p99 = (
                1000 * statistics.median(it.percentile(share) for it in mine)
                for share in (0.5, 0.99)
            )
            read, written = rows_used.get(name, {}).get(kind, ("", ""))
            rates = _rates([[it] for it in mine], [[it] for it in loads[SPEC, kind]])
            yield (
                f"| {size:,} | {kind} | {name} | {rates} "
                f"| {p50:.1f} | {p99:.1f} | {read} | {written} |"
            )
    both = {
        name: list(zip(loads[name, ACCEPTED], loads[name, REFUSED], strict=True))
        for name in TIMED
    }
    for name in TIMED:
        rates = _rates(both[name], both[SPEC])
        yield f"| {size:,} | one of each | {name} | {rates} | | | | |"


def _rates(
    mine: Sequence[Sequence[load.Load]], specs: Sequence[Sequence[load.Load]]
) -> str:
    """Two cells: of the spec's rate, round by round, and requests a second."""
    rates, theirs = (
        [
            sum(len(it.times) for it in loads) / sum(it.seconds for it in loads)
            for loads in rounds
        ]
        for rounds in (mine, specs)
    )
    ratios = [one / other for one, other in zip(rates, theirs, strict=True)]
    ratio = "1" if mine == specs else _spread(ratios, "{:.2f}")
    return f"{ratio} | {statistics.median(rates):.0f}"


def _spread(values: list[float], form: str) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{form} ({form}–{form})".format(middle, low, high)  # noqa: RUF001  # a range


def _busy(it: load.Load) -> float:
    return it.own_cpu / it.seconds


def _measure_rows(worker: Harness, size: int) -> dict[str, tuple[int, int]]:
    """Rows read and written, by D1's own account: of a report, then of another."""
    if not size:
        worker.query("DELETE FROM reports")
    rows_used = {}
    for kind in (ACCEPTED, REFUSED):
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{worker.url}/report",
            _body(INSTALLATIONS - 1),
            {"Content-Type": "application/json", "Tell": "rows"},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310  # the same
                status, headers = answer.status, answer.headers
        except urllib.error.HTTPError as error:
            status, headers = error.code, error.headers
            error.close()
        if status != STATUS[kind]:
            raise RuntimeError(f"{worker.url} answered {status}, not {STATUS[kind]}")
        metas = [it for trip in json.loads(headers["D1-Trips"]) for it in trip]
        rows_used[kind] = (
            sum(it["rows_read"] for it in metas),
            sum(it["rows_written"] for it in metas),
        )
    return rows_used


def _fill(worker: Harness) -> None:
    worker.query("DELETE FROM reports")
    step = 50_000
    for number in range(REPORTS_EACH):
        for first in range(0, INSTALLATIONS, step):
            worker.query(_FILL, first, first + step, number)


def _body(installation: int) -> bytes:
    """A report with every field."""
    examples = {
        name: field.schema["examples"][0]
        for name, field in contract.load_fields().items()
    }
    return json.dumps({**examples, "uuid": _uuid(installation)}).encode()


def _uuid(installation: int) -> str:
    mixed = installation * 2654435761 % 2**32
    return f"{mixed:08x}-0000-4000-8000-{installation:012x}"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
