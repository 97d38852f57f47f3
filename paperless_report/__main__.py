"""Runs the commands of `usage_reporting` for a program without Django."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from paperless_report.terminal.arguments import add_commands
from paperless_report.terminal.call import Call, CommandFailed, Status
from paperless_report.terminal.console import Console
from paperless_report.translate import gettext as _

_PROGRAM = "python -m paperless_report"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        arguments: The command line without the program; that of this process by default.
    """
    parser = ArgumentParser(prog=_PROGRAM)
    parser.add_argument(
        "--project",
        required=True,
        metavar="MODULE:OBJECT",
        help=_("where your program declares its Project, such as shelf:project"),
    )
    add_commands(parser, f"{_PROGRAM} --project MODULE:OBJECT")
    options = parser.parse_args(arguments)
    console = Console(
        sys.stdout,
        sys.stderr,
        encoding=getattr(sys.stdout, "encoding", None),
        verbose=True,
    )
    if sys.stdout is None:
        console.warn(_("Standard output is closed."))
        return Status.FAILED
    try:
        _run(console, options)
    except KeyboardInterrupt:  # while the program's own module was imported
        console.warn(_("Interrupted."))
        return Status.INTERRUPTED
    except CommandFailed as error:
        if str(error):
            console.warn(error)
        return error.status
    return 0


def _run(console: Console, options: Namespace) -> None:
    try:
        from paperless_report.terminal.commands import run_command  # noqa: PLC0415
        from paperless_report.terminal.loading import (  # noqa: PLC0415
            ProjectNotFoundError,
            load_reporter,
        )

        reporter = load_reporter(options.project)
    except ProjectNotFoundError as error:
        raise CommandFailed(Status.WRONG_USAGE, error) from error
    program = f"{_PROGRAM} --project {options.project}"
    run_command(Call(reporter, console, options, program), is_process=True)


if __name__ == "__main__":
    sys.exit(main())
