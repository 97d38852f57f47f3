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
from tests.projects.codegraph.stored import read_sums
from tests.support.raw_http import send_raw
from tests.worker.client import post
from worker.local.harness import Harness

DAY = dt.timedelta(days=1)
NAMES = 10_000
# A pair of fields keeps so many open rows a day, and `(other)`.
MOST_ROWS = 500


def make_up_names(now: dt.datetime) -> Iterator[list[Event]]:
    """Batches of 100 events with made-up values on the days of the recorded ones."""
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
    for time, numbers in ((today, range(0, NAMES, 32)), (used, range(0, 1200, 12))):
        events = [
            event(
                *("index", time),
                languages=[f"language{it}" for it in range(start, start + 32)],
            )
            if time == today
            else event(
                *("install", time),
                targets=[f"target{it}" for it in range(start, start + 12)],
                scope="local",
                kind="fresh",
            )
            for start in numbers
        ]
        for start in range(0, len(events), 100):
            yield events[start : start + 100]


@pytest.mark.slow
def test_every_recorded_name_is_still_there_after_a_flood(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    for day in (now - 2 * DAY, now - DAY):
        for recording in RECORDINGS.values():
            send_raw(receiver.url, recording.build(day))
    before = read_sums(receiver)
    for number, events in enumerate(make_up_names(now)):
        machine = f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"
        sent = batch(events, machine, codegraph_version=f"9.9.{number}")
        assert post(receiver, sent, "/v1/events").status_code == 204

    for recording in RECORDINGS.values():
        send_raw(receiver.url, recording.build(now))

    after = read_sums(receiver)
    sent_again = {
        (str(dt.date.fromisoformat(day) + DAY), *key)
        for day, *key in before
        if (str(dt.date.fromisoformat(day) + DAY), *key) not in before
    }
    assert sent_again
    for key in sent_again:
        assert key in after, key
    rows: dict[tuple[str, ...], int] = {}
    for key in after:
        rows[key[:3]] = rows.get(key[:3], 0) + 1
    assert max(rows.values()) <= MOST_ROWS + len(before) + 50
    assert [key for key in after if "(other)" in key[3:]]


def test_listed_names_are_kept_on_the_first_day_of_a_flood(receiver: Harness) -> None:
    now = dt.datetime.now(dt.UTC)
    for number, events in enumerate(make_up_names(now)):
        if number % 10 == 0:
            machine = f"{number:08x}-5d5c-4c53-9a67-0a4c3f0f6a11"
            assert post(receiver, batch(events, machine), "/v1/events").ok

    send_raw(receiver.url, RECORDINGS["003"].build(now))

    tools = {key[3] for key in read_sums(receiver) if key[2] == "name,client_name"}
    assert {"codegraph_explore", "codegraph_node", "codegraph_search"} <= tools
