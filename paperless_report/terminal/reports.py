"""Shows and sends reports, and shows those that were sent."""

from collections.abc import Iterator

from paperless_report.report.outgoing import Sent, to_bytes
from paperless_report.results import Outcome, Preview, Result
from paperless_report.terminal.call import Call, CommandFailed, Status
from paperless_report.terminal.preview import render_preview
from paperless_report.translate import gettext as _
from paperless_report.translate import gettext_lazy, ngettext
from paperless_report.views import write_time
from paperless_report.words import messages, phrases
from paperless_report.words.absences import list_absences
from paperless_report.words.growth import describe_growth
from paperless_report.words.outcomes import (
    explain_consent,
    list_reasons,
    say_when_tried_again,
)
from paperless_report.words.printable import make_printable
from paperless_report.words.states import explain_not_on
from paperless_report.words.values import (
    describe_event,
    describe_logged,
    describe_request,
    format_time,
)

_RESULTS = {
    Result.ALREADY_SENT: gettext_lazy("The endpoint already has a recent report."),
    Result.NOT_DUE: gettext_lazy("No report is due."),
    Result.NOT_ON: gettext_lazy("Reporting is not turned on."),
    Result.BUSY: gettext_lazy("Another process is sending a report."),
    Result.STOPPED: gettext_lazy("Reporting was turned off in the meantime."),
}


def show_preview(call: Call) -> None:
    """Print what would be sent now, and where to.

    Raises:
        ReportingError: With `--json`, if nothing could be sent.
    """
    preview = call.reporter.preview(on_slow=call.console.warn_of_slow_database)
    if call.options.json:
        if preview.problem:
            raise preview.problem
        call.console.print_bytes(b"\n".join(_list_lines(preview)))
        return
    # The next preview shows another one, as nothing is stored.
    print_preview(
        call, preview, _("The installation ID is an example. `on` saves one.")
    )
    shows_values = call.console.shows_on_terminal()
    for sentence in list_absences(preview.payload, shows_values=shows_values):
        call.console.print_paragraph(sentence)
    if preview.problem:
        call.console.print_paragraph(
            phrases.NO_REPORT_CAN_BE_SENT, call.describe(preview.problem)
        )


def print_preview(call: Call, preview: Preview, about_new_id: str) -> None:
    """Print the facts, the counts and the address of *preview*.

    *about_new_id* says what becomes of an ID that is not saved yet.
    """
    console, project = call.console, call.reporter.project
    console.print_block(
        render_preview(
            preview.payload.values, preview.fields, project.name, project.page
        )
    )
    if preview.events:
        console.print_paragraph(phrases.COUNTS_ARE_PART)
        console.print_list(map(describe_event, preview.events))
        console.print_block("")
    if preview.logged:
        console.print_paragraph(phrases.LOGGED_ARE_PART)
        console.print_list(map(describe_logged, preview.logged))
        console.print_block("")
    if preview.identity_is_new:
        is_shown = preview.installation_id is not None
        console.print_paragraph(about_new_id if is_shown else phrases.ID_IS_MADE)
    if not preview.requests and not preview.problem:
        console.print_paragraph(phrases.NOTHING_WAITS)
    elif not preview.is_uniform:
        console.print_paragraph(phrases.SENT_IN_THESE)
        # Unwrapped, so that they can be copied.
        for it in preview.requests:
            console.print_block(f"  {describe_request(it)}\n")
        console.print_block("\n")
    if preview.url and preview.is_uniform:
        console.print_paragraph(messages.write_address(preview.url))


def run(call: Call) -> None:
    """Send what is due.

    Raises:
        CommandFailed: If it could not be sent, or the contract has grown.
    """
    with call.explain_interrupt(_("A report may have arrived all the same.")):
        outcome = call.reporter.run(
            now=call.options.now, on_slow=call.console.warn_of_slow_endpoint
        )
    if call.options.json:
        call.console.print_json(_to_json(call, outcome))
    if outcome.result is Result.FAILED:
        raise CommandFailed(
            Status.FAILED,
            *list_reasons(outcome, call.reporter.project.variables),
            _say_what_arrived(outcome),
            *_explain_hurry(outcome),
            *say_when_tried_again(outcome),
        )
    if outcome.result is Result.NEEDS_CONSENT:
        raise CommandFailed(
            Status.NEEDS_CONSENT,
            *explain_consent(call.name_command("on")),
        )
    if not call.options.json:
        sentences = _describe_outcome(outcome)
        if outcome.result is Result.NOT_ON:
            sentences += explain_not_on(call.reporter.status().decision)
        call.console.print_paragraph(*sentences)


def show_history(call: Call) -> None:
    """Print every request that was sent, byte for byte, and its answer."""
    if call.options.json:
        call.console.print_json(call.reporter.export()["history"])
        return
    sent = call.reporter.history()
    if not sent:
        call.console.print_paragraph(*phrases.say_nothing_was_sent())
    for it in sent:
        answer = make_printable(it.answer) if it.answer else _("none")
        call.console.print_block(
            f"{format_time(it.at)}  {_name_address(it)}\n"
            + _end_line(it.body.decode("utf-8", "replace"))
            + _("Answer: %(answer)s") % {"answer": answer}
            + "\n\n"
        )


def _name_address(sent: Sent) -> str:
    return sent.url if sent.method == "POST" else f"{sent.method} {sent.url}"


def _end_line(text: str) -> str:
    return f"{text}\n" if text else ""


def _list_lines(preview: Preview) -> Iterator[bytes]:
    """Give the exact bytes of each request, or all about it if the bytes are not all."""
    for it in preview.requests:
        if preview.is_uniform:
            yield it.body
            continue
        body = it.body.decode("utf-8", "replace")
        yield to_bytes({"method": it.method, "url": it.url, "body": body})


def export(call: Call) -> None:
    """Print everything that is stored, as JSON."""
    call.console.print_json(call.reporter.export())


def _describe_outcome(outcome: Outcome) -> list[str]:
    if outcome.result is Result.SENT:
        if outcome.requests == 1:
            return [str(phrases.REPORT_SENT), *_explain_hurry(outcome)]
        # A singular of its own: Python before 3.11.4 does not find one that is also a
        # message without a plural.
        text = ngettext(
            "Report sent in %(requests)s request. Thank you!",
            "Report sent in %(requests)s requests. Thank you!",
            outcome.requests,
        )
        return [text % {"requests": outcome.requests}, *_explain_hurry(outcome)]
    sentences = [str(_RESULTS[outcome.result]), _say_what_arrived(outcome)]
    sentences += _explain_hurry(outcome)
    if outcome.next_try:
        time = format_time(outcome.next_try)
        sentences.append(_("The next report is due at %(time)s.") % {"time": time})
    return sentences


def _say_what_arrived(outcome: Outcome) -> str:
    if not outcome.requests:
        return _("No report was sent.")
    text = ngettext(
        "One request arrived before that.",
        "%(requests)s requests arrived before that.",
        outcome.requests,
    )
    return text % {"requests": outcome.requests}


def _explain_hurry(outcome: Outcome) -> list[str]:
    """Write that `--now` did not wait, if a run without it would have."""
    if not outcome.ignored_wait:
        return []
    time = format_time(outcome.ignored_wait)
    sentence = _("Because of --now, this did not wait until %(time)s for the next try.")
    return [sentence % {"time": time}]


def _to_json(call: Call, outcome: Outcome) -> dict[str, object]:
    return {
        "result": outcome.result.name.lower(),
        "requests": outcome.requests,
        "reason": " ".join(list_reasons(outcome, call.reporter.project.variables))
        or None,
        "next_try": write_time(outcome.next_try),
        "growth": describe_growth(outcome.growth),
        "ignored_wait": write_time(outcome.ignored_wait),
    }
