"""`python -m worker.local`: serves, checks and deploys a project's Worker."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from worker.local import (
    check,
    cloudflare,
    configuration,
    generate,
    pack,
    serve,
    toolchain,
    withhold,
)

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
        _COMMANDS[options.command](options)
    except subprocess.CalledProcessError as error:
        print(f"npm or tsc failed with status {error.returncode}.", file=sys.stderr)
        return 1
    except (serve.RuntimeFailedError, generate.GenerationFailedError) as error:
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


def _count(options: argparse.Namespace) -> None:
    _migrate(options)
    serve.count(options.data.resolve(), sys.stderr, options.project)


def _migrate_contract(options: argparse.Namespace) -> None:
    print(
        generate.write_migration(
            *(options.project, options.rename, options.drop), check=options.check
        ),
        end="",
    )


def _describe(options: argparse.Namespace) -> None:
    path = options.project / "openapi.json"
    path.write_text(generate.render_description(options.project), encoding="utf-8")
    print(f"Wrote {path}")


def _deploy(options: argparse.Namespace) -> None:
    cloudflare.deploy(options.project, options.env, dry_run=options.dry_run)


def _pack(options: argparse.Namespace) -> None:
    print(pack.pack(options.out, options.version))


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "check": lambda options: check.check(options.project),
    "count": _count,
    "deploy": _deploy,
    "describe": _describe,
    "install": lambda _: None,  # every command installs what it needs
    "migrate": _migrate_contract,
    "pack": _pack,
    "serve": _serve,
    "withhold": _withhold,
    "wrangler": lambda options: cloudflare.run_wrangler(
        options.project, *options.arguments
    ),
}


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Nox sends SIGTERM shortly after Ctrl-C, and must not cut short what the first one began.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the packages in the lock file")
    project = argparse.ArgumentParser(add_help=False)
    project.add_argument(
        "--project",
        type=_parse_project,
        default=configuration.PAPERLESS_NGX,
        metavar="DIR",
        help="the project's folder (default: %(default)s)",
    )
    database = argparse.ArgumentParser(add_help=False, parents=[project])
    database.add_argument(
        "--data",
        type=Path,
        default=DATA,
        metavar="DIR",
        help="the database's folder (default: %(default)s)",
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
    commands.add_parser(
        "check", help="check a project's types and run its tests", parents=[project]
    )
    change = commands.add_parser(
        "migrate",
        help="write the migration that a changed contract needs",
        parents=[project],
    )
    change.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="keep the data of a column or table under a new name",
    )
    change.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="NAME",
        help="delete a column or table with its data",
    )
    change.add_argument(
        "--check",
        action="store_true",
        help="write nothing, and fail if a migration is missing",
    )
    commands.add_parser(
        "describe", help="write openapi.json of the project", parents=[project]
    )
    up = commands.add_parser(
        "deploy",
        help="migrate the database in your account and upload the Worker",
        parents=[project],
    )
    up.add_argument(
        "--env",
        choices=cloudflare.ENVIRONMENTS,
        default="production",
        help="where to deploy it (default: %(default)s)",
    )
    up.add_argument(
        "--dry-run",
        action="store_true",
        help="bundle the Worker and show what it would be bound to; needs no account",
    )
    run = commands.add_parser(
        "wrangler", help="run a command of wrangler", parents=[project]
    )
    run.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="ARGUMENT",
        help="wrangler's own arguments",
    )
    write = commands.add_parser("pack", help="pack the engine as a file for npm")
    write.add_argument("version", help="the version, such as 0.1.0rc1")
    write.add_argument(
        "--out", type=Path, default=Path("dist"), help="the folder (default: dist)"
    )
    return parser


def _parse_project(text: str) -> Path:
    if not configuration.wrangler_file(Path(text)).is_file():
        raise argparse.ArgumentTypeError(
            f"{text} has no wrangler.jsonc. `nox -s new -- {text}` makes a project there"
        )
    return Path(text).resolve()


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
