"""Parses the command line of `python -m worker.local`."""

import argparse
from pathlib import Path

from usage_receiver import options
from worker.local import cloudflare, toolchain

_DATA = toolchain.WORKER / ".wrangler" / "state"


def create_parser() -> argparse.ArgumentParser:
    """Return the parser: one subcommand for each command."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.local",
        description="Make, serve, check and deploy the receiver of a project.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install the packages in the lock file")
    project = options.make_project_parser("nox -s new --")
    database = argparse.ArgumentParser(add_help=False, parents=[project])
    database.add_argument(
        "--data",
        type=Path,
        default=_DATA,
        metavar="DIR",
        help="the database's folder (default: %(default)s)",
    )
    options.add_serve_options(
        commands.add_parser(
            "serve", help="serve the Worker until Ctrl-C", parents=[database]
        )
    )
    commands.add_parser("count", help="run the daily count now", parents=[database])
    take = commands.add_parser(
        "withhold",
        help="take a value out of all published statistics",
        parents=[database],
    )
    options.add_withhold_options(take)
    take.add_argument(
        "--remote", action="store_true", help="in production, not in the local database"
    )
    commands.add_parser(
        "check", help="check a project's types and run its tests", parents=[project]
    )
    options.add_migrate_options(
        commands.add_parser(
            "migrate",
            help="write the migration that a changed contract needs",
            parents=[project],
        )
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
    options.add_new_options(
        commands.add_parser("new", help="make the folder of a new project")
    )
    write = commands.add_parser("pack", help="pack the engine as a file for npm")
    write.add_argument("version", help="the version, such as 0.1.0rc1")
    write.add_argument(
        "--out", type=Path, default=Path("dist"), help="the folder (default: dist)"
    )
    return parser
