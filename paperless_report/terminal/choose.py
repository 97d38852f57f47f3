"""Turns reporting, or a group of its events, on and off."""

from paperless_report.consent.ladder import Source, State
from paperless_report.errors import Problem, ReportingError
from paperless_report.results import Status
from paperless_report.terminal.call import Call, CommandFailed
from paperless_report.terminal.call import Status as ExitStatus
from paperless_report.terminal.leave import ask_endpoint_to_forget
from paperless_report.terminal.reports import print_preview
from paperless_report.translate import gettext as _
from paperless_report.wire import delivery
from paperless_report.words import messages, phrases
from paperless_report.words.absences import describe_missing
from paperless_report.words.coverage import say_what_may_follow
from paperless_report.words.growth import describe_growth
from paperless_report.words.states import explain_override, say_how_often
from paperless_report.words.values import format_time


def turn_on(call: Call) -> None:
    """Show what would be sent from now on, ask, and store the answer."""
    if call.options.group:
        _turn_group(call, on=True)
        return
    console, status = call.console, call.reporter.status()
    if status.decision.source is Source.PACKAGER:
        raise ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
    if _is_stored(status) and not status.growth:
        console.print_paragraph(
            _("You have already turned reporting on. Nothing changed.")
        )
        console.print_paragraph(*explain_override(status.decision))
        return
    delivery.require_requests()
    preview = call.reporter.preview(on_slow=console.warn_of_slow_database)
    if preview.problem:
        why = (
            describe_missing(preview.payload, shows_values=console.shows_on_terminal())
            if preview.payload.missing
            else call.describe(preview.problem)
        )
        raise CommandFailed(ExitStatus.FAILED, why, _("Nothing changed."))
    if preview.growth:
        console.print_paragraph(phrases.MORE_THAN_AGREED)
        console.print_list(describe_growth(preview.growth))
        console.print_block("")
    print_preview(
        call,
        preview,
        str(phrases.ID_IS_NEW),
    )
    console.print_paragraph(*say_what_may_follow(preview))
    console.print_paragraph(
        say_how_often(call.reporter.project.period), _("To stop that, run:")
    )
    call.print_command("off")
    if not call.agrees(_("Turn reporting on?")):
        console.print_paragraph(_("Nothing changed."))
        return
    call.reporter.turn_on(preview)
    status = call.reporter.status()
    override = explain_override(status.decision)
    if override:
        console.print_paragraph(_("Your choice is saved."), *override)
    else:
        console.print_paragraph(phrases.ON, *_say_when(status))


def turn_off(call: Call) -> None:
    """Stop at once; then offer to have deleted what was sent."""
    if call.options.group:
        _turn_group(call, on=False)
        return
    console = call.console
    is_off = _("Reporting is off, also in programs that are already running.")
    try:
        deleted = call.reporter.turn_off()
    except ReportingError as error:
        if error.problem not in {Problem.ID_NOT_READ, Problem.ID_NOT_DELETED}:
            raise
        raise CommandFailed(ExitStatus.FAILED, is_off, call.describe(error)) from error
    override = explain_override(call.reporter.status().decision)
    console.print_paragraph(
        _("Your choice is saved.") if override else is_off,
        _("The installation ID and all counts that were not sent are deleted."),
        *_say_what_stays(call, deleted),
    )
    console.print_paragraph(*override)
    if deleted:
        console.print_block(f"\n  {deleted}\n\n")
        if call.agrees(_("Have the reports with this ID deleted at the endpoint?")):
            ask_endpoint_to_forget(call, deleted)
        else:
            console.print_paragraph(messages.NOTHING_FORGOTTEN)


def _say_what_stays(call: Call, deleted: str | None) -> list[object]:
    """Write what can still be deleted, and that nobody can do that later."""
    if not deleted:
        return []
    if call.options.yes:
        return [phrases.SENT_STAYS]
    return [phrases.SENT_STAYS, _("Without the ID, nobody can have it deleted later.")]


def _turn_group(call: Call, *, on: bool) -> None:
    group = call.options.group
    call.reporter.turn_group(group, on=on)
    sentence = (
        _("The events of the group %(group)s are counted again.")
        if on
        else _("The events of the group %(group)s are no longer counted or sent.")
    )
    call.console.print_paragraph(sentence % {"group": group})


def _is_stored(status: Status) -> bool:
    """Return whether the stored choice is on, whatever overrides it."""
    decision = status.decision
    if decision.source is Source.STORED:
        return decision.state is State.ON
    return decision.overrides_stored and decision.state is State.OFF


def _say_when(status: Status) -> list[str]:
    if status.next_due is None:
        return []
    return [
        _("The next report is due at %(time)s.")
        % {"time": format_time(status.next_due)}
    ]
