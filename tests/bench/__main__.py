"""Runs the benchmarks: `nox -s bench -- [NAME]`."""

import argparse

from tests.bench import (
    disclosure,
    report,
    reporter,
    server,
    stamp,
    stats,
    systems,
    worker,
)

BENCHMARKS = {
    "stamp": stamp.main,
    "report": report.main,
    "reporter": reporter.main,
    "worker": worker.main,
    "server": server.main,
    "stats": stats.main,
    "disclosure": disclosure.main,
    "systems": systems.main,
}


def main() -> int:
    """Run the benchmarks that the command line selects; return the exit status."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument(
        "name",
        nargs="?",
        choices=BENCHMARKS,
        help="the benchmark to run (default: all)",
    )
    parser.add_argument(
        "--rounds", type=int, default=25, help="rounds to measure (default: 25)"
    )
    options = parser.parse_args()
    for name, run in BENCHMARKS.items():
        if options.name in (None, name):
            run(options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
