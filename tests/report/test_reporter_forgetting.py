"""An ID is kept to be forgotten, tried again, and used for nothing else."""

import json

import pytest

from paperless_report import Problem, Result
from paperless_report.state import sending
from tests.report.shelf import DAY, HOUR, Shelf
from tests.support.endpoint import Answer

DOWN = Answer(503)


def forgotten(shelf: Shelf) -> list[str]:
    """Return the IDs that the endpoint was asked to forget."""
    return [
        json.loads(it.body)["id"]
        for it in shelf.endpoint.arrived
        if it.path == "/forget"
    ]


@pytest.mark.parametrize("identity_file", [False, True])
def test_forget_deletes_the_id_and_takes_it_out_of_the_history(
    *, identity_file: bool, shelf: Shelf
) -> None:
    shelf.folder.mkdir()
    reporter = shelf.open(identity_file=identity_file)
    reporter.turn_on()
    reporter.run(now=True)
    installation_id = reporter.status().installation_id

    result = reporter.forget()

    assert result.ids == (installation_id,) == tuple(forgotten(shelf))
    assert reporter.status().installation_id is None
    assert {json.loads(it.body)["id"] for it in reporter.history()} == {"<deleted ID>"}


def test_without_an_id_there_is_nothing_to_forget(shelf: Shelf) -> None:
    result = shelf.open().forget()

    assert (result.ids, result.kept) == ((), ())
    assert shelf.endpoint.arrived == []


def test_the_id_stays_if_the_endpoint_cannot_be_reached(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    installation_id = reporter.status().installation_id
    shelf.endpoint.answer = DOWN

    result = reporter.forget()

    assert result.failure
    assert result.kept == (installation_id,)
    assert reporter.status().installation_id == installation_id


def test_an_id_that_could_not_be_forgotten_is_tried_again_while_reporting_is_off(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    shelf.endpoint.answer = DOWN
    removed = reporter.turn_off()
    reporter.forget(removed)
    assert reporter.status().set_aside == (removed,)
    monkeypatch.setenv("DO_NOT_TRACK", "1")

    for _ in range(24):
        reporter.run()
        shelf.wait(HOUR)
    tries = len(forgotten(shelf))
    shelf.endpoint.answer = Answer()
    shelf.wait(2 * DAY)  # a wait of a day may be 10 % longer, as the ID says
    assert reporter.run().result is Result.NOT_ON

    assert 2 <= tries <= 4
    assert set(forgotten(shelf)) == {removed}
    assert reporter.status().set_aside == ()


def test_an_id_that_is_forgotten_at_last_ends_the_failures(shelf: Shelf) -> None:
    reporter = shelf.open()
    for answer in (DOWN, Answer(), DOWN):
        reporter.turn_on()
        shelf.endpoint.answer = answer
        reporter.forget(reporter.turn_off())
    tries = len(forgotten(shelf))

    shelf.wait(2 * HOUR)
    reporter.run()

    assert len(forgotten(shelf)) == tries + 1


def test_an_id_that_is_set_aside_is_never_reported_with(shelf: Shelf) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    shelf.endpoint.answer = DOWN
    removed = reporter.turn_off()
    reporter.forget(removed)

    reporter.turn_on()
    reporter.run(now=True)

    assert shelf.reports[-1]["id"] == reporter.status().installation_id != removed


def test_without_an_address_an_id_stays_set_aside(shelf: Shelf) -> None:
    reporter = shelf.open(endpoint=None)
    reporter.turn_on()
    removed = reporter.turn_off()

    result = reporter.forget(removed)

    assert result.problem
    assert result.problem.problem is Problem.NO_ENDPOINT
    assert reporter.status().set_aside == (removed,)


def test_a_report_that_is_being_sent_is_not_overtaken(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = shelf.open()
    reporter.turn_on()
    with reporter._installation.database.write() as connection:  # noqa: SLF001  # another process's claim
        sending.claim(connection, shelf.now)
    monkeypatch.setattr("paperless_report.forgetting._MOST_WAIT_SECONDS", 0)

    result = reporter.forget()

    assert result.problem
    assert result.problem.problem is Problem.BUSY
    assert shelf.endpoint.arrived == []
