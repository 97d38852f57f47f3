"""The command `manage.py send_usage_report`: its options, and its exit status."""

import contextlib
import io
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
    OutputWrapper,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paperless_report.consent.ladder import is_do_not_track_set
from paperless_report.errors import ReportingError
from paperless_report.facts.package import is_reporting_off
from paperless_report.host import settings
from paperless_report.host.kinds import load_kind
from paperless_report.host.project import find_project, name_variables
from paperless_report.management.streams import make_console
from paperless_report.terminal.console import Console, OutputError, discard_output
from paperless_report.terminal.lookups import Lookups
from paperless_report.terminal.show import print_json, show_only, show_report
from paperless_report.wire.endpoint import find_endpoint
from paperless_report.words import messages
from paperless_report.words.other_files import describe_os_error

_VERBOSE = 2
_WRONG_USAGE = 2
_INTERRUPTED = 130

_HELP = gettext_lazy("""\
Shows which data about this installation would help the project, and sends it
once if you say yes. Nothing is ever sent without asking you.
""")
_ANSWERS = gettext_lazy("""\
What is sent?        Exactly what --dry-run shows.
Where does it go?    To the address in %(endpoint)s; if you
                     do not set it, to the address built into your release.
How often?           Each time you say yes.%(counted)s
How am I identified? By a random ID, in usage_uuid in the data directory.
How do I leave?      --forget deletes your reports, then the ID. With
                     DO_NOT_TRACK=1 in the environment, no report is sent.

Exit status: 0 normally, even if the report could not be sent; 1 if --json has
no report to print, the output cannot be written, or the project's settings for
reporting are wrong; 2 if the options are wrong; 130 if --json was interrupted.
""")


_COUNTED = gettext_lazy(" One report in %(days)s days is counted.")


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps Django's order of options and our own line breaks."""


class Command(BaseCommand):
    """Sends one report kind; each kind has a command of its own."""

    kind = "report"
    help = _HELP  # type: ignore[assignment]  # translated when it is shown
    # The host's checks must not decide whether its admin can see a report.
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own form

    def create_parser(
        self,
        prog_name: str,
        subcommand: str,
        **kwargs: Any,  # noqa: ANN401  # Django's signature
    ) -> CommandParser:
        """Create the parser, with answers to the first questions below the options."""
        kwargs.setdefault("formatter_class", _HelpFormatter)
        days = None
        with contextlib.suppress(ReportingError):  # `handle` says what is wrong
            days = load_kind(self.kind).once_in_days
        answers = str(_ANSWERS) % {
            "endpoint": name_variables().endpoint,
            "counted": str(_COUNTED) % {"days": days} if days else "",
        }
        return super().create_parser(prog_name, subcommand, epilog=answers, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options (spec, section "Flags"; decisions C11 and C12)."""
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("show what would be sent, without asking or sending"),
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help=_("print the exact bytes that would be sent, and nothing else"),
        )
        parser.add_argument(
            "--forget",
            action="store_true",
            help=_("have the reports of this installation deleted, then its ID"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's signature
        """Do what the options say.

        Raises:
            CommandError: If they contradict each other, `--json` has no report to
                print, or standard output cannot be written.
        """
        if sys.stderr is None and options.get("stderr") is None:
            # Closed: Django would fail to print an error, with another exit status.
            self.stderr = OutputWrapper(io.StringIO())
        console = make_console(self, options, verbose=options["verbosity"] >= _VERBOSE)
        try:
            self._run(console, **options)
            # Flush here: at the interpreter's exit it is too late to report an error.
            console.flush()
        except OutputError as error:
            if not self._called_from_command_line:  # type: ignore[attr-defined]  # not in the stubs
                raise error.cause from None  # a caller that passed its own output handles it
            discard_output()
            if error.is_closed_pipe:
                sys.exit(1)  # silently, as programs do whose output goes to `head`
            raise CommandError(error.describe()) from error
        except OSError as error:
            raise CommandError(describe_os_error(error)) from error

    def _run(self, console: Console, **options: Any) -> None:  # noqa: ANN401  # Django's options
        if options["forget"] and (options["dry_run"] or options["json"]):
            message = _("--forget cannot be combined with --dry-run or --json.")
            raise CommandError(message, returncode=_WRONG_USAGE)
        lookups = Lookups(
            name_variables(),
            find_project,
            settings.find_data_dir,
            lambda: find_endpoint(find_project()),
            lambda: is_reporting_off(find_project().package),
            lambda: is_do_not_track_set(os.environ),
        )
        try:
            # Import what can send only where something may be sent.
            if options["forget"]:
                from paperless_report.terminal.forget import ask_and_forget  # noqa: PLC0415

                ask_and_forget(console, lookups)
                return
            kind = load_kind(self.kind, console.warn_of_slow_database)
            if options["json"]:
                print_json(console, lookups, kind)
            elif options["dry_run"]:
                show_only(console, lookups, kind)
            else:
                shown = show_report(console, lookups, kind)
                from paperless_report.terminal.send import ask_and_send  # noqa: PLC0415

                ask_and_send(console, lookups, shown)
        except ReportingError as error:
            text = messages.describe_problem(error, lookups.variables)
            raise CommandError(text) from error
        except KeyboardInterrupt:
            if options["json"]:
                sys.exit(_INTERRUPTED)
            console.print_block("")
            console.print_paragraph(
                messages.NOTHING_FORGOTTEN
                if options["forget"]
                else messages.NOTHING_SENT
            )
