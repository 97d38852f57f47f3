"""What the page shows in each state of an installation, and with each fault."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.report import reporter_states
from tests.report.page import show, turn_on
from tests.report.shelf import GROWN, SWITCH, Shelf
from tests.support import sockets
from tests.support.endpoint import Answer

DAMAGE = b"no database" * 999


def turn_off(shelf: Shelf) -> None:
    shelf.open().turn_off()


def fail_to_forget(shelf: Shelf) -> None:
    turn_on(shelf)
    shelf.endpoint.answer = Answer(500)
    shelf.open().forget(shelf.open().turn_off())


def do_nothing(_: Shelf) -> None:
    pass


STATES: dict[str, tuple[Callable[[Shelf], None], Mapping[str, str], set[str], str]] = {
    "undecided": (
        do_nothing,
        {},
        {"on", "off"},
        "Nothing is sent until you turn reporting on. Nobody has decided yet.",
    ),
    "on": (
        turn_on,
        {},
        {"off", "off_and_forget", "send_now", "forget"},
        (
            "Reporting is on Reports are sent automatically. You can stop that at any time. "
            "An administrator chose this."
        ),
    ),
    "off": (
        turn_off,
        {},
        {"on"},
        "Reporting is off Nothing is counted or sent. An administrator chose this.",
    ),
    "on by the variable": (
        do_nothing,
        {SWITCH: "1"},
        {"send_now"},
        (
            "Reporting is on Reports are sent automatically. You can stop that at any time. "
            f"The environment variable {SWITCH} decides this. To decide here instead, remove "
            "that variable from the configuration of this software, and restart it."
        ),
    ),
    "off by the variable": (
        do_nothing,
        {SWITCH: "0"},
        set(),
        f"The environment variable {SWITCH} decides this.",
    ),
    "off by a variable that nobody understands": (
        do_nothing,
        {SWITCH: "perhaps"},
        set(),
        f"The value of {SWITCH} means neither on nor off, so reporting is off.",
    ),
    "on, but DO_NOT_TRACK is set": (
        turn_on,
        {"DO_NOT_TRACK": "1"},
        {"off", "off_and_forget", "forget"},
        (
            "The environment variable DO_NOT_TRACK turns it off. To decide here instead, "
            "remove that variable from the configuration of this software, and restart it. "
            "Note that DO_NOT_TRACK overrides your choice: reporting is off."
        ),
    ),
    "an ID to forget": (
        fail_to_forget,
        {},
        {"on", "forget"},
        "The endpoint has not yet deleted the reports of these former IDs:",
    ),
}


@pytest.mark.parametrize(
    ("prepare", "variables", "actions", "text"), STATES.values(), ids=STATES
)
def test_the_page_says_what_decided_the_state_and_offers_what_can_be_done(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Shelf], None],
    variables: Mapping[str, str],
    actions: set[str],
    text: str,
) -> None:
    prepare(shelf)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    page = show(shelf.open())

    assert text in page.text
    assert set(page.forms) - {"delete", "group_off"} == actions
    assert page.find("meta")[-1] == {"name": "robots", "content": "noindex"}


@pytest.fixture
def states(tmp_path: Path) -> Iterator[Path]:
    """A folder for installations, from which the package of a distribution is imported."""
    reporter_states.make_distribution(tmp_path)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path / "state"
    sys.path.remove(str(tmp_path))
    sys.modules.pop("shelf_of_a_distribution", None)


@pytest.mark.parametrize("name", reporter_states.SILENT)
def test_there_is_a_page_in_every_state_without_opening_a_socket(
    name: str, states: Path
) -> None:
    state = reporter_states.SILENT[name]
    reporter = reporter_states.reach(state, states)
    with (
        reporter_states.environment(state.environ),
        sockets.denied() as attempts,
    ):
        page = show(reporter)

    assert page.find("h1") == [{}]
    assert len(page.find("main")) == 1
    assert not attempts


def test_what_the_packager_turned_off_cannot_be_turned_on(states: Path) -> None:
    state = reporter_states.SILENT["turned off by the packager"]

    page = show(reporter_states.reach(state, states))

    assert (
        "The packager of this software has turned reporting off. It cannot be turned on "
        "here." in page.text
    )
    assert "on" not in page.forms


def test_the_default_of_the_project_is_not_called_a_choice(shelf: Shelf) -> None:
    reporter = shelf.open(default="on after notice")
    reporter.mark_notice_shown()

    assert (
        "This is the default of Shelf. Nobody has decided yet." in show(reporter).text
    )


def test_before_the_notice_the_page_says_that_the_default_is_on(shelf: Shelf) -> None:
    text = (
        "Unless you decide first, reporting is turned on after you have seen a notice."
    )
    reporter = shelf.open(default="on after notice")
    assert text in show(reporter).text

    reporter.mark_notice_shown()

    assert text not in show(reporter).text
    assert text not in show(shelf.open(default="off")).text


def test_a_grown_contract_is_explained_and_waits_for_an_answer(shelf: Shelf) -> None:
    turn_on(shelf)

    page = show(shelf.open(contract=GROWN))

    assert "But nothing is sent until you answer." in page.text
    assert "This version would send more than you agreed to: new: python." in page.text
    assert page.forms["on"].label == "Agree and keep reporting"
    assert "send_now" not in page.forms


def test_an_overridden_choice_can_be_taken_back(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_on(shelf)
    monkeypatch.setenv(SWITCH, "0")

    assert show(shelf.open()).forms["off"].label == "Turn it off here, too"


def test_without_an_endpoint_reporting_cannot_be_turned_on(shelf: Shelf) -> None:
    page = show(shelf.open(endpoint=None))

    assert "No report can be sent. No reporting endpoint is configured." in page.text
    assert "on" not in page.forms
    assert "off" in page.forms


def test_a_missing_fact_is_named(shelf: Shelf) -> None:
    turn_on(shelf)

    page = show(shelf.open(collectors={}))

    assert "A report could not be sent: books (it has no collector)." in page.text
    assert "send_now" not in page.forms


def refuse() -> Path:
    raise RuntimeError


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "of the declaration": (
        {"page": "", "period": "weekly"},
        "This is a fault in the software. Please report it to the people who make it.",
    ),
    "of its texts": ({"name": None, "page": 7, "prefix": ""}, "cannot be used"),
    "of its function": (
        {"data_dir": refuse},
        "Reporting failed unexpectedly (RuntimeError).",
    ),
    "of its folder": (
        {"data_dir": "/dev/null/shelf"},
        "The rest of the software works",
    ),
}


@pytest.mark.parametrize(("changes", "text"), FAULTS.values(), ids=FAULTS)
def test_a_fault_becomes_a_page_that_explains_it(
    shelf: Shelf, changes: dict[str, Any], text: str
) -> None:
    page = show(shelf.open(**changes))

    assert text in page.text
    assert page.forms == {}


def test_a_damaged_state_can_be_deleted(shelf: Shelf) -> None:
    turn_on(shelf)
    (shelf.folder / "usage_reporting.sqlite3").write_bytes(DAMAGE)

    page = show(shelf.open())

    assert "is damaged" in page.text
    assert set(page.forms) == {"delete"}
