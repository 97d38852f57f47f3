"""`manage.py send_usage_report`: what can be typed, and which room answers it."""

import contextlib
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paperless_report import words
from paperless_report.console import Console
from paperless_report.kinds import USAGE
from paperless_report.obstacle import ObstacleError
from paperless_report.showing import only_show, print_bytes, show

_TALKATIVE = 2
_WRONG_USAGE = 2
_INTERRUPTED = 130

_HELP = gettext_lazy("""\
Shows which data about this installation would help the project, and sends it
once if you say yes. Nothing is ever sent unasked.
""")
_ANSWERS = gettext_lazy("""\
What is sent?    What --dry-run shows, and nothing else.
Where to?        To PAPERLESS_USAGE_REPORTING_URL, else to the address that the
                 release was built with, else nowhere.
How often?       Whenever you run this; one report in seven days is counted.
Who am I then?   A random ID in the data directory, in the file usage_uuid.
How do I leave?  --forget deletes your reports, then the ID. DO_NOT_TRACK=1 in
                 the environment sees to it that no report is sent.

Exit status: 0 whatever became of the report, also if it could not be sent;
1 if --json has no report to print or the output cannot be written; 2 if the
command was typed wrongly; 130 if --json was interrupted.
""")


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of options, and lines as they are broken here."""


class Command(BaseCommand):
    """Flags in, exit status out."""

    kind = USAGE
    help = _HELP  # type: ignore[assignment]  # translated when it is shown
    # A report on an installation must not depend on that installation's checks.
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django's own form

    def create_parser(
        self,
        prog_name: str,
        subcommand: str,
        **kwargs: Any,  # noqa: ANN401  # Django's signature
    ) -> CommandParser:
        """The parser, with the first questions answered below the flags."""
        kwargs.setdefault("formatter_class", _HelpFormatter)
        return super().create_parser(
            prog_name, subcommand, epilog=str(_ANSWERS), **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags (spec, section "Flags"; decisions C11 and C12)."""
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("show what would be sent; ask nothing, send nothing"),
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
        """Do what the flags say.

        Raises:
            CommandError: If they contradict each other, `--json` has nothing to
                print, or standard output cannot be written.
        """
        try:
            self._run(**options)
            # Here, and not at the interpreter's end, where it could not be told.
            self.stdout.flush()
        except OSError as error:
            if not self._called_from_command_line:  # type: ignore[attr-defined]  # not in the stubs
                raise  # the output is the caller's
            self._leave_output()
            if isinstance(error, BrokenPipeError):
                sys.exit(1)  # as `head` and its like expect it: without a word
            said = _("The output cannot be written: %(why)s.")
            raise CommandError(said % {"why": error.strerror}) from error

    def _run(self, **options: Any) -> None:  # noqa: ANN401  # Django's options
        if sys.stdout is None and options.get("stdout") is None:
            raise CommandError(_("There is no output to show anything on."))
        console = Console(
            self.stdout, self.stderr, talkative=options["verbosity"] >= _TALKATIVE
        )
        if options["forget"] and (options["dry_run"] or options["json"]):
            said = _("--forget goes with neither --dry-run nor --json.")
            raise CommandError(said, returncode=_WRONG_USAGE)
        try:
            # What only looks does not so much as import what can send.
            if options["forget"]:
                from paperless_report.forgetting import forget  # noqa: PLC0415

                forget(console)
            elif options["json"]:
                print_bytes(console, self.kind)
            elif options["dry_run"]:
                only_show(console, self.kind)
            else:
                shown = show(console, self.kind)
                from paperless_report.sending import send  # noqa: PLC0415

                send(console, shown)
        except ObstacleError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            if options["json"]:
                sys.exit(_INTERRUPTED)
            console.show("")
            console.say(
                words.NOTHING_FORGOTTEN if options["forget"] else words.NOTHING_SENT
            )

    def _leave_output(self) -> None:
        """Let what is still buffered go nowhere: the interpreter's end would try again."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with contextlib.suppress(OSError):
            os.dup2(nowhere, self.stdout.fileno())
        os.close(nowhere)
