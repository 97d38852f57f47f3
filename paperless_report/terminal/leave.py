"""Has the reports deleted that were sent, and deletes what is stored here."""

from paperless_report.errors import ReportingError
from paperless_report.results import Forgotten
from paperless_report.terminal.call import Call, CommandFailed, Status
from paperless_report.translate import gettext as _
from paperless_report.words import failures, messages, phrases


def forget(call: Call) -> None:
    """Name the IDs, ask, and have the endpoint delete their reports."""
    console, status = call.console, call.reporter.status()
    known = [it for it in (status.installation_id, *status.set_aside) if it]
    if not known:
        console.print_paragraph(phrases.NOTHING_TO_FORGET)
        return
    console.print_paragraph(phrases.announce_forgetting(len(known)))
    console.print_list(known)
    console.print_paragraph(phrases.THEN_ID_IS_DELETED)
    console.print_block("")
    if call.agrees(_("Forget this installation?")):
        ask_endpoint_to_forget(call)
    else:
        console.print_paragraph(messages.NOTHING_FORGOTTEN)


def ask_endpoint_to_forget(call: Call, installation_id: str | None = None) -> None:
    """Have the reports of one ID, or of all known ones, deleted, and print the outcome.

    Raises:
        CommandFailed: If one was not deleted.
    """
    with call.explain_interrupt(_("The reports may be deleted all the same.")):
        forgotten = call.reporter.forget(
            installation_id, on_slow=call.console.warn_of_slow_endpoint
        )
    if forgotten.kept or forgotten.problem:
        raise CommandFailed(Status.FAILED, *_explain(call, forgotten))
    call.console.print_paragraph(phrases.FORGOTTEN)


def delete(call: Call) -> None:
    """Ask, and delete everything that is stored here."""
    console = call.console
    console.print_paragraph(phrases.EVERYTHING_WILL_BE_DELETED, phrases.WHAT_IS_STORED)
    if _can_forget(call):
        console.print_paragraph(
            _("What was sent is still at the endpoint. To have it deleted, first run:"),
        )
        call.print_command("forget")
    if not call.agrees(_("Delete everything?")):
        console.print_paragraph(_("Nothing deleted."))
        return
    deleted = call.reporter.delete()
    if not deleted:
        console.print_paragraph(phrases.NOTHING_IS_STORED)
        return
    console.print_paragraph(_("Deleted:"))
    console.print_list(deleted)


def _can_forget(call: Call) -> bool:
    """Return whether an ID is known; if the state is damaged, there may be one."""
    try:
        status = call.reporter.status()
    except ReportingError:
        return True
    return bool(status.installation_id or status.set_aside)


def _explain(call: Call, forgotten: Forgotten) -> list[str]:
    sentences = []
    if forgotten.problem:
        sentences.append(call.describe(forgotten.problem))
    if forgotten.failure:
        sentences.append(str(failures.UNREACHABLE))
        sentences.append(failures.describe_failure(forgotten.failure))
    if forgotten.kept:
        sentences.append(
            _("The ID is kept so that you can try again: %(command)s")
            % {"command": call.name_command("forget")}
        )
    return sentences
