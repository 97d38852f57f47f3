"""codegraph's clients get the recorded answers, and what they send is stored as it was there."""

import datetime as dt

import pytest

from tests.projects.codegraph.recorded import (
    MACHINE,
    RECORDINGS,
    batch,
    build_request,
    compact,
    event,
)
from tests.projects.codegraph.responses import (
    ACCEPTED,
    EVENTS,
    REQUESTS,
    TIMES,
    Answer,
    EventCase,
    TimeCase,
    refused,
)
from tests.projects.codegraph.stored import (
    read_machines,
    read_sums,
    sum_batch,
    sum_events,
)
from tests.support import pages
from tests.support.raw_http import RawAnswer, send_raw
from tests.worker.client import get, post
from tests.worker.database import select_all
from worker.local.harness import Harness

pytestmark = pytest.mark.both

DEVIATIONS_PAGE = "docs/explanation/deviations.md"


def assert_answer(actual: RawAnswer, expected: Answer) -> None:
    assert (actual.status, actual.body.decode()) == (expected.status, expected.text)
    headers = {name: actual.headers.get(name) for name in expected.headers}
    # A runtime may compress for a client that can read it, or send HEAD's length.
    if "content-encoding" in actual.headers or expected.headers.get("content-type"):
        del headers["content-length"]
    assert headers == {name: expected.headers[name] for name in headers}


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_request_gets_the_recorded_answer_and_is_stored(
    receiver: Harness, name: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    sent = RECORDINGS[name].body(now)
    facts = {
        it: value for it, value in sent.items() if it not in {"machine_id", "events"}
    }

    assert_answer(send_raw(receiver.url, RECORDINGS[name].build(now)), ACCEPTED)

    assert read_machines(receiver) == {MACHINE: {**facts, "ci": int(facts["ci"])}}
    assert read_sums(receiver) == sum_batch(sent)


@pytest.mark.parametrize(("request_", "answer"), REQUESTS.values(), ids=list(REQUESTS))
def test_any_other_request_gets_the_recorded_answer(
    receiver: Harness, request_: bytes, answer: Answer
) -> None:
    assert_answer(send_raw(receiver.url, request_), answer)
    assert set(read_machines(receiver)) <= {
        MACHINE,
        "00000000-0000-0000-0000-000000000000",
    }
    if answer != ACCEPTED:
        assert read_machines(receiver) == {}


@pytest.mark.parametrize("case", EVENTS, ids=lambda case: case.name)
def test_what_their_server_stored_of_an_event_is_stored(
    receiver: Harness, case: EventCase
) -> None:
    answer = send_raw(receiver.url, build_request(compact(case.body())))

    assert_answer(answer, ACCEPTED)
    today = dt.datetime.now(dt.UTC).date()
    facts = {} if case.name.startswith("envelope") else case.facts
    assert read_sums(receiver) == sum_events(case.stored, today, facts)
    assert read_machines(receiver) == ({MACHINE: facts} if case.stored else {})


@pytest.mark.parametrize("case", TIMES, ids=lambda case: case.name)
def test_an_event_counts_for_the_day_that_their_server_found(
    receiver: Harness, case: TimeCase
) -> None:
    now = dt.datetime.now(dt.UTC)
    sent = batch([event("index", case.write(now))])

    send_raw(receiver.url, build_request(compact(sent)))

    (day,) = {key[0] for key in read_sums(receiver)}
    assert day == f"{(now + case.shift).date()}"


def test_the_page_lists_the_deviations_of_single_requests() -> None:
    deviating = {case.name for case in EVENTS if case.deviates}

    assert set(pages.column(DEVIATIONS_PAGE, "request to codegraph")) == deviating


def test_at_most_a_hundred_events_of_a_batch_are_counted(receiver: Harness) -> None:
    send_raw(receiver.url, build_request(compact(batch([event("index")] * 1000))))

    assert {count for count, _ in read_sums(receiver).values()} == {100}


def test_a_failure_of_the_database_gives_503_and_stores_nothing(
    receiver: Harness,
) -> None:
    sent = build_request(compact(batch([event("index")])))
    for table in ("counters", "machines"):
        receiver.query(f"ALTER TABLE {table} RENAME TO hidden")
        try:
            answer = send_raw(receiver.url, sent)
        finally:
            receiver.query(f"ALTER TABLE hidden RENAME TO {table}")

        assert_answer(answer, refused(503, "unavailable", **{"retry-after": "60"}))
        assert read_sums(receiver) == {}
        assert read_machines(receiver) == {}


def test_the_start_page_is_text_that_says_how_to_stop(receiver: Harness) -> None:
    answer = get(receiver, "/")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "codegraph telemetry off" in answer.text


def test_forgetting_a_machine_deletes_its_facts_and_keeps_the_sums(
    receiver: Harness,
) -> None:
    send_raw(receiver.url, RECORDINGS["003"].build(dt.datetime.now(dt.UTC)))
    before = read_sums(receiver)

    assert post(receiver, {"id": MACHINE.upper()}, "/forget").status_code == 204
    assert select_all(receiver, "machines") == []
    assert read_sums(receiver) == before
