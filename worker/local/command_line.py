"""Parses the command line of `python -m worker.local`."""

import argparse
from pathlib import Path

from usage_receiver import command_line, options
from worker.local import cloudflare, remote_count, toolchain

# The folder of the local database on Cloudflare's runtime.
DATA = toolchain.WORKER / ".wrangler" / "state"
SERVER, CLOUDFLARE = "server", "cloudflare"
# The commands on a database, which may be in production.
_DATABASE = ("backup", "count", "exclude", "restore", "sql", "withhold")
_WITHOUT_NPM = ("migrate", "new")


def create_parser() -> argparse.ArgumentParser:
    """Return the parser: the commands of `usage-receiver`, and those of Cloudflare."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.local",
        description="Make, serve, check and deploy the receiver of a project.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command_line.add_commands(commands.add_parser, "nox -s new --")
    for name in ("serve", *_DATABASE):
        command = commands.choices[name]
        command.set_defaults(env="local", remote=False)
        command.add_argument(
            "--runtime",
            choices=(SERVER, CLOUDFLARE),
            help="server: Node and SQLite; cloudflare: workerd and D1 on this machine,"
            " where --data is worker/.wrangler/state by default (default: server, unless"
            " the folder has a database of workerd)",
        )
    for name in (name for name in _DATABASE if name != "count"):
        commands.choices[name].add_argument(
            "--remote",
            action="store_true",
            help="use production's database in your Cloudflare account",
        )
    count = commands.choices["count"]
    count.add_argument(
        "--remote",
        type=_parse_endpoint,
        metavar="URL",
        help="let the receiver at URL count, on either runtime",
    )
    options.add_secret_option(
        count, "with --remote: the receiver's secret in FILE, which only you can read"
    )
    project = options.make_project_parser("nox -s new --")
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
    commands.add_parser("install", help="install the packages in the lock file")
    return parser


def is_for_server(options: argparse.Namespace) -> bool:
    """Whether `usage-receiver` has the command, on the runtime that *options* mean."""
    if options.command in ("serve", *_DATABASE):
        return not options.remote and choose_runtime(options) == SERVER
    return options.command in _WITHOUT_NPM


def choose_runtime(options: argparse.Namespace) -> str:
    """Return the runtime on this machine that *options* name, or that the data is of."""
    # Where Cloudflare's runtime keeps databases.
    is_cloudflare = options.data is not None and Path(options.data, "v3").is_dir()
    runtime: str = options.runtime or (CLOUDFLARE if is_cloudflare else SERVER)
    return runtime


def _parse_endpoint(text: str) -> str:
    try:
        return remote_count.parse_endpoint(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
