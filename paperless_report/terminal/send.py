"""Asks the admin, sends the report that was shown, and prints the outcome."""

import datetime as dt

from paperless_report.errors import Problem, ReportingError
from paperless_report.terminal.console import Console
from paperless_report.terminal.lookups import Lookups
from paperless_report.terminal.show import Shown
from paperless_report.translate import gettext as _
from paperless_report.translate import ngettext
from paperless_report.wire import delivery
from paperless_report.wire.answers import (
    AlreadySubmitted,
    Done,
    Failure,
    read_report_answer,
)
from paperless_report.words import failures, messages, phrases


def ask_and_send(console: Console, lookups: Lookups, shown: Shown) -> None:
    """Ask whether to send what was *shown*, and send it if the answer is yes."""
    if lookups.is_reporting_off():
        by_packager = ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
        console.print_paragraph(
            messages.describe_problem(by_packager, lookups.variables),
            messages.NOTHING_SENT,
        )
        return
    if lookups.is_do_not_track_set():
        console.print_paragraph(_("DO_NOT_TRACK is set. Nothing sent."))
        return
    try:
        body = shown.require_complete().body
        delivery.require_requests()
        url = lookups.find_endpoint().url(shown.kind.name)
    except ReportingError as error:
        console.print_paragraph(
            messages.describe_problem(error, lookups.variables),
            messages.NOTHING_WAS_SENT,
        )
        return
    if not console.confirm(_("Send this report?")):
        console.print_paragraph(messages.NOTHING_SENT)
        return
    with console.explain_interrupt(
        _("Interrupted. The report may have arrived all the same.")
    ):
        answer = delivery.post(url, body, on_slow=console.warn_of_slow_endpoint)
        now = dt.datetime.now(dt.UTC)
        # A receiver without such a limit has no reason to refuse.
        days = shown.kind.once_in_days or 0
        _print_outcome(console, read_report_answer(answer, now, days))


def _print_outcome(
    console: Console, outcome: Done | AlreadySubmitted | Failure
) -> None:
    match outcome:
        case Done():
            console.print_paragraph(phrases.REPORT_SENT)
        case AlreadySubmitted(days_ago, again_after):
            console.print_paragraph(
                _say_when(days_ago),
                _("You can send again after %(date)s.") % {"date": again_after},
            )
        case Failure():
            console.print_paragraph(failures.UNREACHABLE, messages.NOTHING_WAS_SENT)
            console.print_detail(failures.describe_failure(outcome))


def _say_when(days_ago: int) -> str:
    if days_ago == 0:
        return _("Already submitted today. Nothing sent.")
    text = ngettext(
        "Already submitted %(days)s day ago. Nothing sent.",
        "Already submitted %(days)s days ago. Nothing sent.",
        days_ago,
    )
    return text % {"days": days_ago}
