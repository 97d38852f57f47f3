"""`python -m worker.local`: install the Worker's packages, or keep it up."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from worker.local import serve, toolchain

DATA = toolchain.WORKER / ".wrangler" / "state"


def main() -> int:
    """Run the command line; give its exit status."""
    options = _parser().parse_args()
    # SIGTERM ends it as Ctrl-C does, runtime and all.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if toolchain.install_needed():
            print("Installing the Worker's packages ...", file=sys.stderr, flush=True)
            toolchain.install()
        if options.command == "serve":
            _serve(options.data, options.port, options.minutes)
    except subprocess.CalledProcessError as error:
        print(f"npm failed with status {error.returncode}.", file=sys.stderr)
        return 1
    except serve.RuntimeFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _serve(data: Path, port: int, minutes: float | None) -> None:
    """Print the Worker's URL, alone on a line, and wait."""
    print(f"Migrating the database in {data} ...", file=sys.stderr, flush=True)
    data.mkdir(parents=True, exist_ok=True)
    serve.migrate(data.resolve())
    print("Starting the Worker ... (Ctrl-C ends it)", file=sys.stderr, flush=True)
    with serve.running(data.resolve(), port, sys.stderr) as (url, process):
        print(url, flush=True)
        try:
            process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            print("The time is over.", file=sys.stderr)
            return
    raise serve.RuntimeFailedError("The runtime ended by itself: see above.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the packages that the lock file names")
    up = commands.add_parser("serve", help="keep the Worker up until Ctrl-C")
    up.add_argument(
        "--port", type=int, default=8787, help="0 takes a free port (default: 8787)"
    )
    up.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="the database's folder (default: %(default)s)",
    )
    up.add_argument(
        "--minutes", type=float, help="stop after so many (default: at Ctrl-C only)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
