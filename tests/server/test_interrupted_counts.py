"""A count that is stopped leaves no half-written edition, and the next one makes up for it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.serving import run, serve
from tests.support.waiting import wait_until
from usage_receiver.data import run_sql

pytestmark = pytest.mark.slow

EDITION = "SELECT period, as_of, body FROM publications ORDER BY period"
ACTIVITY = "SELECT * FROM activity ORDER BY day"
# In this state, a count has everything to do.
UNCOUNT = "DELETE FROM publications; DELETE FROM weekly_editions; DELETE FROM activity"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a database of made-up reports, counted."""
    folder = tmp_path / "data"
    with serve(folder, "--sample", "200"):
        pass
    return folder


def read_numbers(data: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(row["period"], json.loads(row["body"])) for row in run_sql(data, EDITION)]


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        *(
            pytest.param(it, marks=pytest.mark.nightly)
            for it in (signal.SIGINT, signal.SIGKILL)
        ),
    ],
)
def test_a_count_that_is_stopped_at_any_time_publishes_all_or_nothing(
    data: Path, number: signal.Signals
) -> None:
    whole, activity = read_numbers(data), run_sql(data, ACTIVITY)
    months = [it for it in whole if "-" in it[0]]
    windows = [it for it in whole if "-" not in it[0]]
    stopped = 0
    for tenths in range(1, 8):
        run_sql(data, UNCOUNT)
        count = subprocess.Popen(
            (sys.executable, "-m", "usage_receiver", "count", "--data", str(data)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(tenths / 10)
        count.send_signal(number)
        stopped += count.wait(30) != 0
        published = read_numbers(data)
        assert [it for it in published if "-" in it[0]] == months[: len(published)]
        assert [it for it in published if "-" not in it[0]] in ([], windows)
        assert run_sql(data, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert stopped

    run("count", data)

    assert read_numbers(data) == whole
    assert run_sql(data, ACTIVITY) == activity


def test_a_server_that_is_stopped_during_its_count_ends_well_and_counts_later(
    data: Path,
) -> None:
    whole = read_numbers(data)
    run_sql(data, UNCOUNT)

    # At its start, it makes up for the count.
    with serve(data) as served:
        assert served.stop() == 0
        assert "failed" not in served.read_log()
    with serve(data) as served:
        wait_until(lambda: run_sql(data, ACTIVITY) != [])

    assert read_numbers(data) == whole
