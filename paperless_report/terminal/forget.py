"""Has this installation's reports deleted, then its ID (decision C12)."""

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError
from paperless_report.report.outgoing import to_bytes
from paperless_report.state.identity import Identity, find_identity, remove_identity
from paperless_report.terminal.console import Console
from paperless_report.terminal.lookups import Lookups
from paperless_report.translate import gettext as _
from paperless_report.wire import delivery
from paperless_report.wire.answers import Done, Failure, read_answer
from paperless_report.words import failures, messages, phrases


def ask_and_forget(console: Console, lookups: Lookups) -> None:
    """Say what will be deleted, ask, and have it deleted.

    The file goes last: as long as the receiver may hold a report, the admin needs the
    ID to ask again.
    """
    try:
        identity = _find_identity(lookups)
        if identity is None:
            console.print_paragraph(phrases.NOTHING_TO_FORGET)
            return
        delivery.require_requests()
        url = lookups.find_endpoint().url("forget")
    except ReportingError as error:
        _print_unchanged(console, messages.describe_problem(error, lookups.variables))
        return
    _announce(console, identity)
    if not console.confirm(_("Forget this installation?")):
        console.print_paragraph(messages.NOTHING_FORGOTTEN)
        return
    with console.explain_interrupt(
        _("Interrupted. The reports may be deleted all the same."),
        _("Run this again to be sure."),
    ):
        # Every receiver takes `id`, but that of paperless-ngx may be an older one.
        is_own = lookups.find_project().contract != contract.REPORT
        name = "id" if is_own else "uuid"
        body = to_bytes({name: identity.uuid})
        answer = delivery.post(url, body, on_slow=console.warn_of_slow_endpoint)
        match read_answer(answer):
            case Done():
                _remove(console, lookups, identity)
            case Failure() as failure:
                _print_unchanged(console, failures.UNREACHABLE)
                console.print_detail(failures.describe_failure(failure))


def _find_identity(lookups: Lookups) -> Identity | None:
    try:
        return find_identity(lookups.find_data_dir())
    except ReportingError as error:
        if error.problem is Problem.NO_DATA_DIR:
            return None
        raise


def _announce(console: Console, identity: Identity) -> None:
    console.print_paragraph(
        _("The reporting endpoint will be asked to delete every report with this ID:")
    )
    console.print_block(f"\n  {identity.uuid}\n\n")
    sentence = _(
        "Then %(file)s is deleted. A later report would count as a new installation."
    )
    console.print_paragraph(sentence % {"file": identity.path})
    console.print_block("")


def _remove(console: Console, lookups: Lookups, identity: Identity) -> None:
    try:
        remove_identity(identity)
    except ReportingError as error:
        console.print_paragraph(
            messages.describe_problem(error, lookups.variables),
            _("Delete that file yourself."),
        )
    else:
        console.print_paragraph(phrases.FORGOTTEN)


def _print_unchanged(console: Console, why: object) -> None:
    stays = _("The installation ID stays.")
    console.print_paragraph(why, messages.NOTHING_WAS_FORGOTTEN, stays)
