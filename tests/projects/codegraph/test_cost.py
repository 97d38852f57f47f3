"""What a batch costs in billed rows, as D1 reports them, and 90 days of batches in bytes."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.bench.counters import measure_counters
from tests.bench.receivers import Rows, run_instrumented, send_measured
from tests.bench.traffic import USAGE, Build, send_full_batch

pytestmark = pytest.mark.cloudflare

MIDNIGHT = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
Send = Callable[[Build, dt.datetime], Rows]


@pytest.fixture(scope="module")
def send_to_codegraph() -> Iterator[Send]:
    """A function that sends a request of one machine, and returns its rows."""
    with run_instrumented("codegraph") as worker:
        yield partial(send_measured, worker, str(uuid.uuid4()))


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
