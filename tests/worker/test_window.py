"""The seven days, by a clock that the tests set."""

import datetime as dt
import itertools
from collections import defaultdict

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.worker.wire import post
from worker.local.harness import Harness

Report = dict[str, object]
START = dt.datetime(2026, 5, 18, 12, tzinfo=dt.UTC)
MS = dt.timedelta(milliseconds=1)
WEEK = dt.timedelta(days=7)
IDS = tuple(f"{number}b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11" for number in range(2))


def post_at(worker: Harness, report: Report, time: dt.datetime) -> requests.Response:
    milliseconds = str((time - dt.datetime.fromtimestamp(0, dt.UTC)) // MS)
    return post(worker, report, **{"Test-Clock": milliseconds})


def iso(time: dt.datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("later", "wait"),
    [
        (0 * MS, (7, 604_800)),
        (1 * MS, (7, 604_800)),
        (1000 * MS, (7, 604_799)),
        (dt.timedelta(days=1) - MS, (7, 518_401)),
        (dt.timedelta(days=1), (6, 518_400)),
        (WEEK - dt.timedelta(days=1), (1, 86_400)),
        (WEEK - 1001 * MS, (1, 2)),
        (WEEK - MS, (1, 1)),
        (WEEK, None),
        (WEEK + MS, None),
        (-MS, (7, 604_800)),
        (-10 * WEEK, (7, 604_800)),  # the clock was set back
    ],
)
def test_the_edge_is_exact_to_the_millisecond(
    observed: Harness,
    report: Report,
    later: dt.timedelta,
    wait: tuple[int, int] | None,
) -> None:
    """How long to wait yet is told in days and in seconds."""
    assert post_at(observed, report, START).status_code == 204

    answer = post_at(observed, report, START + later)

    assert answer.status_code == (429 if wait else 204)
    if wait:
        days, seconds = wait
        assert answer.json() == {
            "error": "already_submitted",
            "last_sent": iso(START),
            "retry_after_days": days,
        }
        assert answer.headers["Retry-After"] == str(seconds)


def test_who_waits_as_told_is_let_in_and_a_second_before_is_not(
    observed: Harness, report: Report
) -> None:
    post_at(observed, report, START)
    asked = START + dt.timedelta(days=3, milliseconds=123)
    told = int(post_at(observed, report, asked).headers["Retry-After"])
    due = asked + dt.timedelta(seconds=told)

    assert post_at(observed, report, due - 1000 * MS).status_code == 429
    assert post_at(observed, report, due).status_code == 204


def test_of_several_reports_the_last_counts(observed: Harness, report: Report) -> None:
    for weeks in range(3):
        post_at(observed, report, START + weeks * WEEK)

    answer = post_at(observed, report, START + 2 * WEEK + dt.timedelta(days=3))

    assert answer.json() == {
        "error": "already_submitted",
        "last_sent": iso(START + 2 * WEEK),
        "retry_after_days": 4,
    }
    assert answer.headers["Retry-After"] == str(4 * 86_400)


def test_a_refused_report_does_not_prolong_the_wait(
    observed: Harness, report: Report
) -> None:
    post_at(observed, report, START)
    for day in range(1, 7):
        late = START + dt.timedelta(days=day)
        assert post_at(observed, report, late).status_code == 429

    assert post_at(observed, report, START + WEEK).status_code == 204


# Steps of about a window, of any length, back and forth, and just beside its edge.
STEPS = st.one_of(
    st.sampled_from([0 * MS, MS, -MS, WEEK, WEEK - MS, WEEK + MS, -WEEK, 3 * WEEK]),
    st.timedeltas(-2 * WEEK, 2 * WEEK),
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([(0, 0 * MS), (0, WEEK - MS), (0, MS), (1, -WEEK), (1, WEEK)])
@given(st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=2, max_size=12))
def test_accepted_reports_of_one_installation_lie_seven_days_apart(
    observed: Harness, report: Report, sequence: list[tuple[int, dt.timedelta]]
) -> None:
    observed.query("DELETE FROM reports")
    time = START
    accepted: defaultdict[str, list[dt.datetime]] = defaultdict(list)

    for number, step in sequence:
        time += step
        key = IDS[number]
        answer = post_at(observed, {**report, "uuid": key}, time)
        known = accepted[key]
        if known and time - known[-1] < WEEK:
            assert answer.status_code == 429
            told = answer.json()
            assert told["last_sent"] == iso(known[-1])
            assert 1 <= told["retry_after_days"] <= 7
            assert 1 <= int(answer.headers["Retry-After"]) <= WEEK.total_seconds()
        else:
            assert answer.status_code == 204
            known.append(time - dt.timedelta(microseconds=time.microsecond % 1000))

    stored = observed.query("SELECT uuid, received FROM reports ORDER BY id")
    for key in IDS:
        mine = [it["received"] for it in stored if it["uuid"] == key]
        assert mine == [iso(it) for it in accepted[key]]
        times = [dt.datetime.fromisoformat(it) for it in mine]
        assert all(b - a >= WEEK for a, b in itertools.pairwise(times))
