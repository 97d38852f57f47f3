"""The terminal and the page show requests and logged events as they are."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest

from paperless_report import Reporter, Request, Variables, Waiting
from paperless_report.page.content import build_page
from paperless_report.page.render import render
from tests.report import lines
from tests.report.lines import LinesFormat, open_lines
from tests.report.page import TOKEN, show
from tests.report.program import Done, Program
from tests.report.shelf import HOUR, Shelf
from tests.support.endpoint import Answer

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Terminal:
    """Types commands about an installation of the project with lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._program = Program(monkeypatch)
        self._program.path = f"{lines.__name__}:reporter"

    def __call__(self, reporter: Reporter, *arguments: str) -> Done:
        self._monkeypatch.setattr(lines, "reporter", reporter, raising=False)
        return self._program(*arguments)


@pytest.fixture
def terminal(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    shelf.folder.mkdir()  # no root gives itself up for it
    return Terminal(monkeypatch)


def mask(text: str, shelf: Shelf) -> str:
    """Replace what differs from run to run."""
    return re.sub(UUID, "ID", text.replace(shelf.endpoint.url, "URL"))


def test_preview_shows_the_method_and_the_address_of_each_request(
    terminal: Terminal, shelf: Shelf
) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a b")

    shown = mask(terminal(reporter, "preview").stdout, shelf)

    assert (
        "The report contains these events:\n"
        "  2026-06-01 12:00 UTC opened: shelf a b\n" in shown
    )
    assert (
        "It is sent in these requests:\n"
        "  POST URL/track/ID/facts/ books=1-9\n"
        "  GET URL/track/ID/opened/?shelf=a%20b\n" in shown
    )
    assert "Reports go to" not in shown


def test_preview_as_json_has_a_line_for_each_request_if_bytes_do_not_say_all(
    terminal: Terminal, shelf: Shelf
) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a")

    printed = mask(terminal(reporter, "preview", "--json").stdout, shelf)

    assert [json.loads(line) for line in printed.splitlines()] == [
        {"method": "POST", "url": "URL/track/ID/facts/", "body": "books=1-9"},
        {"method": "GET", "url": "URL/track/ID/opened/?shelf=a", "body": ""},
    ]


def test_preview_says_that_nothing_waits(terminal: Terminal, shelf: Shelf) -> None:
    class EventsFormat(LinesFormat):
        sends_facts_alone = False

        def build_requests(self, waiting: Waiting) -> Iterator[Request]:
            return itertools.islice(super().build_requests(waiting), 1, None)

    reporter = open_lines(shelf, format=EventsFormat())

    assert "Nothing waits to be sent.\n" in terminal(reporter, "preview").stdout
    assert terminal(reporter, "preview", "--json").stdout == ""
    assert "Nothing waits to be sent." in show(reporter).text


def test_a_preview_without_an_id_says_when_there_will_be_one(
    terminal: Terminal, shelf: Shelf
) -> None:
    sentence = "The installation ID is made when you turn reporting on."
    reporter = shelf.open(shows_null_id=True)

    for command in (("preview",), ("on", "--yes")):
        assert sentence in terminal(reporter, *command).stdout.replace("\n", " ")
    assert sentence not in terminal(reporter, "preview").stdout.replace("\n", " ")
    reporter.delete()
    assert sentence in show(reporter).text
    page = render(build_page(reporter), base="/", token=TOKEN)
    assert 'name="id"' not in page


def test_on_names_the_events_that_are_sent_one_by_one(
    terminal: Terminal, shelf: Shelf
) -> None:
    shown = terminal(open_lines(shelf), "on").stdout.replace("\n", " ")

    assert "Later reports can also contain these counts: command, search." in shown
    assert "These events can be sent, too, one by one: opened, closed." in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Recorded one by one and not sent yet:"),
        (
            {"keeps_log": True, "format": None, "path": None},
            "Recorded one by one; these events are never sent themselves:",
        ),
    ],
)
def test_status_and_the_page_say_what_is_logged_and_whether_it_is_sent(
    changes: dict[str, object], sentence: str, terminal: Terminal, shelf: Shelf
) -> None:
    reporter = open_lines(shelf, **changes)
    reporter.record("opened")
    shelf.wait(HOUR)
    reporter.record("opened")
    reporter.record("closed")

    shown = terminal(reporter, "status").stdout
    stated = json.loads(terminal(reporter, "status", "--json").stdout)

    assert f"{sentence}\n  opened: 2\n  closed: 1\n" in shown
    assert stated["logged"] == {"opened": 2, "closed": 1}
    assert (
        f"Recorded events {sentence} Event Number Newest closed 1 2026-06-01 13:00 UTC "
        "opened 2 2026-06-01 13:00 UTC" in show(reporter).text
    )


def test_history_shows_the_address_with_its_query(
    terminal: Terminal, shelf: Shelf
) -> None:
    reporter = open_lines(shelf)
    reporter.turn_on(reporter.preview())
    reporter.record("opened", shelf="a")
    shelf.endpoint.answer = Answer(200)
    reporter.run(now=True)

    shown = mask(terminal(reporter, "history").stdout, shelf)
    listed = json.loads(terminal(reporter, "history", "--json").stdout)

    assert shown == (
        "2026-06-01 12:00 UTC  URL/track/ID/facts/\nbooks=1-9\nAnswer: 200\n\n"
        "2026-06-01 12:00 UTC  GET URL/track/ID/opened/?shelf=a\nAnswer: 200\n\n"
    )
    assert [(it["method"], it["body"]) for it in listed] == [
        ("POST", "books=1-9"),
        ("GET", ""),
    ]
    page = mask(show(reporter).text, shelf)
    assert (
        "The request, to URL/track/ID/opened/?shelf=a GET URL/track/ID/opened/" in page
    )


def test_the_page_shows_the_exact_requests_and_the_logged_events(shelf: Shelf) -> None:
    reporter = open_lines(shelf)
    reporter.record("opened", shelf="a")

    page = mask(show(reporter).text, shelf)

    assert (
        "The report contains these events: 2026-06-01 12:00 UTC opened: shelf a" in page
    )
    assert (
        "The exact requests POST URL/track/ID/facts/ books=1-9 "
        "GET URL/track/ID/opened/?shelf=a" in page
    )
    assert "opened shelf, Time" in page
    assert "Those with a time are sent one by one." in page


def test_a_variable_that_turned_reporting_off_is_named(
    terminal: Terminal, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Variables("SHELF_ON", "SHELF_URL", "SHELF_DATA", off=("NO_SHELF",))
    reporter = shelf.open(variable_names=names)
    reporter.turn_on(reporter.preview())
    monkeypatch.setenv("NO_SHELF", "yes")

    shown = terminal(reporter, "status").stdout.replace("\n", " ")

    assert re.search("Decided by +: NO_SHELF", shown)
    assert "Note that NO_SHELF overrides your choice: reporting is off." in shown
    stated = json.loads(terminal(reporter, "status", "--json").stdout)
    assert (stated["decided_by"], stated["variable"]) == ("variable", "NO_SHELF")
    assert "The environment variable NO_SHELF decides this." in show(reporter).text
