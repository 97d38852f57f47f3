"""Compares requests for statistics with the spec's raw queries, on a large database."""

import json
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import page
from usage_receiver import configuration
from worker.local import toolchain

SIZES = (1_000_000, 5_000_000)
# Reports of each installation, on average.
REPORTS_EACH = 5
# The worst case: every report is from another installation.
INSTALLS = 1_000_000


def main(rounds: int) -> None:
    """Measure, and write the tables to their page."""
    views, rollups = [], []
    for reports in SIZES:
        measured = measure(reports, reports // REPORTS_EACH, min(rounds, 10))
        views += [
            f"| {reports / 1e6:g} M | {name} | {_format_count(it.get('read'))} "
            f"| {_format_ms(it)} |"
            for name, it in measured["views"].items()
        ]
        rollups.append(
            _format_rollup(reports, reports // REPORTS_EACH, measured["rollup"])
        )
    measured = measure(INSTALLS, INSTALLS, 1)
    rollups.append(_format_rollup(INSTALLS, INSTALLS, measured["rollup"]))
    page.write(
        "stats",
        "\n".join(
            (
                "| reports | query | rows read | time, ms |",
                "| --- | --- | --- | --- |",
                *views,
                "",
                "| reports | installations | rows read | rows written | longest statement, s | total, s |",
                "| --- | --- | --- | --- | --- | --- |",
                *rollups,
            )
        ),
    )


def measure(reports: int, installs: int, rounds: int) -> dict[str, Any]:
    """Fill a database, run the daily count and the queries, and measure each.

    Returns:
        `views` by name, each with `read` (rows) and `ms` (a list), or `failed`;
        `rollup` with `read`, `written` (rows), `ms` (of each statement) and `wall`.
    """
    print(f"{reports:,} reports of {installs:,} installations ...", flush=True)
    bench = Path(__file__).parent
    config = {
        **configuration.read_environment("local"),
        "main": str(bench / "stats_worker.ts"),
    }
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        completed = subprocess.run(
            (
                *(toolchain.NODE, "--no-warnings", bench / "stats.mjs"),
                json.dumps(
                    {
                        "worker": {"config": config},
                        "reports": reports,
                        "installs": installs,
                        "rounds": rounds,
                    }
                ),
            ),
            cwd=configuration.PAPERLESS_NGX,
            env=toolchain.clean_environment(Path(home), {"PATH": "/usr/bin:/bin"}),
            capture_output=True,
            text=True,
            check=False,
        )
    if completed.returncode:
        raise RuntimeError(
            f"The benchmark's runtime failed:\n{completed.stderr[-2000:]}"
        )
    measured: dict[str, Any] = json.loads(completed.stdout)
    print(json.dumps(measured, indent=1))
    return measured


def _format_rollup(reports: int, installs: int, measured: dict[str, Any]) -> str:
    return (
        f"| {reports / 1e6:g} M | {installs / 1e6:g} M | {_format_count(measured['read'])} "
        f"| {_format_count(measured['written'])} | {max(measured['ms']) / 1000:.1f} "
        f"| {measured['wall'] / 1000:.1f} |"
    )


def _format_count(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _format_ms(measured: dict[str, Any]) -> str:
    return (
        "fails"
        if measured.get("failed")
        else f"{statistics.median(measured['ms']):,.0f}"
    )
