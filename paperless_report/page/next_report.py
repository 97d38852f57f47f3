"""Writes the part of the page that shows what would be sent now."""

from paperless_report.page.content import Page
from paperless_report.page.elements import Html, element
from paperless_report.page.sections import (
    write_details,
    write_list,
    write_paragraph,
    write_section,
    write_table,
)
from paperless_report.results import Preview
from paperless_report.translate import gettext as _
from paperless_report.words import messages, phrases
from paperless_report.words.absences import describe_missing, list_absences
from paperless_report.words.values import (
    describe_event,
    describe_logged,
    describe_request,
    list_values,
)


def write_report(page: Page, preview: Preview, *, is_sending: bool) -> Html:
    """Show what would be sent now: in words, and byte for byte."""
    introduction = (
        str(messages.WHAT_IS_SENT)
        if is_sending
        else _("A report to %(project)s would contain the following:")
    ) % {"project": page.project}
    rows = [
        element(
            "tr",
            {},
            element("th", {"scope": "row"}, label),
            element("td", {}, value),
            element("td", {}, messages.explain_field(field)),
        )
        for field, label, value in list_values(preview.payload.values, preview.fields)
    ]
    absences = list_absences(preview.payload, shows_values=False)
    return write_section(
        _("What a report contains"),
        write_paragraph(" ".join(introduction.split())),
        write_table((_("Name"), _("Value"), _("Meaning")), rows),
        write_paragraph(
            phrases.ID_IS_NEW if preview.installation_id else phrases.ID_IS_MADE
        )
        if preview.identity_is_new
        else None,
        write_paragraph(describe_missing(preview.payload, shows_values=False))
        if preview.payload.missing
        else None,
        write_details(
            _("What is left out, and why"),
            write_list(absences),
        )
        if absences
        else None,
        write_details(
            str(phrases.COUNTS_ARE_PART),
            write_list([describe_event(it) for it in preview.events]),
        )
        if preview.events
        else None,
        write_details(
            str(phrases.LOGGED_ARE_PART),
            write_list([describe_logged(it) for it in preview.logged]),
        )
        if preview.logged
        else None,
        _write_requests(preview),
    )


def _write_requests(preview: Preview) -> Html:
    """Show the exact requests; of several that are alike, only their bytes."""
    if not preview.requests and not preview.problem:
        return write_paragraph(phrases.NOTHING_WAITS)
    if preview.is_uniform:
        texts_ = [it.decode("utf-8", "replace") for it in preview.bodies]
        summary = _("The exact bytes of the report")
    else:
        texts_ = [describe_request(it) for it in preview.requests]
        summary = _("The exact requests")
    return write_details(summary, *(element("pre", {}, it) for it in texts_))
