"""Writes the sentences on a run that sent no report."""

from paperless_report.errors import ReportingError
from paperless_report.results import Outcome, Result
from paperless_report.translate import gettext as _
from paperless_report.words import failures, messages
from paperless_report.words.messages import Variables
from paperless_report.words.values import format_time


def list_reasons(
    outcome: Outcome, variables: Variables, *, quotes_endpoint: bool = True
) -> list[str]:
    """Write why a run failed; nothing if it did not."""
    if outcome.problem:
        return [messages.describe_problem(outcome.problem, variables)]
    if outcome.failure:
        reason = failures.describe_failure(
            outcome.failure, quotes_endpoint=quotes_endpoint
        )
        return [str(failures.UNREACHABLE), reason]
    return []


def say_when_tried_again(outcome: Outcome) -> list[str]:
    """Write when a failed report is tried again, if that is known."""
    if not outcome.next_try:
        return []
    time = format_time(outcome.next_try)
    return [_("The next try is due at %(time)s.") % {"time": time}]


def explain_consent(command: str) -> list[str]:
    """Write that a newer contract waits for consent, and the *command* that gives it."""
    return [
        _("This version would send more than you agreed to."),
        _("Nothing is sent until you run: %(command)s") % {"command": command},
    ]


def write_log_line(
    outcome: Outcome | ReportingError, variables: Variables, command: str
) -> str | None:
    """Write one line for a log, without an ID or what was sent.

    Args:
        outcome: How a run ended, or why there was none.
        variables: The names of the project's variables.
        command: What an admin runs to turn reporting on.

    Returns:
        The line; None if nothing went wrong.
    """
    if isinstance(outcome, ReportingError):
        outcome = Outcome(Result.FAILED, problem=outcome)
    if outcome.result is Result.NEEDS_CONSENT:
        sentences = explain_consent(command)
    elif outcome.result is Result.FAILED:
        sentences = [
            *list_reasons(outcome, variables, quotes_endpoint=False),
            *say_when_tried_again(outcome),
        ]
    else:
        return None
    return " ".join((_("No usage report was sent."), *sentences))
