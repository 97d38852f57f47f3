"""`python -m worker.local`: serves a project's Worker, and works on its database."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from worker.local import configuration, serve, toolchain, withhold

DATA = toolchain.WORKER / ".wrangler" / "state"
_MOST_INSTALLATIONS = 1000
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
        toolchain.link_packages(toolchain.WORKER)
        if options.command == "serve":
            _serve(options)
        elif options.command == "count":
            _migrate(options)
            serve.count(options.data.resolve(), sys.stderr, options.project)
        elif options.command == "withhold":
            _withhold(options)
    except subprocess.CalledProcessError as error:
        print(f"npm failed with status {error.returncode}.", file=sys.stderr)
        return 1
    except serve.RuntimeFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _migrate(options: argparse.Namespace) -> None:
    print(f"Migrating the database in {options.data} ...", file=sys.stderr, flush=True)
    options.data.mkdir(parents=True, exist_ok=True)
    serve.migrate(options.data.resolve(), options.project)


def _serve(options: argparse.Namespace) -> None:
    """Serve until the time is up, and print nothing but the URL to standard output."""
    _migrate(options)
    data, project, minutes = options.data.resolve(), options.project, options.minutes
    if options.sample:
        print("Storing and counting made-up reports ...", file=sys.stderr, flush=True)
        serve.fill(data, options.sample, project)
        serve.count(data, sys.stderr, project)
    print("Starting the Worker ... (Ctrl-C stops it)", file=sys.stderr, flush=True)
    server = serve.run_server(data, options.port, sys.stderr, project)
    with server as (url, process):
        print(url, flush=True)
        try:
            process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"Stopped after {minutes:g} minutes.", file=sys.stderr)
            return
    raise serve.RuntimeFailedError("The runtime stopped. Its output is above.")


def _withhold(options: argparse.Namespace) -> None:
    if not options.remote:
        _migrate(options)
    periods = withhold.withhold(
        None if options.remote else options.data.resolve(),
        *(options.field, options.value, options.project),
        undo=options.undo,
    )
    state = "published again" if options.undo else "withheld from now on"
    print(f"{options.field} {options.value} is {state}.")
    print(
        f"These editions contain it: {', '.join(periods)}."
        if periods
        else "No edition contains it. Check the field and the value, or wait for the next one."
    )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Nox sends SIGTERM shortly after Ctrl-C, and must not cut short what the first one began.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the packages in the lock file")
    database = argparse.ArgumentParser(add_help=False)
    database.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="the database's folder (default: %(default)s)",
    )
    database.add_argument(
        "--project",
        type=Path,
        default=configuration.PAPERLESS_NGX,
        help="the project's folder (default: %(default)s)",
    )
    up = commands.add_parser(
        "serve", help="serve the Worker until Ctrl-C", parents=[database]
    )
    up.add_argument(
        "--port",
        type=int,
        default=8787,
        help="the port; 0 takes a free one (default: 8787)",
    )
    up.add_argument(
        "--minutes", type=float, help="stop after this many minutes (default: never)"
    )
    up.add_argument(
        "--sample",
        type=_parse_installations,
        metavar="N",
        help="first fill an empty database with reports of N made-up installations",
    )
    commands.add_parser("count", help="run the daily count now", parents=[database])
    take = commands.add_parser(
        "withhold",
        help="take a value out of all published statistics",
        parents=[database],
    )
    take.add_argument("field", help="a field, such as python")
    take.add_argument(
        "value", type=_require_unicode, help="its value, as /stats shows it"
    )
    take.add_argument("--undo", action="store_true", help="publish the value again")
    take.add_argument(
        "--remote", action="store_true", help="in production, not in the local database"
    )
    return parser


def _parse_installations(text: str) -> int:
    if not 1 <= int(text) <= _MOST_INSTALLATIONS:
        raise argparse.ArgumentTypeError(f"choose from 1 to {_MOST_INSTALLATIONS}")
    return int(text)


def _require_unicode(text: str) -> str:
    """Accept *text* if it is valid Unicode: other bytes cannot be in the database."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("use valid UTF-8") from None
    return text


if __name__ == "__main__":
    raise SystemExit(main())
