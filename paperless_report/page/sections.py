"""Writes the parts of the page about the state, the switch and the next report."""

from operator import itemgetter

from paperless_report.consent.ladder import Source, State
from paperless_report.contract.growth import TIME
from paperless_report.errors import Problem
from paperless_report.page import texts
from paperless_report.page.content import Page
from paperless_report.page.elements import Html, element
from paperless_report.page.forms import Forms
from paperless_report.results import Preview, Status
from paperless_report.translate import gettext as _
from paperless_report.translate import pgettext
from paperless_report.words import messages, phrases
from paperless_report.words.coverage import say_what_may_follow
from paperless_report.words.growth import describe_growth
from paperless_report.words.states import STATES, list_facts, say_how_often

# A file that cannot be used can still be deleted here.
_DELETABLE = {Problem.STATE_DAMAGED, Problem.STATE_NEWER}


def write_section(heading: str, *children: str | None) -> Html:
    """Write a part of the page with its heading."""
    return element("section", {}, element("h2", {}, heading), *children)


def write_list(items: "list[str] | tuple[str, ...]") -> Html:
    """Write a list."""
    return element("ul", {}, *(element("li", {}, it) for it in items))


def write_paragraph(*sentences: object) -> Html:
    """Write sentences as a paragraph."""
    return element("p", {}, " ".join(map(str, sentences)))


def write_details(summary: str, *children: str | None) -> Html:
    """Write what a reader can unfold."""
    return element("details", {}, element("summary", {}, summary), *children)


def write_problem(page: Page, forms: Forms) -> Html | None:
    """Explain why there is nothing to show."""
    if page.problem is None:
        return None
    sentences = texts.list_problem_sentences(page, page.problem)
    return write_section(
        _("Reporting does not work"),
        *map(write_paragraph, sentences),
        write_delete(forms) if page.problem.problem in _DELETABLE else None,
    )


def write_delete(forms: Forms, *, leaves_reports: bool = True) -> Html:
    """Write the form that deletes everything; say if reports can stay elsewhere."""
    return element(
        "div",
        {"class": "grave"},
        element("h3", {}, _("Delete everything here")),
        write_paragraph(
            phrases.EVERYTHING_WILL_BE_DELETED,
            phrases.WHAT_IS_STORED,
            *([phrases.SENT_STAYS] if leaves_reports else []),
        ),
        forms.write(
            "delete",
            _("Delete everything"),
            confirm=_("Yes, delete everything that is stored here."),
            style="grave",
        ),
    )


def write_state(page: Page, status: Status) -> Html:
    """Say whether reporting is on, and what decided that."""
    sentences = texts.list_state_sentences(page, status)
    state = status.decision.state
    return element(
        "section",
        {"class": f"state {state.name.lower()}"},
        element("h2", {}, str(texts.HEADINGS[state])),
        *map(write_paragraph, sentences),
        (status.set_aside and write_paragraph(phrases.REPORTS_OF_SET_ASIDE)) or None,
        (status.set_aside and write_list(status.set_aside)) or None,
    )


def write_growth(status: Status) -> Html | None:
    """List what this version would send more than the admin agreed to."""
    if not status.growth:
        return None
    return write_section(
        _("What has changed"),
        write_paragraph(phrases.MORE_THAN_AGREED),
        write_list(describe_growth(status.growth)),
    )


def write_switch(
    page: Page, status: Status, preview: Preview, forms: Forms
) -> Html | None:
    """Write the buttons that turn reporting on and off, and send a report."""
    decision = status.decision
    is_free = decision.source in {Source.STORED, Source.DEFAULT}
    is_on = decision.state is State.ON
    buttons = []
    can_turn_on = (is_free and not is_on) or (is_on and status.growth)
    if can_turn_on and not preview.problem:
        label = _("Agree and keep reporting") if is_on else _("Turn reporting on")
        shown_id = preview.installation_id if preview.identity_is_new else None
        fields = {"id": shown_id} if shown_id else {}
        buttons.append(forms.write("on", label, fields=fields, style="main"))
    if is_free and decision.state is State.UNDECIDED:
        buttons.append(forms.write("off", _("Keep reporting off")))
    elif (is_free and is_on) or (decision.overrides_stored and not is_on):
        is_overridden = decision.overrides_stored
        label = _("Turn it off here, too") if is_overridden else _("Turn reporting off")
        buttons.append(forms.write("off", label))
        label = _("Turn it off and delete the reports already sent")
        buttons.append(forms.write("off_and_forget", label))
    if status.is_sending and not (preview.problem or status.is_busy):
        buttons.append(forms.write("send_now", _("Send a report now")))
    if not buttons:
        return None
    about = [say_how_often(page.period), *say_what_may_follow(preview)]
    return write_section(
        _("Your decision"),
        write_paragraph(*about) if can_turn_on else None,
        element("div", {"class": "buttons"}, *buttons),
    )


def write_groups(page: Page, status: Status, forms: Forms) -> Html | None:
    """Write a switch for each group of events."""
    if not page.groups:
        return None
    rows = []
    for name, is_on in status.groups.items():
        action = "group_off" if is_on else "group_on"
        label = _("Do not count %(group)s") if is_on else _("Count %(group)s again")
        rows.append(
            element(
                "tr",
                {},
                element("th", {"scope": "row"}, name),
                element("td", {}, ", ".join(page.groups[name])),
                element("td", {}, str(STATES[State.ON if is_on else State.OFF])),
                element(
                    "td",
                    {},
                    forms.write(
                        action, label % {"group": name}, fields={"group": name}
                    ),
                ),
            )
        )
    headings = (_("Group"), _("What it counts"), _("State"), _("Change"))
    return write_section(
        _("Groups of counts"),
        write_paragraph(_("You can leave out a group of counts and report the rest.")),
        write_table(headings, rows),
    )


def write_table(headings: "tuple[str, ...]", rows: "list[Html]") -> Html:
    """Write a table with *headings* above its columns."""
    cells = (element("th", {"scope": "col"}, it) for it in headings)
    return element(
        "table",
        {},
        element("thead", {}, element("tr", {}, *cells)),
        element("tbody", {}, *rows),
    )


def write_events(status: Status) -> Html | None:
    """List the events that are counted, without the groups that are off."""
    events = status.contract["events"]
    if not events:
        return None
    has_times = any(TIME in it["properties"] for it in events.values())
    times = {TIME: pgettext("usage report", "Time")}
    rows = [
        element(
            "tr",
            {},
            element("th", {"scope": "row"}, pgettext("usage report", title)),
            element("td", {}, ", ".join(times.get(it, it) for it in properties)),
            element("td", {}, pgettext("usage report", description)),
        )
        for title, properties, description in map(
            itemgetter("title", "properties", "description"), events.values()
        )
    ]
    return write_section(
        _("What is counted"),
        write_paragraph(
            _("These events are added up day by day. A report holds the sums."),
            *([_("Those with a time are sent one by one.")] if has_times else []),
        ),
        write_table((_("Event"), _("Details"), _("Meaning")), rows),
    )


def write_destination(page: Page, status: Status) -> Html:
    """Say where reports go, when, and what no report holds."""
    rows = [
        part
        for label, value in list_facts(status)
        if value
        for part in (element("dt", {}, label), element("dd", {}, value))
    ]
    promise, _newline, more = messages.write_footer(page.website).partition("\n")
    before, url, after = more.partition(page.website)
    is_link = url.startswith(("https://", "http://"))
    return write_section(
        _("Where it goes, and when"),
        write_paragraph(_("The program that receives the reports is the endpoint.")),
        element("dl", {}, *rows),
        element("h3", {}, _("What is not collected")),
        write_paragraph(promise),
        element(
            "p",
            {},
            before,
            element("a", {"href": url, "rel": "noreferrer"}, url) if is_link else url,
            after,
        ),
    )
