"""Collects a report and shows it; nothing in this module can send."""

from typing import NamedTuple

from paperless_report.errors import Problem, ReportingError
from paperless_report.report.kind import ReportKind
from paperless_report.report.payload import Payload, build_payload
from paperless_report.state.identity import Identity, obtain_identity
from paperless_report.terminal.console import Console
from paperless_report.terminal.lookups import Lookups
from paperless_report.terminal.preview import render_preview
from paperless_report.translate import gettext as _
from paperless_report.words import messages
from paperless_report.words.absences import (
    describe_missing,
    list_absences,
    list_faults,
)


class Shown(NamedTuple):
    """What an admin was shown.

    Attributes:
        kind: The report kind.
        payload: The report.
        id_error: Why its ID could not be saved.
        url_error: Why it has no address to go to.
    """

    kind: ReportKind
    payload: Payload
    id_error: ReportingError | None
    url_error: ReportingError | None = None

    def require_complete(self) -> Payload:
        """Return the payload if it may be sent.

        Raises:
            ReportingError: If the ID or another required field is missing.
        """
        if self.id_error:
            raise self.id_error
        if self.payload.missing:
            raise ReportingError(Problem.FIELDS_MISSING, fields=self.payload.missing)
        return self.payload


def show_report(console: Console, lookups: Lookups, kind: ReportKind) -> Shown:
    """Collect a report, once, and print the preview (decision C11).

    Raises:
        ReportingError: If the settings do not say who would receive it.
    """
    project = lookups.find_project()
    identity, id_error = _obtain_identity(lookups)
    if identity and identity.replaced:
        console.print_paragraph(_replaced(identity))
    payload = _build(kind, identity)
    url, url_error = _find_url(lookups, kind)
    if url:
        # Above the block, which decision C1 fixes.
        console.print_block(f"{messages.write_address(url)}\n\n")
    console.print_block(
        render_preview(payload.values, kind.fields, project.name, project.page)
    )
    for sentence in list_absences(payload, shows_values=console.shows_on_terminal()):
        console.print_detail(sentence)
    return Shown(kind, payload, id_error, url_error)


def show_only(console: Console, lookups: Lookups, kind: ReportKind) -> None:
    """Print the preview and stop (`--dry-run`)."""
    shown = show_report(console, lookups, kind)
    shows_values = console.shows_on_terminal()
    if not console.is_verbose:  # which has named these already
        for sentence in list_faults(shown.payload, shows_values=shows_values):
            console.print_paragraph(sentence)
    if shown.id_error:
        console.print_paragraph(
            messages.describe_problem(shown.id_error, lookups.variables)
        )
    elif shown.payload.missing:
        console.print_paragraph(
            describe_missing(shown.payload, shows_values=shows_values)
        )
    elif shown.url_error:
        console.print_paragraph(
            messages.describe_problem(shown.url_error, lookups.variables)
        )
    console.print_paragraph(_("Dry run \N{EM DASH} nothing sent."))


def print_json(console: Console, lookups: Lookups, kind: ReportKind) -> None:
    """Print the exact bytes that would be sent, and nothing else (`--json`).

    Raises:
        ReportingError: If there is no report that could be sent.
    """
    identity, id_error = _obtain_identity(lookups)
    if identity and identity.replaced:
        console.warn(_replaced(identity))
    shown = Shown(kind, _build(kind, identity), id_error)
    console.print_bytes(shown.require_complete().body)


def _obtain_identity(
    lookups: Lookups,
) -> tuple[Identity | None, ReportingError | None]:
    """Return the ID, or the reason why there is none."""
    try:
        return obtain_identity(lookups.find_data_dir()), None
    except ReportingError as error:
        return None, error


def _find_url(
    lookups: Lookups, kind: ReportKind
) -> tuple[str | None, ReportingError | None]:
    """Return the address of the report, or the reason why there is none."""
    try:
        return lookups.find_endpoint().url(kind.name), None
    except ReportingError as error:
        return None, error


def _build(kind: ReportKind, identity: Identity | None) -> Payload:
    collectors = {
        **kind.collectors,
        kind.key: lambda: identity.uuid if identity else None,
    }
    return build_payload(kind.fields.values(), collectors)


def _replaced(identity: Identity) -> str:
    sentence = _(
        "%(file)s did not hold a version 4 UUID; a new installation ID has replaced it."
    )
    return sentence % {"file": identity.path}
