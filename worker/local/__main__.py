"""`python -m worker.local`: installs the Worker's packages, or serves a project's Worker."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from worker.local import configuration, serve, toolchain

DATA = toolchain.WORKER / ".wrangler" / "state"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args()
    # Both stop the Worker and its runtime. Python leaves SIGINT alone if the parent ignores
    # it, as a shell does for background jobs.
    for number in _STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        if toolchain.install_needed():
            print("Installing the Worker's packages ...", file=sys.stderr, flush=True)
            toolchain.install()
        if options.command == "serve":
            _serve(options.project, options.data, options.port, options.minutes)
    except subprocess.CalledProcessError as error:
        print(f"npm failed with status {error.returncode}.", file=sys.stderr)
        return 1
    except serve.RuntimeFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _serve(project: Path, data: Path, port: int, minutes: float | None) -> None:
    """Serve until the time is up, and print nothing but the URL to standard output."""
    print(f"Migrating the database in {data} ...", file=sys.stderr, flush=True)
    data.mkdir(parents=True, exist_ok=True)
    serve.migrate(data.resolve(), project)
    print("Starting the Worker ... (Ctrl-C stops it)", file=sys.stderr, flush=True)
    server = serve.run_server(data.resolve(), port, sys.stderr, project)
    with server as (url, process):
        print(url, flush=True)
        try:
            process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"Stopped after {minutes:g} minutes.", file=sys.stderr)
            return
    raise serve.RuntimeFailedError("The runtime stopped. Its output is above.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Nox sends SIGTERM shortly after Ctrl-C, and must not cut short what the first one began.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the packages in the lock file")
    up = commands.add_parser("serve", help="serve the Worker until Ctrl-C")
    up.add_argument(
        "--port",
        type=int,
        default=8787,
        help="the port; 0 takes a free one (default: 8787)",
    )
    up.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="the database's folder (default: %(default)s)",
    )
    up.add_argument(
        "--project",
        type=Path,
        default=configuration.PAPERLESS_NGX,
        help="the project's folder (default: %(default)s)",
    )
    up.add_argument(
        "--minutes", type=float, help="stop after this many minutes (default: never)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
