"""Parses the command line of `python -m worker.local`."""

import argparse
import os
import stat
from pathlib import Path

from worker.local import cloudflare, configuration, toolchain

_DATA = toolchain.WORKER / ".wrangler" / "state"
_MOST_INSTALLATIONS = 1000
# What the receiver requires (worker/src/http/secret.ts).
_LEAST_SECRET_CHARACTERS = 32
_MOST_SECRET_CHARACTERS = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def create_parser() -> argparse.ArgumentParser:
    """Return the parser: one subcommand for each command."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.local",
        description="Make, serve, check and deploy the receiver of a project.",
    )
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
        default=_DATA,
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
    up.add_argument(
        "--operator-secret-file",
        type=_parse_secret_file,
        metavar="FILE",
        help="serve the operator's view with the secret in FILE, which only you can read",
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
    new = commands.add_parser("new", help="make the folder of a new project")
    new.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    new.add_argument(
        "--name", help="what people call the project (default: DIR's name)"
    )
    new.add_argument(
        "--schema",
        type=Path,
        metavar="FILE",
        help="the contract, a JSON Schema (default: an example)",
    )
    new.add_argument(
        "--engine",
        type=Path,
        default=toolchain.WORKER,
        metavar="PATH",
        help="the engine: a folder, or a file from a release (default: %(default)s)",
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


def _parse_secret_file(text: str) -> Path:
    """Check the file of a secret. No message repeats what it contains."""
    try:
        with Path(text).open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            length = len(file.read(_MOST_SECRET_CHARACTERS).strip())
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be read as text: {type(error).__name__}"
        ) from None
    if mode & _OTHERS:
        raise argparse.ArgumentTypeError(
            f"others can use {text}. Run `chmod 600 {text}`"
        )
    if length < _LEAST_SECRET_CHARACTERS:
        raise argparse.ArgumentTypeError(
            f"the secret in {text} needs {_LEAST_SECRET_CHARACTERS} characters or more."
            " docs/worker.md says how to make one"
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
