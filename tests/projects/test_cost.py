"""What requests that are counted cost in billed rows, as D1 reports them."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.bench.counters import measure_counters
from tests.bench.receivers import Rows, run_instrumented, send_measured
from tests.bench.traffic import (
    NEW_PLUGIN,
    PING,
    PONG,
    USAGE,
    Build,
    send_full_batch,
)

MIDNIGHT = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
Send = Callable[[Build, dt.datetime], Rows]


@pytest.fixture(scope="module")
def send_to_octoprint() -> Iterator[Send]:
    """A function that sends a request of one installation, and returns its rows."""
    with run_instrumented("octoprint") as worker:
        yield partial(send_measured, worker, str(uuid.uuid4()))


@pytest.fixture(scope="module")
def send_to_codegraph() -> Iterator[Send]:
    """A function that sends a request of one machine, and returns its rows."""
    with run_instrumented("codegraph") as worker:
        yield partial(send_measured, worker, str(uuid.uuid4()))


def test_a_ping_writes_one_row_on_the_first_of_a_utc_day_and_none_after(
    send_to_octoprint: Send,
) -> None:
    day = [MIDNIGHT + number * 15 * MINUTE for number in range(96)]
    send_to_octoprint(PONG, MIDNIGHT - MINUTE)

    written = [send_to_octoprint(PING, time).written for time in day]

    assert written == [1] + 95 * [0]


def test_a_pong_writes_a_row_only_if_a_fact_changed(send_to_octoprint: Send) -> None:
    tomorrow = MIDNIGHT + dt.timedelta(days=1)
    send_to_octoprint(PONG, tomorrow)

    written = [
        send_to_octoprint(build, tomorrow + MINUTE).written
        for build in (PONG, NEW_PLUGIN, NEW_PLUGIN)
    ]

    assert written == [0, 1, 0]


def test_a_batch_of_100_lines_writes_as_many_rows_as_its_values_need(
    send_to_codegraph: Send,
) -> None:
    """It repeats the eleven lines of a recorded batch, which have five commands and three tools."""
    send_to_codegraph(USAGE, MIDNIGHT)

    eleven = send_to_codegraph(USAGE, MIDNIGHT)
    hundred = send_to_codegraph(send_full_batch, MIDNIGHT)

    # A row for each command, two for each tool, and one for the client.
    assert eleven.written == hundred.written == 5 + 2 * 3 + 1
    assert eleven.read == hundred.read <= 8 * eleven.written


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("traffic", "most_bytes"), [("usual", 100e6), ("flooded", 1e9)]
)
def test_90_days_of_codegraphs_traffic_stay_small(
    traffic: str, most_bytes: float
) -> None:
    assert measure_counters(flooded=traffic == "flooded").size < most_bytes
