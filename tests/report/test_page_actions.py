"""What the buttons of the page do, and what they refuse."""

import threading
from collections.abc import Callable

import pytest

from paperless_report import Problem, Reporter, ReportingError, State
from paperless_report.page import actions
from paperless_report.page.actions import perform
from paperless_report.page.content import build_page
from paperless_report.page.notices import Notice
from tests.report.page import show, turn_on, turn_on_and_count
from tests.report.shelf import GROWN, SWITCH, WEEKLY, Shelf
from tests.support.endpoint import Answer
from tests.support.misbehaving_servers import Connection, MisbehavingServer
from tests.support.waiting import MOST_SECONDS, wait_until


def press(reporter: Reporter, name: str, **changes: str) -> Notice:
    """Open the page, check the form's box if it has one, and press its button."""
    form = show(reporter).forms[name]
    box = {form.box: "yes"} if form.box else {}
    return perform(reporter, {**form.fields, **box, **changes})


def test_on_stores_the_id_that_the_page_has_shown(shelf: Shelf) -> None:
    reporter = shelf.open()
    page = show(reporter)
    form = page.forms["on"].fields

    assert perform(reporter, form) is Notice.TURNED_ON
    status = reporter.status()
    assert status.decision.state is State.ON
    assert status.installation_id == form["id"]
    assert f"id {form['id']}" in page.text


@pytest.mark.parametrize("shown_id", ["", "me", "\ud800", "0" * 36])
def test_on_stores_a_random_id_if_the_form_has_no_uuid(
    shelf: Shelf, shown_id: str
) -> None:
    press(shelf.open(), "on", id=shown_id)

    assert shelf.open().status().installation_id not in (None, shown_id)


def test_on_agrees_to_a_grown_contract(shelf: Shelf) -> None:
    turn_on(shelf)
    reporter = shelf.open(contract=GROWN)
    known = reporter.status().installation_id

    assert press(reporter, "on") is Notice.TURNED_ON
    assert reporter.growth() == ()
    assert reporter.status().installation_id == known


def test_on_fails_if_no_report_could_be_sent(shelf: Shelf) -> None:
    reporter = shelf.open()
    form = show(reporter).forms["on"].fields
    unable = shelf.open(collectors={})

    with pytest.raises(ReportingError) as raised:
        perform(unable, form)

    assert raised.value.problem is Problem.FIELDS_MISSING
    assert unable.status().decision.state is State.UNDECIDED


def test_off_before_any_decision_is_an_answer(shelf: Shelf) -> None:
    assert press(shelf.open(), "off") is Notice.TURNED_OFF
    assert shelf.open().status().decision.state is State.OFF


def test_off_deletes_the_id_and_the_counts(shelf: Shelf) -> None:
    turn_on_and_count(shelf)

    assert press(shelf.open(), "off") is Notice.TURNED_OFF
    assert shelf.open().status().installation_id is None
    assert shelf.open().export()["counts"] == []
    assert shelf.endpoint.arrived == []


def test_off_and_forget_has_the_reports_deleted(shelf: Shelf) -> None:
    turn_on(shelf)
    known = shelf.open().status().installation_id

    assert press(shelf.open(), "off_and_forget") is Notice.FORGOTTEN
    assert shelf.open().status().decision.state is State.OFF
    (arrived,) = shelf.endpoint.arrived
    assert arrived.path == "/forget"
    assert str(known).encode() in arrived.body


def test_an_id_that_is_not_forgotten_is_kept_for_that(shelf: Shelf) -> None:
    turn_on(shelf)
    known = shelf.open().status().installation_id
    shelf.endpoint.answer = Answer(503)

    assert press(shelf.open(), "off_and_forget") is Notice.NOT_FORGOTTEN
    assert shelf.open().status().set_aside == (known,)
    shelf.endpoint.answer = Answer()
    assert press(shelf.open(), "forget") is Notice.FORGOTTEN
    assert shelf.open().status().set_aside == ()


def test_a_group_can_be_turned_off_and_on(shelf: Shelf) -> None:
    turn_on_and_count(shelf)

    assert press(shelf.open(), "group_off") is Notice.GROUP_OFF
    assert shelf.open().status().groups == {"searches": False}
    assert press(shelf.open(), "group_on") is Notice.GROUP_ON
    assert shelf.open().status().groups == {"searches": True}


def test_a_group_that_does_not_exist_is_refused(shelf: Shelf) -> None:
    with pytest.raises(ReportingError) as raised:
        press(shelf.open(), "group_off", group="<b>")

    assert raised.value.problem is Problem.UNKNOWN_GROUP


@pytest.mark.parametrize(
    ("answer", "notice"),
    [
        (Answer(204), Notice.SENT),
        (Answer(500), Notice.NOT_SENT),
        (
            Answer(
                429,
                b'{"error": "already_submitted", "retry_after_days": 3,'
                b'"last_sent": "2026-05-29T12:00:00Z"}',
            ),
            Notice.ALREADY_SENT,
        ),
    ],
    ids=lambda it: it.name if isinstance(it, Notice) else None,
)
def test_a_report_is_sent_now(shelf: Shelf, answer: Answer, notice: Notice) -> None:
    turn_on(shelf)
    shelf.endpoint.answer = answer

    assert press(shelf.open(contract=WEEKLY), "send_now") is notice
    assert len(shelf.reports) == 1


def test_a_report_that_could_not_be_built_is_explained(shelf: Shelf) -> None:
    turn_on(shelf)
    form = show(shelf.open()).forms["send_now"].fields

    with pytest.raises(ReportingError) as raised:
        perform(shelf.open(collectors={}), form)

    assert raised.value.problem is Problem.FIELDS_MISSING


def test_a_slow_endpoint_does_not_delay_the_page(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "PATIENCE_SECONDS", 0.3)
    turn_on(shelf)
    ended: list[bool] = []
    released = threading.Event()

    def answer_late(connection: Connection) -> None:
        connection.read_request()
        released.wait(MOST_SECONDS)
        connection.raw.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with MisbehavingServer(answer_late) as server:
        reporter = shelf.open(endpoint=server.url)
        form = show(reporter).forms["send_now"].fields
        notice = perform(reporter, form, clean_up=lambda: ended.append(True))
        assert notice is Notice.SENDING
        assert "This page updates automatically." in show(reporter).text
        assert ended == []
        released.set()
        wait_until(lambda: ended == [True])
    assert "Report sent. Thank you!" in show(reporter, notice="sending").text


def test_delete_leaves_nothing(shelf: Shelf) -> None:
    turn_on_and_count(shelf)

    assert press(shelf.open(), "delete") is Notice.DELETED
    assert list(shelf.folder.iterdir()) == []
    assert press(shelf.open(), "delete") is Notice.NOTHING_STORED
    assert shelf.endpoint.arrived == []


def test_delete_works_on_a_damaged_state(shelf: Shelf) -> None:
    turn_on(shelf)
    (shelf.folder / "usage_reporting.sqlite3").write_bytes(b"no database" * 999)

    assert press(shelf.open(), "delete") is Notice.DELETED
    assert shelf.open().status().decision.state is State.UNDECIDED


@pytest.mark.parametrize("action", ["forget", "delete"])
def test_what_cannot_be_taken_back_is_not_done_without_the_box(
    shelf: Shelf, action: str
) -> None:
    turn_on(shelf)
    before = shelf.open().export()

    assert press(shelf.open(), action, confirm="no") is Notice.UNCONFIRMED
    assert shelf.open().export() == before
    assert shelf.endpoint.arrived == []


@pytest.mark.parametrize("action", ["", "run", "__class__", "ON"])
def test_an_unknown_action_does_nothing(shelf: Shelf, action: str) -> None:
    assert press(shelf.open(), "on", action=action) is Notice.UNKNOWN_ACTION
    assert not shelf.folder.exists()


def turn_off(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    shelf.open().turn_off()
    return shelf.open()


def turn_on_again(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    shelf.open().turn_off()
    turn_on(shelf)
    return shelf.open()


def turn_group_off(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    shelf.open().turn_group("searches", on=False)
    return shelf.open()


def set_variable(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Reporter:
    monkeypatch.setenv(SWITCH, "0")
    return shelf.open()


def update(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    return shelf.open(contract=GROWN)


def move_endpoint(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    return shelf.open(endpoint="https://elsewhere.example")


def damage(shelf: Shelf, _: pytest.MonkeyPatch) -> Reporter:
    (shelf.folder / "usage_reporting.sqlite3").write_bytes(b"no database" * 999)
    return shelf.open()


@pytest.mark.parametrize(
    "change",
    [
        *(turn_off, turn_on_again, turn_group_off, set_variable, update),
        *(move_endpoint, damage),
    ],
)
def test_nothing_is_done_if_the_state_is_not_the_one_on_the_page(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Shelf, pytest.MonkeyPatch], Reporter],
) -> None:
    turn_on(shelf)
    forms = show(shelf.open()).forms
    reporter = change(shelf, monkeypatch)
    before = (shelf.folder / "usage_reporting.sqlite3").read_bytes()

    for form in forms.values():
        fields = {**form.fields, "confirm": "yes"}
        assert perform(reporter, fields) is Notice.STALE

    assert (shelf.folder / "usage_reporting.sqlite3").read_bytes() == before
    assert shelf.endpoint.arrived == []


def test_consent_to_a_page_does_not_cover_a_contract_that_it_did_not_show(
    shelf: Shelf,
) -> None:
    form = show(shelf.open()).forms["on"].fields

    assert perform(shelf.open(contract=GROWN), form) is Notice.STALE
    assert shelf.open().status().decision.state is State.UNDECIDED


def test_an_action_fails_with_a_reason_if_the_state_cannot_be_used(
    shelf: Shelf,
) -> None:
    reporter = shelf.open(data_dir="/dev/null/shelf")
    form = {"action": "off", "seen": build_page(reporter).seen}

    with pytest.raises(ReportingError) as raised:
        perform(reporter, form)

    assert raised.value.problem is Problem.STATE_NO_FOLDER
