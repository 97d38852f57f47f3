"""The command `manage.py usage_reporting`: the commands of the terminal, in Django."""

import io
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from paperless_report.errors import ReportingError
from paperless_report.host.project import name_variables
from paperless_report.host.reporter import find_reporter
from paperless_report.management.streams import make_console
from paperless_report.terminal.arguments import add_commands
from paperless_report.terminal.call import Call, CommandFailed, Status
from paperless_report.terminal.commands import run_command
from paperless_report.words import messages


class Command(BaseCommand):
    """Shows, sends and deletes what this installation reports."""

    # The host's checks must not decide whether its admin can turn reporting off.
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own form

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the commands."""
        add_commands(parser)

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Run the command that the options name.

        Raises:
            CommandError: If it fails, for a caller of `call_command`.
            SystemExit: The same for the command line.
        """
        if sys.stderr is None and options.get("stderr") is None:
            # Closed: Django would fail to print an error, with another exit status.
            self.stderr = OutputWrapper(io.StringIO())
        is_process: bool = self._called_from_command_line  # type: ignore[attr-defined]  # not in the stubs
        console = make_console(self, options, verbose=True)
        try:
            call = Call(
                find_reporter(),
                console,
                Namespace(**options),
                "manage.py usage_reporting",
            )
            run_command(call, is_process=is_process)
        except CommandFailed as error:
            status, text = error.status, str(error)
        except ReportingError as error:  # the settings name no project
            status = Status.FAILED
            text = messages.describe_problem(error, name_variables())
        else:
            return
        if not is_process:
            raise CommandError(" ".join(text.split()), returncode=status)
        if text:
            console.warn(text)
        sys.exit(status)
