"""Defines what each command of `usage_reporting` gets, and how it ends."""

import contextlib
import enum
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass

from paperless_report.errors import ReportingError
from paperless_report.reporter import Reporter
from paperless_report.terminal.console import UNBROKEN_SPACE, Console
from paperless_report.translate import gettext as _
from paperless_report.words import messages


class Status(enum.IntEnum):
    """The exit status of a command; 0 says that there is nothing left to do."""

    FAILED = 1
    WRONG_USAGE = 2
    NEEDS_CONSENT = 3
    INTERRUPTED = 130


class CommandFailed(Exception):  # noqa: N818  # it carries no error, but a status
    """The command ends with this status, and with sentences on standard error."""

    def __init__(self, status: Status, *sentences: object) -> None:
        super().__init__(" ".join(map(str, sentences)))
        self.status = status


@dataclass(frozen=True)
class Call:
    """One call of a command.

    Attributes:
        reporter: The reporter of the project.
        console: Where the command prints and asks.
        options: What the command line says.
        program: What precedes a command's name on the command line.
    """

    reporter: Reporter
    console: Console
    options: Namespace
    program: str

    def agrees(self, question: str) -> bool:
        """Ask *question*, unless `--yes` answers it."""
        return self.options.yes or self.console.confirm(question)

    @contextlib.contextmanager
    def explain_interrupt(self, sentence: str) -> Iterator[None]:
        """Run the body; if Ctrl-C interrupts it halfway, end with *sentence*.

        Raises:
            CommandFailed: If it was interrupted.
        """
        try:
            yield
        except KeyboardInterrupt as error:
            raise CommandFailed(
                Status.INTERRUPTED, _("Interrupted."), sentence
            ) from error

    def name_command(self, name: str) -> str:
        """Write another command as it is typed, so that it stays on one line to copy."""
        return f"{self.program} {name}".replace(" ", UNBROKEN_SPACE)

    def print_command(self, name: str) -> None:
        """Print another command on a line of its own."""
        self.console.print_block(f"\n  {self.program} {name}\n\n")

    def describe(self, error: ReportingError) -> str:
        """Write the sentence for *error*."""
        variables = self.reporter.project.variables
        return messages.describe_problem(error, variables)
