"""Parses the command line of `usage-receiver`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from usage_receiver import options

PRODUCTION = "production"
DATA = "receiver-data"  # in the current folder


class _PrintVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        # Only this option needs it, and it reads the files of installed packages.
        from importlib import metadata  # noqa: PLC0415  # see above

        try:
            version = metadata.version("usage-receiver")
        except metadata.PackageNotFoundError:
            version = "from a source tree"
        sys.stdout.write(f"{parser.prog} {version}\n")
        parser.exit()


def create_parser() -> argparse.ArgumentParser:
    """Return the parser: one subcommand for each command."""
    parser = argparse.ArgumentParser(
        prog="usage-receiver",
        description="Receive, count and publish voluntary usage reports.",
    )
    parser.add_argument(
        "--version", action=_PrintVersion, nargs=0, help="print the version"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_commands(commands.add_parser, "usage-receiver new")
    return parser


def add_commands(
    add_parser: Callable[..., argparse.ArgumentParser], new_command: str
) -> None:
    """Add the commands with *add_parser*; *new_command* is the one that makes a project."""
    project = options.make_project_parser(new_command)
    database = make_database_parser(project)
    serve = add_parser(
        "serve", help="serve the receiver until Ctrl-C or SIGTERM", parents=[database]
    )
    options.add_serve_options(serve)
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (default: %(default)s)",
    )
    serve.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an address or network whose X-Forwarded-For names the sender",
    )
    serve.add_argument(
        "--durability",
        choices=("normal", "full"),
        default="full",
        help="normal: faster, but a power cut may lose the last second (default: full)",
    )
    add_parser("count", help="run the daily count now", parents=[database])
    backup = add_parser(
        "backup", help="copy the database, also while it is served", parents=[database]
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="a file that is new")
    restore = add_parser(
        "restore", help="make a backup the database of a new folder", parents=[database]
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="the backup")
    run = add_parser("sql", help="run SQL on the database", parents=[database])
    run.add_argument("sql", metavar="STATEMENT", help="one or more statements")
    options.add_withhold_options(
        add_parser(
            "withhold",
            help="take a value out of all published statistics",
            parents=[database],
        )
    )
    options.add_exclude_options(
        add_parser(
            "exclude",
            help="take installations out of the statistics, such as made-up ones",
            parents=[database],
        )
    )
    add_parser(
        "check",
        help="run a project's tests, and compare its tables with its contract",
        parents=[project],
    )
    options.add_migrate_options(
        add_parser(
            "migrate",
            help="write the migration that a changed contract needs",
            parents=[project],
        )
    )
    options.add_new_options(add_parser("new", help="make the folder of a new project"))


def make_database_parser(project: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Return a parent parser for commands on the database of a project."""
    parser = argparse.ArgumentParser(add_help=False, parents=[project])
    parser.add_argument(
        "--env",
        default=PRODUCTION,
        metavar="NAME",
        help="an environment of wrangler.jsonc: local has no rate limits and answers to"
        " localhost only (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help=f"the database's folder; :memory: keeps it in memory (default: {DATA})",
    )
    return parser
