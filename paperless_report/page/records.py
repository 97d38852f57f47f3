"""Writes the parts of the page about what is stored: counts, history, and how to end."""

from paperless_report.page import texts
from paperless_report.page.content import Count, Page
from paperless_report.page.elements import Attributes, Html, element
from paperless_report.page.forms import Forms
from paperless_report.page.sections import (
    write_delete,
    write_details,
    write_list,
    write_paragraph,
    write_section,
    write_table,
)
from paperless_report.report.outgoing import Sent
from paperless_report.results import Status
from paperless_report.translate import gettext as _
from paperless_report.words import phrases
from paperless_report.words.values import describe_properties, format_time

_MOST_COUNTS = 50


def write_counts(page: Page) -> Html:
    """Show what was counted in the last seven days."""
    if not page.counts:
        return write_section(
            _("Counts of this week"), write_paragraph(_("Nothing was counted."))
        )
    shown = page.counts[:_MOST_COUNTS]
    hidden = len(page.counts) - len(shown)
    more = _("The download below holds %(number)s more.") % {"number": hidden}
    headings = (_("Event"), _("Details"), _("Sum"), *_list_spans())
    return write_section(
        _("Counts of this week"),
        write_paragraph(_("Counted in the last seven days, and not sent yet:")),
        write_table(headings, [_write_count(it) for it in shown]),
        write_paragraph(more) if hidden else None,
    )


def write_log(page: Page) -> Html | None:
    """Show which events are stored one by one."""
    if not page.logged:
        return None
    rows = [
        element(
            "tr",
            {},
            element("th", {"scope": "row"}, event),
            element("td", {"class": "number"}, str(number)),
            element("td", {}, format_time(newest)),
        )
        for event, number, newest in page.logged
    ]
    return write_section(
        _("Recorded events"),
        write_paragraph(phrases.LOGGED_STAY if page.keeps_log else phrases.LOGGED_WAIT),
        write_table((_("Event"), _("Number"), _("Newest")), rows),
    )


def write_history(page: Page) -> Html:
    """Show the last requests: byte for byte, with the answers."""
    heading = _("History")
    if not page.history:
        return write_section(heading, write_paragraph(*phrases.say_nothing_was_sent()))
    hidden = page.sent - len(page.history)
    more = _("The download below holds %(number)s more.") % {"number": hidden}
    return write_section(
        heading,
        element("ol", {"class": "history"}, *map(_write_sent, page.history)),
        write_paragraph(more) if hidden else None,
    )


def write_end(base: str, status: Status, forms: Forms) -> Html:
    """Write the export, and the forms that forget and delete."""
    known = [it for it in (status.installation_id, *status.set_aside) if it]
    download: Attributes = {"href": f"{base}export.json", "download": True}
    return write_section(
        _("Your data"),
        element(
            "p",
            {},
            element("a", download, _("Download everything that is stored here")),
        ),
        _write_forget(known, forms) if known and not status.is_busy else None,
        write_delete(forms, leaves_reports=bool(known)),
    )


def _write_forget(known: list[str], forms: Forms) -> Html:
    return element(
        "div",
        {"class": "grave"},
        element("h3", {}, _("Have the sent reports deleted")),
        write_paragraph(phrases.announce_forgetting(len(known))),
        write_list(known),
        write_paragraph(phrases.THEN_ID_IS_DELETED),
        forms.write(
            "forget",
            _("Have them deleted"),
            confirm=_("Yes, have the reports of this installation deleted."),
            style="grave",
        ),
    )


def _write_count(count: Count) -> Html:
    numbers = (
        element("td", {"class": "number", "data-label": label}, str(number))
        for label, number in zip(_list_spans(), count[-2:], strict=True)
    )
    return element(
        "tr",
        {},
        element("th", {"scope": "row"}, count.event),
        element("td", {}, describe_properties(count.labels)),
        element("td", {}, count.name),
        *numbers,
    )


def _list_spans() -> tuple[str, str]:
    return _("Today"), _("Seven days")


def _write_sent(sent: Sent) -> Html:
    return element(
        "li",
        {},
        element("strong", {}, format_time(sent.at)),
        " ",
        texts.describe_answer(sent.answer),
        write_details(
            (
                _("The exact bytes, to %(url)s")
                if sent.method == "POST"
                else _("The request, to %(url)s")
            )
            % {"url": sent.url},
            element("pre", {}, _write_body(sent)),
        ),
    )


def _write_body(sent: Sent) -> str:
    if sent.method == "POST":
        return sent.body.decode("utf-8", "replace")
    return f"{sent.method} {sent.url}"
