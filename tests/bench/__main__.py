"""`nox -s bench -- [NAME]`: runs one benchmark, or all."""

import argparse

from tests.bench import report, stamp, stats, worker

BENCHMARKS = {
    "stamp": stamp.main,
    "report": report.main,
    "worker": worker.main,
    "stats": stats.main,
}


def main() -> int:
    """Run what is named; give the exit status."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument(
        "name", nargs="?", choices=BENCHMARKS, help="which (default: all)"
    )
    parser.add_argument(
        "--rounds", type=int, default=25, help="how often (default: 25)"
    )
    options = parser.parse_args()
    for name, run in BENCHMARKS.items():
        if options.name in (None, name):
            run(options.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
