"""Turns reporting, or a group of its events, on and off."""

import datetime as dt

from paperless_report.consent.ladder import Source, State
from paperless_report.errors import Problem, ReportingError
from paperless_report.results import Preview, Status
from paperless_report.terminal import messages
from paperless_report.terminal.call import Call, CommandFailed
from paperless_report.terminal.call import Status as ExitStatus
from paperless_report.terminal.growth import describe_growth
from paperless_report.terminal.leave import ask_endpoint_to_forget
from paperless_report.terminal.reports import format_time, print_preview
from paperless_report.terminal.status import explain_override
from paperless_report.translate import gettext as _
from paperless_report.translate import ngettext, pgettext
from paperless_report.wire import delivery


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
        console.print_paragraph(*explain_override(call, status))
        return
    delivery.require_requests()
    preview = call.reporter.preview(on_slow=console.warn_of_slow_database)
    if preview.problem:
        why = (
            messages.describe_missing(preview.payload)
            if preview.payload.missing
            else call.describe(preview.problem)
        )
        raise CommandFailed(ExitStatus.FAILED, why, _("Nothing changed."))
    if preview.growth:
        console.print_paragraph(_("This version would send more than you agreed to:"))
        console.print_list(describe_growth(preview.growth))
        console.print_block("")
    print_preview(
        call,
        preview,
        _("The installation ID is new. It is saved if you turn reporting on."),
    )
    console.print_paragraph(*_say_what_may_follow(preview))
    console.print_paragraph(
        _say_how_often(call.reporter.project.period), _("To stop that, run:")
    )
    call.print_command("off")
    if not call.agrees(_("Turn reporting on?")):
        console.print_paragraph(_("Nothing changed."))
        return
    call.reporter.turn_on(preview)
    status = call.reporter.status()
    override = explain_override(call, status)
    if override:
        console.print_paragraph(_("Your choice is saved."), *override)
    else:
        console.print_paragraph(_("Reporting is on."), *_say_when(status))


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
    override = explain_override(call, call.reporter.status())
    console.print_paragraph(
        _("Your choice is saved.") if override else is_off,
        _("The installation ID and all counts that were not sent are deleted."),
        _("What was sent is still at the endpoint."),
    )
    console.print_paragraph(*override)
    if deleted and (call.options.yes or console.has_terminal()):
        console.print_block(f"\n  {deleted}\n\n")
        if call.agrees(_("Have the reports with this ID deleted at the endpoint?")):
            ask_endpoint_to_forget(call, deleted)
        else:
            console.print_paragraph(messages.NOTHING_FORGOTTEN)


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


def _say_what_may_follow(preview: Preview) -> list[str]:
    """Name what consent covers too, but this report does not contain."""
    counted = {it["event"] for it in preview.events}
    fields = [
        messages.label_field(preview.fields[name]) for name in preview.payload.absences
    ]
    events = [
        pgettext("usage report", it["title"])
        for name, it in preview.contract["events"].items()
        if name not in counted
    ]
    sentences = []
    if fields:
        sentence = _("Later reports can also contain: %(fields)s.")
        sentences.append(sentence % {"fields": ", ".join(fields)})
    if events:
        sentence = _("Later reports can also contain these counts: %(events)s.")
        sentences.append(sentence % {"events": ", ".join(events)})
    return sentences


def _say_how_often(period: dt.timedelta) -> str:
    days, rest = divmod(period, dt.timedelta(days=1))
    if not rest:
        text = ngettext(
            "Such a report will be sent every day.",
            "Such a report will be sent every %(number)s days.",
            days,
        )
        return text % {"number": days}
    hours = max(round(period / dt.timedelta(hours=1)), 1)
    text = ngettext(
        "Such a report will be sent every hour.",
        "Such a report will be sent every %(number)s hours.",
        hours,
    )
    return text % {"number": hours}


def _say_when(status: Status) -> list[str]:
    if status.next_due is None:
        return []
    return [
        _("The next report is due at %(time)s.")
        % {"time": format_time(status.next_due)}
    ]
