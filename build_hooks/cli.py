"""The command line, `build-stamp`: the same functions as the plugin."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from build_hooks import config, resolve
from build_hooks.errors import StampError
from build_hooks.stamp import Stamp

_EPILOG = """\
exit status:
  0  the stamp was printed
  1  there is none: what is wrong stands on standard error
  2  the command line is wrong
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `build-stamp`; give its exit status."""
    options = _parser().parse_args(arguments)
    root = Path(options.path)
    try:
        resolution = resolve.resolve(root, config.find(root), os.environ)
    except StampError as error:
        print(f"build-stamp: {error}", file=sys.stderr)
        return 1
    for warning in resolution.warnings:
        print(f"build-stamp: {warning}", file=sys.stderr)
    print(_FORMATS[options.format](resolution.stamp))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build-stamp",
        description="Says which commit, date and channel a build of a tree would carry.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    show = commands.add_parser(
        "show",
        help="print the stamp of a project",
        description="Prints the stamp that a build of the project would carry now.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default=".",
        help="the folder that holds pyproject.toml (default: this one)",
    )
    show.add_argument(
        "--format",
        choices=_FORMATS,
        default="text",
        help="for people, or for programs (default: text)",
    )
    return parser


def _text(stamp: Stamp) -> str:
    facts = dataclasses.asdict(stamp)
    width = max(map(len, facts))
    return "\n".join(
        f"{name.replace('_', ' '):{width}} : {_word(value)}"
        for name, value in facts.items()
    )


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else value


def _json(stamp: Stamp) -> str:
    return json.dumps(dataclasses.asdict(stamp), indent=2)


_FORMATS = {"text": _text, "json": _json}
