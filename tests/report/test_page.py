"""What the parts of the page show."""

import re
from collections.abc import Callable

import pytest

from paperless_report import Problem, ReportingError
from paperless_report.page.content import build_page
from paperless_report.page.notices import Notice
from paperless_report.page.render import find_style, render
from paperless_report.state import history, sending
from paperless_report.state.database import Database
from tests.report.page import TOKEN, show, turn_on, turn_on_and_count
from tests.report.shelf import DAY, EVENTS, Shelf
from tests.support.endpoint import Answer
from tests.support.hostile_values import STRINGS
from tests.support.page_reader import PageReader

NOTICE_ATTRIBUTES = {"role": "status", "class": "notice"}
ALWAYS = ("stale", "unconfirmed", "unknown")
AWAITED = ("sending", "forgetting", "busy")


def do_nothing(_: Shelf) -> None:
    pass


def turn_off(shelf: Shelf) -> None:
    shelf.open().turn_off()


def turn_group_off(shelf: Shelf) -> None:
    turn_on(shelf)
    shelf.open().turn_group("searches", on=False)


def send(shelf: Shelf) -> None:
    turn_on(shelf)
    shelf.open().run(now=True)


def send_and_forget(shelf: Shelf) -> None:
    send(shelf)
    shelf.open().forget(shelf.open().turn_off())


def test_the_report_is_shown_in_words_and_byte_for_byte(shelf: Shelf) -> None:
    turn_on_and_count(shelf)
    shelf.wait(DAY)
    reporter = shelf.open()

    page = show(reporter)

    body = reporter.preview().bodies[0].decode()
    assert f"The exact bytes of the report {body}" in page.text
    assert '"event":"search"' in body
    assert "books 1\N{EN DASH}9" in page.text
    assert "The report contains these counts: 2026-06-01 command: name add" in page.text
    assert f"Address {shelf.endpoint.url}/report" in page.text
    # The ID decides the day: a report may already be due.
    assert re.search(
        r"Last report never Next report (at the next run \(due since )?2026-06-",
        page.text,
    )
    assert "The report contains only what is shown here." in page.text
    assert {"href": "https://shelf.example/reports", "rel": "noreferrer"} in page.find(
        "a"
    )


def test_what_would_be_sent_is_not_announced_as_if_it_were(shelf: Shelf) -> None:
    undecided = show(shelf.open()).text
    turn_on(shelf)

    assert "A report to Shelf would contain the following:" in undecided
    assert "The following information will be sent to Shelf" not in undecided
    assert "The following information will be sent to Shelf" in show(shelf.open()).text


def test_the_events_that_are_counted_are_explained(shelf: Shelf) -> None:
    words = {"title": "Search", "description": "How often someone searched."}
    events = {**EVENTS, "search": {**EVENTS["search"], **words}}
    reporter = shelf.open(events=events)

    page = show(reporter)
    reporter.turn_group("searches", on=False)

    assert "Event Details Meaning command name, count, error_count" in page.text
    assert "Search count How often someone searched." in page.text
    assert "How often someone searched." not in show(reporter).text


def test_the_counts_of_seven_days_are_added_up(shelf: Shelf) -> None:
    turn_on(shelf)
    for _day in range(9):
        reporter = shelf.open()
        reporter.count("command", "add")
        reporter.count("command", "add", ok=False)
        reporter.flush()
        shelf.wait(DAY)
    shelf.now -= DAY

    page = show(shelf.open())

    assert (
        "Event Details Sum Today Seven days "
        "command name add count 2 14 command name add error_count 1 7" in page.text
    )


def test_the_history_shows_the_last_requests_and_their_answers(shelf: Shelf) -> None:
    turn_on(shelf)
    known = str(shelf.open().status().installation_id)
    with Database(shelf.folder).write() as connection:
        for number in range(22):
            at, body = shelf.now + number * DAY, f'{{"id":"{known}"}}'.encode()
            row = history.begin(connection, at, shelf.endpoint.url, body, known)
            history.answer(connection, row, "204" if number else "timeout 10", known)

    page = show(shelf.open())

    assert page.text.count(" UTC accepted (204)") == 20
    assert (
        "2026-06-22 12:00 UTC accepted (204) The exact bytes, to "
        f'{shelf.endpoint.url} {{"id":"{known}"}} 2026-06-21' in page.text
    )
    assert "not accepted (timeout 10)" not in page.text
    assert "The download below holds 2 more." in page.text


def test_while_a_process_sends_the_page_loads_itself_again(shelf: Shelf) -> None:
    turn_on(shelf)
    with Database(shelf.folder).write() as connection:
        assert sending.claim(connection, shelf.now, sending.FORGET)
    waiting = {"http-equiv": "refresh", "content": "2; url=/reports/"}
    again = {"http-equiv": "refresh", "content": "2; url=/reports/?notice=sending"}

    page = show(shelf.open())

    assert waiting in page.find("meta")
    assert again in show(shelf.open(), notice="sending").find("meta")
    assert "Sending ... This page updates automatically." in page.text
    assert not page.forms.keys() & {"send_now", "forget"}
    assert "off" in page.forms
    shelf.wait(sending.CLAIM)
    assert "updates automatically" not in show(shelf.open()).text


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (204, "Report sent. Thank you!"),
        (500, "Could not reach the reporting endpoint. not accepted (500)"),
    ],
)
def test_at_the_end_of_waiting_the_page_says_how_it_went(
    shelf: Shelf, status: int, text: str
) -> None:
    turn_on(shelf)
    shelf.endpoint.answer = Answer(status)
    shelf.open().run(now=True)

    assert text in show(shelf.open(), notice="sending").text


@pytest.mark.parametrize("notice", ALWAYS)
def test_every_page_can_say_that_nothing_was_done(shelf: Shelf, notice: str) -> None:
    assert "Nothing was done" in show(shelf.open(), notice=notice).text


@pytest.mark.parametrize(
    ("prepare", "notices"),
    [
        (
            do_nothing,
            {
                "group-on",
                "not-on",
                "needs-consent",
                "nothing-to-forget",
                "deleted",
                "nothing-stored",
            },
        ),
        (turn_on, {"on", "group-on", "already-sent", "not-sent", "not-forgotten"}),
        (turn_off, {"off", "group-on", "not-on", "needs-consent", "nothing-to-forget"}),
        (
            turn_group_off,
            {"on", "group-off", "already-sent", "not-sent", "not-forgotten"},
        ),
        (send, {"on", "group-on", "sent", "already-sent", "not-forgotten"}),
        (
            send_and_forget,
            {
                "off",
                "group-on",
                "not-on",
                "needs-consent",
                "nothing-to-forget",
                "forgotten",
            },
        ),
    ],
)
def test_an_old_or_foreign_address_never_announces_what_is_not_so(
    shelf: Shelf, prepare: Callable[[Shelf], None], notices: set[str]
) -> None:
    prepare(shelf)
    reporter = shelf.open()
    checked = {it.value for it in Notice} - {*AWAITED, *ALWAYS}

    shown = {
        it for it in checked if NOTICE_ATTRIBUTES in show(reporter, notice=it).find("p")
    }

    assert shown == notices


def test_what_another_process_sent_is_announced_at_its_end(shelf: Shelf) -> None:
    send(shelf)

    assert "Report sent. Thank you!" in show(shelf.open(), notice="busy").text


def test_the_title_says_what_has_happened(shelf: Shelf) -> None:
    """A screen reader begins with it, and does not announce a status of a new page."""
    turn_on(shelf)
    failed = ReportingError(Problem.STATE_FULL, path="x.sqlite3", reason="no space")

    quiet = show(shelf.open()).text
    done = show(shelf.open(), notice="on").text
    not_done = show(shelf.open(), failed=failed).text

    assert quiet.startswith("Usage reporting \N{MIDDLE DOT} Shelf ")
    assert done.startswith("Reporting is on. \N{MIDDLE DOT} Usage reporting")
    assert not_done.startswith("That did not work. ")


@pytest.mark.parametrize("notice", ["", "<b>", "TURNED_ON", None])
def test_an_unknown_notice_is_not_shown(shelf: Shelf, notice: str | None) -> None:
    assert show(shelf.open(), notice=notice).find("p")[1:2] != [
        {"role": "status", "class": "notice"}
    ]


def test_a_failed_action_is_explained_above_everything_else(shelf: Shelf) -> None:
    failed = ReportingError(Problem.STATE_FULL, path="x.sqlite3", reason="no space")

    page = show(shelf.open(), failed=failed)

    assert "x.sqlite3 cannot be written (no space). Free some disk space." in page.text
    assert {"role": "alert", "class": "failed"} in page.find("p")


def test_hostile_values_stay_text(shelf: Shelf) -> None:
    turn_on(shelf)
    plain = PageReader(render(build_page(shelf.open()), base="/", token=""))
    known = {name for name, _ in plain.elements} | {"nav", "ol", "li", "strong", "ul"}
    for value in STRINGS:
        title = {**EVENTS["search"], "title": value, "description": value}
        reporter = shelf.open(
            name=value or "Shelf",
            events={**EVENTS, "search": title},
            groups={value or "searches": ["search"]},
        )
        with Database(shelf.folder).write() as connection:
            connection.execute("DELETE FROM history")
            connection.execute(
                "INSERT INTO history (at, url, body, answer) VALUES (0, ?, ?, ?)",
                [value.encode("utf-8", "replace")] * 3,
            )
        failed = ReportingError(Problem.UNEXPECTED, reason=value)
        page = build_page(reporter, notice=value, failed=failed)

        html = render(page, base="/", token=value, home=(f"/{value}", value))

        html.encode()
        assert {name for name, _ in PageReader(html).elements} <= known, value
        assert not {"\x00", "\x1b", "\x7f"} & set(html), value


def test_an_address_that_is_not_a_web_page_is_not_a_link(shelf: Shelf) -> None:
    page = show(shelf.open(page="javascript://shelf/%0aalert(1)"))

    assert "More information: javascript://shelf/%0aalert(1)" in page.text
    assert page.find("a") == [{"href": "/reports/export.json", "download": None}]


def test_nothing_comes_from_another_place_and_nothing_is_inline(shelf: Shelf) -> None:
    turn_on_and_count(shelf)
    page = show(shelf.open())

    assert page.find("link") == [{"rel": "stylesheet", "href": "/reports/style.css"}]
    assert {name for name, _ in page.elements}.isdisjoint({"script", "style", "img"})
    for _name, attributes in page.elements:
        assert not [it for it in attributes if it == "style" or it.startswith("on")]
    assert all(
        it.attributes == {"method": "post", "action": "/reports/"}
        and it.fields["token"] == TOKEN
        for it in page.forms.values()
    )
    assert b"url(" not in find_style()
    assert b"@import" not in find_style()


def test_what_cannot_be_taken_back_needs_a_checked_box(shelf: Shelf) -> None:
    turn_on(shelf)
    forms = show(shelf.open()).forms

    assert {name for name, form in forms.items() if form.box == "confirm"} == {
        "delete",
        "forget",
    }
