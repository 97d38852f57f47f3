"""Writes the sentences that only the page has: the state, and what became of an action."""

from collections.abc import Iterator

from paperless_report.consent.ladder import Source, State
from paperless_report.errors import Problem, ReportingError
from paperless_report.page.content import Page
from paperless_report.page.currency import AWAITED, is_accepted, is_current
from paperless_report.page.notices import Notice
from paperless_report.results import Status
from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy
from paperless_report.words import messages, phrases
from paperless_report.words.failures import UNREACHABLE
from paperless_report.words.states import (
    explain_awaited_notice,
    explain_override,
    explain_unknown_value,
)

HEADINGS = {
    State.UNDECIDED: gettext_lazy("Reporting waits for your decision"),
    State.ON: gettext_lazy("Reporting is on"),
    State.OFF: gettext_lazy("Reporting is off"),
}
_STATES = {
    State.UNDECIDED: gettext_lazy("Nothing is sent until you turn reporting on."),
    State.ON: gettext_lazy(
        "Reports are sent automatically. You can stop that at any time."
    ),
    State.OFF: gettext_lazy("Nothing is counted or sent."),
}
_SOURCES = {
    Source.PACKAGER: gettext_lazy("It cannot be turned on here."),
    Source.DO_NOT_TRACK: gettext_lazy(
        "The environment variable DO_NOT_TRACK turns it off. To decide here instead, "
        "remove that variable from the configuration of this software, and restart it."
    ),
    Source.VARIABLE: gettext_lazy(
        "The environment variable %(variable)s decides this. To decide here instead, "
        "remove that variable from the configuration of this software, and restart it."
    ),
    Source.STORED: gettext_lazy("An administrator chose this."),
    Source.DEFAULT: gettext_lazy("Nobody has decided yet."),
}
_NOTICES = {
    Notice.TURNED_ON: phrases.ON,
    Notice.TURNED_OFF: gettext_lazy(
        "Reporting is turned off. The installation ID and all counts that were not sent "
        "are deleted."
    ),
    Notice.GROUP_ON: gettext_lazy("The group is counted again."),
    Notice.GROUP_OFF: gettext_lazy(
        "The group is not counted any more. Its counts that were not sent are deleted."
    ),
    Notice.SENT: phrases.REPORT_SENT,
    Notice.ALREADY_SENT: gettext_lazy(
        "The endpoint already has a recent report. Nothing was sent."
    ),
    Notice.NOT_SENT: gettext_lazy(
        "The report could not be sent. The history shows why. It will be sent again "
        "automatically."
    ),
    Notice.NOT_ON: gettext_lazy("Nothing was sent, because reporting is not on."),
    Notice.NEEDS_CONSENT: gettext_lazy("Nothing is sent until you answer."),
    Notice.FORGOTTEN: phrases.FORGOTTEN,
    Notice.NOT_FORGOTTEN: gettext_lazy(
        "The reports could not be deleted at the endpoint. The history shows why. Try "
        "again later."
    ),
    Notice.NOTHING_TO_FORGET: phrases.NOTHING_TO_FORGET,
    Notice.DELETED: gettext_lazy("Everything that was stored here is deleted."),
    Notice.NOTHING_STORED: phrases.NOTHING_IS_STORED,
    Notice.STALE: gettext_lazy(
        "Nothing was done, because something has changed since you opened this page. "
        "Read it again, and then decide."
    ),
    Notice.UNCONFIRMED: gettext_lazy("Nothing was done. Check the box first."),
    Notice.UNKNOWN_ACTION: gettext_lazy(
        "Nothing was done, because this page has no such button."
    ),
}
_DECLARED_WRONG = {
    *(Problem.INVALID_DECLARATION, Problem.INVALID_CONTRACT, Problem.NO_PROJECT),
    *(Problem.INVALID_PROJECT, Problem.NOT_A_PROJECT, Problem.UNEXPECTED),
}


def list_state_sentences(page: Page, status: Status) -> Iterator[str]:
    """Write what the state means, what decided it, and what can be done about it."""
    decision = status.decision
    if decision.state is not State.ON or status.is_sending:
        yield str(_STATES[decision.state])
    elif status.growth:
        yield _("But nothing is sent until you answer.")
    if decision.source is Source.PACKAGER:
        yield describe(page, ReportingError(Problem.TURNED_OFF_BY_PACKAGER))
    if decision.source is Source.DEFAULT and decision.state is State.ON:
        yield _("This is the default of %(project)s.") % {"project": page.project}
    yield str(_SOURCES[decision.source]) % {"variable": decision.variable}
    yield from explain_unknown_value(decision, page.variables.switch)
    yield from explain_override(decision)
    yield from explain_awaited_notice(decision)
    if status.problem and decision.source is not Source.PACKAGER:
        yield str(phrases.NO_REPORT_CAN_BE_SENT)
        yield describe(page, status.problem)


def list_problem_sentences(page: Page, problem: ReportingError) -> Iterator[str]:
    """Write why the state cannot be read, and who can do something about it."""
    yield _("This page cannot show more until the following problem is solved.")
    yield describe(page, problem)
    if problem.problem in _DECLARED_WRONG:
        yield _(
            "This is a fault in the software. Please report it to the people who make it."
        )
    yield _("The rest of the software works as usual.")


def describe(page: Page, error: ReportingError) -> str:
    """Write the sentence for *error*."""
    return messages.describe_problem(error, page.variables)


def describe_notice(page: Page) -> str | None:
    """Write what became of the last action; None if there is nothing to say."""
    is_busy = page.status is not None and page.status.is_busy
    sentences = []
    if page.notice in AWAITED:
        if not is_busy:
            sentences.append(_describe_end(page.notice, page))
    elif page.notice and is_current(page, page.notice):
        sentences.append(str(_NOTICES[page.notice]))
    if is_busy:
        sentences.append(_("Sending ... This page updates automatically."))
    return " ".join(sentences) or None


def describe_answer(answer: str | None) -> str:
    """Write what an endpoint answered, as the history has it."""
    if not answer:
        return _("no answer")
    if is_accepted(answer):
        return _("accepted (%(answer)s)") % {"answer": answer}
    return _("not accepted (%(answer)s)") % {"answer": answer}


def _describe_end(notice: Notice, page: Page) -> str:
    """Write how a request ended that this page has waited for."""
    last = next(iter(page.history), None)
    done = Notice.FORGOTTEN if notice is Notice.FORGETTING else Notice.SENT
    if is_current(page, done):
        return str(_NOTICES[done])
    if last is None or not last.answer or is_accepted(last.answer):
        return _("Nothing is being sent now. The history shows what was sent.")
    return " ".join((str(UNREACHABLE), describe_answer(last.answer)))
