"""Ten thousand made-up names at midnight push no name out that clients really send."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.projects.codegraph.recorded import (
    RECORDINGS,
    Event,
    batch,
    event,
    usage,
)
from tests.projects.codegraph.stored import read_sums, sum_batch
from tests.support.raw_http import send_raw
from tests.worker.client import post
from worker.local.harness import Harness

DAY = dt.timedelta(days=1)
NAMES = 10_000
# A pair of fields keeps so many rows a day with values that the contract does not list.
MOST_ROWS = 500


def make_up_names(now: dt.datetime) -> Iterator[list[Event]]:
    """Batches of 100 events with made-up values, at midnight of the recorded ones' days."""
    today, used = (f"{it.date()}T00:00:00.000Z" for it in (now, now - 2 * DAY))
    for start in range(0, NAMES, 100):
        numbers = range(start, start + 100)
        yield [
            usage(
                *("mcp_tool", f"tool{it}", 1, 1, used),
                client_name=f"agent{it}",
                client_version=f"9.{it}",
            )
            for it in numbers
        ]
        yield [usage("cli_command", f"command{it}", 1, 1, used) for it in numbers]
    # As many as lists of 32 and of 12 can hold.
    yield [
        event("index", today, languages=[f"language{it * 32 + n}" for n in range(32)])
        for it in range(100)
    ]
    yield [
        event(
            *("install", time),
            targets=[f"target{it * 12 + n}" for n in range(12)],
            scope="local",
            kind="fresh",
        )
        for time in (today, used)
        for it in range(50)
    ]


def send_flood(worker: Harness, now: dt.datetime, step: int = 1) -> None:
    """Send every *step*th made-up batch, each from a machine and a version of its own."""
    for number, events in enumerate(make_up_names(now)):
        if number % step == 0:
            machine = f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"
            sent = batch(events, machine, codegraph_version=f"9.9.{number}")
            assert post(worker, sent, "/v1/events").status_code == 204


def send_recorded(worker: Harness, now: dt.datetime) -> None:
    for recording in RECORDINGS.values():
        assert send_raw(worker.url, recording.build(now)).status == 204


@pytest.mark.slow
@pytest.mark.nightly
def test_every_recorded_name_is_still_there_after_a_flood(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    for day in (now - 2 * DAY, now - DAY):
        send_recorded(receiver, day)

    send_flood(receiver, now)
    send_recorded(receiver, now)

    stored = read_sums(receiver)
    for recording in RECORDINGS.values():
        for key, (count, errors) in sum_batch(recording.body(now)).items():
            assert stored[key] >= (count, errors), key
    assert [key for key in stored if "(other)" in key]


def test_a_flood_adds_a_bounded_number_of_rows(receiver: Harness) -> None:
    send_flood(receiver, dt.datetime.now(dt.UTC), step=5)

    rows = receiver.query(
        "SELECT COUNT(*) AS n FROM counters WHERE open > 0 GROUP BY day, event, pair"
    )
    assert max(row["n"] for row in rows) == MOST_ROWS


@pytest.mark.nightly
def test_a_listed_tool_is_kept_on_the_first_day_of_a_flood(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    send_flood(receiver, now, step=5)

    send_recorded(receiver, now)

    tools = {key[3] for key in read_sums(receiver) if key[2] == "name,client_name"}
    assert {"codegraph_explore", "codegraph_node", "codegraph_search"} <= tools
