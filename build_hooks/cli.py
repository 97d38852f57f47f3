"""Parses the command line of `build-stamp` and runs the command that it names."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from build_hooks import formats
from build_hooks.commands import cut, init, show, verify, write
from build_hooks.errors import StampError
from build_hooks.terminal import print_lines
from build_hooks.text import as_clause, escape

_COMMANDS = {
    "init": init,
    "show": show,
    "write": write,
    "verify": verify,
    "cut": cut,
}
_DISTRIBUTION = "paperless-report"
_STATUS = """\
exit status:
  0  success
  1  failure: standard error says what is wrong and how to fix it
  2  wrong command line
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `build-stamp` and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A path may have characters that the terminal cannot encode.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(sys.argv[1:] if arguments is None else arguments)
        finally:
            if sys.stdout:  # None if it is closed
                sys.stdout.flush()  # fails here if nobody reads it, not at exit
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it flushes at exit.
        sys.stdout = io.StringIO()
    except OSError as error:
        place = error.filename or "the output cannot be written"
        print_lines(f"build-stamp: {place}: {as_clause(error)}.", error=True)
        sys.stdout = io.StringIO()
    return 1


def _run(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except StampError as error:
        first, *others = error.lines
        print_lines(f"build-stamp: {first}", *others, error=True)
    except KeyboardInterrupt:
        print_lines("build-stamp: interrupted.", error=True)
    return 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    try:
        return make_parser().parse_args(arguments)
    except SystemExit as stop:
        words = {word for argument in arguments for word in argument.split("=")}
        for name in formats.FOR_BUILDS:
            if stop.code and name in words:
                print(formats.format_failure(name, prefix=None))
        raise


class _PrintVersion(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        # Only this option needs it, and it reads the files of installed packages.
        from importlib import metadata  # noqa: PLC0415  # see above

        try:
            version = metadata.version(_DISTRIBUTION)
        except metadata.PackageNotFoundError:
            version = "from a source tree"
        print(f"{parser.prog} {version}")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(escape(message))  # a file's name may be taken for an option


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of every command."""
    parser = _Parser(
        prog="build-stamp",
        description="Show, write and verify the commit, date and channel of a build; "
        "tag releases.",
        epilog=_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action=_PrintVersion, nargs=0, help="print the version"
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=command.HELP,
            description=f"{command.HELP[0].upper()}{command.HELP[1:]}.",
            epilog=f"{command.EPILOG}{_STATUS}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser
