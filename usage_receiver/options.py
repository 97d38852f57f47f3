"""Declares the options that `usage-receiver` and `python -m worker.local` share."""

import argparse
import os
import stat
import sys
from pathlib import Path

from usage_receiver import configuration, failures, selection

_MOST_INSTALLATIONS = 1000
# What the receiver requires (worker/src/http/secret.ts).
_LEAST_SECRET_CHARACTERS = 32
_MOST_SECRET_CHARACTERS = 4096
_RANDOM = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
_MOST_PORT = 65_535
# Node's timers end after 2^31 milliseconds.
_MOST_MINUTES = 35_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_project_parser(new_command: str) -> argparse.ArgumentParser:
    """Return a parent parser for commands on a project.

    Args:
        new_command: The command that makes a project, for the error message.
    """

    def parse_project(text: str) -> Path:
        try:
            exists = configuration.wrangler_file(Path(text)).is_file()
        except PermissionError:
            raise argparse.ArgumentTypeError(
                f"{failures.find_user()} may not open {text}. Let that user read it"
            ) from None
        if not exists:
            raise argparse.ArgumentTypeError(
                f"{text} has no wrangler.jsonc. `{new_command} {text}` makes a project"
                " there"
            )
        return Path(text).resolve()

    # False in a folder that this user may not read, such as root's home.
    here = os.path.isfile(configuration.wrangler_file(Path()))  # noqa: PTH113
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--project",
        type=parse_project,
        default=Path.cwd() if here else configuration.PAPERLESS_NGX,
        metavar="DIR",
        help="the project's folder (default: the current one if it has a wrangler.jsonc,"
        " else that of paperless-ngx)",
    )
    return parser


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that serves a receiver has."""
    parser.add_argument(
        "--port",
        type=_parse_port,
        default=8787,
        help="the port; 0 takes a free one (default: 8787)",
    )
    parser.add_argument(
        "--minutes",
        type=_parse_minutes,
        help="stop after this many minutes (default: never)",
    )
    parser.add_argument(
        "--sample",
        type=_parse_installations,
        metavar="N",
        help="first store reports of N made-up installations, if the database has no reports",
    )
    add_secret_option(
        parser,
        "serve the operator's view with the secret in FILE, which only you can read",
    )


def add_secret_option(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the file of the operator's secret, with *text* as its help."""
    parser.add_argument(
        "--operator-secret-file", type=_parse_secret_file, metavar="FILE", help=text
    )


def add_withhold_options(parser: argparse.ArgumentParser) -> None:
    """Add the value that `withhold` takes out, or puts back."""
    parser.add_argument("field", help="a field, such as python")
    parser.add_argument(
        "value", type=_require_unicode, help="its value, as /stats shows it"
    )
    parser.add_argument("--undo", action="store_true", help="publish the value again")


def add_exclude_options(parser: argparse.ArgumentParser) -> None:
    """Add which installations `exclude` means, and whether to change anything."""
    parser.add_argument(
        "values",
        nargs="*",
        type=_require_unicode,
        metavar="FIELD=VALUE",
        help="a value in the latest report; empty: the report has none; several of a"
        " field: any of them",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="first seen at TIME in UTC or later: 2026-05-14 or 2026-05-14T21:40",
    )
    parser.add_argument(
        "--until", metavar="TIME", help="first seen until the end of TIME"
    )
    parser.add_argument(
        "--ids",
        metavar="FILE",
        help="with one of the installation IDs in FILE, one a line; - reads standard"
        " input, so that no file or shell history has them",
    )
    parser.add_argument(
        "--find",
        action="store_true",
        help="list waves: installations that are alike and were first seen within an hour",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="exclude them; without it, only say how many match",
    )
    parser.add_argument(
        "--undo", action="store_true", help="readmit those that are excluded"
    )


def read_selection(parsed: argparse.Namespace) -> selection.Selection:
    """Return the installations that the command line of `exclude` means.

    Raises:
        ExcludeError: If the file of IDs is not text, or `--find` is not alone.
        OSError: If it cannot be read.
    """
    names = ("values", "since", "until", "ids", "yes", "undo")
    if parsed.find and any(getattr(parsed, name) for name in names):
        raise selection.ExcludeError("--find lists all waves. Leave the rest out.")
    ids = None
    if parsed.ids is not None:
        try:
            text = (
                sys.stdin.read()
                if parsed.ids == "-"
                else Path(parsed.ids).read_text(encoding="utf-8")
            )
        except UnicodeDecodeError:
            raise selection.ExcludeError(
                f"{parsed.ids} is not text. Write one ID a line."
            ) from None
        ids = selection.parse_ids(text)
    return selection.Selection(
        values=parsed.values, since=parsed.since, until=parsed.until, ids=ids
    )


def add_migrate_options(parser: argparse.ArgumentParser) -> None:
    """Add what `migrate` may change, and whether it writes anything."""
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="keep the data of a column or table under a new name",
    )
    parser.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="NAME",
        help="delete a column or table with its data",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing, and fail if a migration is missing",
    )


def add_new_options(parser: argparse.ArgumentParser) -> None:
    """Add what the folder of a new project is made from."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a new or empty folder"
    )
    parser.add_argument(
        "--name", help="what people call the project (default: DIR's name)"
    )
    parser.add_argument(
        "--schema",
        type=Path,
        metavar="FILE",
        help="the contract, a JSON Schema (default: an example)",
    )
    parser.add_argument(
        "--counters",
        action="store_true",
        help="count what installations do; the example accepts reports at any time",
    )
    parser.add_argument(
        "--engine",
        type=Path,
        metavar="PATH",
        help="the engine for npm: a folder, or a file from a release"
        " (default: this clone's, if it is one)",
    )


def _parse_secret_file(text: str) -> Path:
    """Check the file of a secret. No message repeats what it contains."""
    try:
        with Path(text).open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            length = len(file.read(_MOST_SECRET_CHARACTERS).strip())
    except FileNotFoundError:
        raise argparse.ArgumentTypeError(
            f"there is no {text}. `(umask 077 && {_RANDOM} > {text})` makes a new one"
        ) from None
    except PermissionError:
        user = failures.find_user()
        raise argparse.ArgumentTypeError(
            f"{user} may not read {text}, which belongs to"
            f" {failures.find_owner(Path(text))}. Run `chown {user} {text}`"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise argparse.ArgumentTypeError(f"{text} cannot be read as text") from None
    if mode & _OTHERS:
        raise argparse.ArgumentTypeError(
            f"others can use {text}. Run `chmod 600 {text}`"
        )
    if length < _LEAST_SECRET_CHARACTERS:
        raise argparse.ArgumentTypeError(
            f"the secret in {text} needs {_LEAST_SECRET_CHARACTERS} characters or more."
            f" `{_RANDOM}` makes one"
        )
    return Path(text).resolve()


def _parse_port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {_MOST_PORT}")
    return port


def _parse_minutes(text: str) -> float:
    minutes = float(text)
    # Not a number is not in between, either.
    if not 0 < minutes <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(
            f"{text} is not more than 0 and at most {_MOST_MINUTES}"
        )
    return minutes


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
