"""When the server makes the daily run: once a day, missed ones at start, on a clock that may jump."""

import datetime as dt
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from usage_receiver import node

CRON = "17 3 * * *"
DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
YEARS = 10 * 365 * DAY
NONE = dt.timedelta()

Look = tuple[dt.datetime, dt.timedelta]


def find_runs(
    looks: list[Look], last: dt.datetime | None = DUE - DAY
) -> tuple[list[dt.datetime | None], list[str]]:
    """Look at the clock: each time it shows, and how long the server has run by then."""
    script = Path(__file__).with_name("due.mjs")
    asked = {
        "cron": CRON,
        "lastDay": last and f"{last:%F}",
        "looks": [[time.isoformat(), ran.total_seconds()] for time, ran in looks],
    }
    done = subprocess.run(
        node.make_command(script),
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    runs = [time and dt.datetime.fromisoformat(time) for time in found["runs"]]
    return runs, found["warnings"]


def from_start(start: dt.datetime, *after: dt.timedelta) -> list[Look]:
    """Looks on a clock that goes right."""
    return [(start + ran, ran) for ran in (NONE, *after)]


def test_a_run_is_made_once_a_day_at_its_time() -> None:
    start = DUE + HOUR
    looks = from_start(start, HOUR, 23 * HOUR - MINUTE, 23 * HOUR, DAY, 2 * DAY)

    assert find_runs(looks) == ([None, None, None, DUE + DAY, None, DUE + 2 * DAY], [])


@pytest.mark.parametrize("last", [None, DUE - 2 * DAY, DUE - 30 * DAY])
def test_a_run_that_was_missed_is_made_at_the_start(last: dt.datetime | None) -> None:
    looks = from_start(DUE + 5 * HOUR, MINUTE)

    assert find_runs(looks, last) == ([DUE, None], [])


def test_a_run_waits_after_a_long_pause() -> None:
    """A clock without a battery may begin years ahead, and every report would be purged."""
    looks = from_start(DUE + 5 * HOUR, MINUTE, HOUR - MINUTE, HOUR)

    runs, (warning,) = find_runs(looks, DUE - YEARS)

    assert runs == [None, None, None, DUE]
    assert "waits for an hour" in warning


@pytest.mark.parametrize("jump", [YEARS, -YEARS, 2 * DAY])
def test_a_clock_that_is_set_and_set_back_makes_no_run(jump: dt.timedelta) -> None:
    start = DUE + HOUR
    away = [(start + jump + ran, ran) for ran in (MINUTE, HOUR / 2)]
    back = [(start + ran, ran) for ran in (HOUR, HOUR + MINUTE, 3 * HOUR)]

    runs, warnings = find_runs([(start, NONE), *away, *back])

    assert runs == [None] * 6
    assert len(warnings) == 2


def test_a_clock_that_stays_makes_the_run_after_an_hour() -> None:
    start = DUE + HOUR
    away = [(start + 3 * DAY + ran, ran) for ran in (MINUTE, HOUR, HOUR + MINUTE)]

    runs, warnings = find_runs([(start, NONE), *away])

    assert runs == [None, None, None, DUE + 3 * DAY]
    assert len(warnings) == 1


def test_a_clock_that_is_set_by_less_than_a_day_is_believed() -> None:
    start = DUE + HOUR

    looks = [(start, NONE), (start + 23 * HOUR, MINUTE), (start, 2 * MINUTE)]

    # The second run of the same day changes nothing.
    assert find_runs(looks) == ([None, DUE + DAY, DUE], [])
