"""Manyfold's clients get the answers that its tracking server gave, but for named deviations."""

import pytest

from tests.projects.manyfold.recorded import (
    ACCEPTED,
    CLIENTS,
    DEVIATIONS,
    EXCHANGES,
    ID,
    SHA,
    Answer,
    client_request,
    report,
)
from tests.support import pages
from tests.support.raw_http import RawAnswer, send_raw
from tests.worker.client import post
from tests.worker.database import select_all
from worker.local.harness import Harness

pytestmark = pytest.mark.both

DEVIATIONS_PAGE = "docs/explanation/deviations.md"


def assert_answer(actual: RawAnswer, expected: Answer) -> None:
    compressed = "content-encoding" in actual.headers
    headers = {
        name: value
        for name, value in expected.headers.items()
        # A runtime may compress for a client that can read it.
        if not (compressed and name == "content-length")
    }
    assert (actual.status, actual.body.decode()) == (expected.status, expected.body)
    assert {name: actual.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(("request_", "answer"), CLIENTS.values(), ids=list(CLIENTS))
def test_a_real_clients_request_gets_the_recorded_answer(
    receiver: Harness, request_: bytes, answer: Answer
) -> None:
    assert_answer(send_raw(receiver.url, request_), answer)
    assert len(select_all(receiver, "installations")) == (answer == ACCEPTED)


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_request_gets_the_recorded_answer_or_a_named_deviation(
    receiver: Harness, name: str
) -> None:
    exchange = EXCHANGES[name]

    actual = send_raw(receiver.url, exchange.request())

    assert_answer(actual, DEVIATIONS.get(name, exchange.answer))


def test_the_page_lists_the_deviations_of_single_requests() -> None:
    assert set(pages.column(DEVIATIONS_PAGE, "request to Manyfold")) == set(DEVIATIONS)


def test_a_second_report_of_an_instance_replaces_the_first(receiver: Harness) -> None:
    for content in (report(), report(ID.upper(), app="0.148.0", image=None)):
        assert_answer(send_raw(receiver.url, client_request(content)), ACCEPTED)

    (row,) = select_all(receiver, "installations")
    assert {name: row[name] for name in row if "day" not in name} == {
        "id": ID,
        "version.app": "0.148.0",
        "version.sha": SHA,
        "version.image": None,
        "version.arch": "x86_64-linux-gnu",
        "excluded": 0,
    }


def test_an_instance_can_be_forgotten(receiver: Harness) -> None:
    post(receiver, report(), "/")

    assert post(receiver, {"id": ID}, "/forget").status_code == 204
    assert select_all(receiver, "installations") == []
