"""One report per installation in seven days, to the millisecond, on a clock that tests set."""

import datetime as dt
from collections import defaultdict

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.worker.client import post
from tests.worker.clock import DAY, MILLISECOND, iso
from tests.worker.database import clear, select_all
from tests.worker.reports import Report
from worker.local.harness import Harness

START = dt.datetime(2026, 5, 18, 12, tzinfo=dt.UTC)
EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
WEEK = 7 * DAY
SECOND = 1000 * MILLISECOND
IDS = tuple(f"{number}b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11" for number in range(2))


def floor(time: dt.datetime) -> dt.datetime:
    """*time* without what is shorter than a millisecond."""
    return EPOCH + (time - EPOCH) // MILLISECOND * MILLISECOND


def post_at(worker: Harness, report: Report, time: dt.datetime) -> requests.Response:
    milliseconds = (time - EPOCH) // MILLISECOND
    return post(worker, report, **{"Test-Clock": str(milliseconds)})


@pytest.mark.parametrize(
    ("later", "days", "seconds"),
    [
        (0 * DAY, 7, 604_800),
        (MILLISECOND, 7, 604_800),
        (SECOND, 7, 604_799),
        (DAY - MILLISECOND, 7, 518_401),
        (DAY, 6, 518_400),
        (WEEK - DAY, 1, 86_400),
        (WEEK - SECOND - MILLISECOND, 1, 2),
        (WEEK - MILLISECOND, 1, 1),
        # The clock was set back in between.
        (-MILLISECOND, 7, 604_800),
        (-10 * WEEK, 7, 604_800),
    ],
    ids=str,
)
def test_a_report_within_seven_days_learns_how_long_to_wait(
    instrumented: Harness, report: Report, later: dt.timedelta, days: int, seconds: int
) -> None:
    assert post_at(instrumented, report, START).status_code == 204

    response = post_at(instrumented, report, START + later)

    assert response.status_code == 429
    assert response.json() == {
        "error": "already_submitted",
        "last_sent": iso(START),
        "retry_after_days": days,
    }
    assert response.headers["Retry-After"] == str(seconds)


@pytest.mark.parametrize("later", [WEEK, WEEK + MILLISECOND, WEEK + DAY], ids=str)
def test_a_report_seven_days_later_is_accepted(
    instrumented: Harness, report: Report, later: dt.timedelta
) -> None:
    assert post_at(instrumented, report, START).status_code == 204

    assert post_at(instrumented, report, START + later).status_code == 204


def test_retry_after_is_exact_to_the_second(
    instrumented: Harness, report: Report
) -> None:
    post_at(instrumented, report, START)
    asked = START + dt.timedelta(days=3, milliseconds=123)
    seconds = int(post_at(instrumented, report, asked).headers["Retry-After"])
    due = asked + seconds * SECOND

    assert post_at(instrumented, report, due - SECOND).status_code == 429
    assert post_at(instrumented, report, due).status_code == 204


# Steps of any length, back and forth, and right next to the edges of a window.
STEPS = st.one_of(
    st.sampled_from(
        [n * WEEK + edge * MILLISECOND for n in (0, 1) for edge in (-1, 0, 1)]
    ),
    st.sampled_from([-WEEK, 3 * WEEK]),
    st.timedeltas(-2 * WEEK, 2 * WEEK),
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    [(0, 0 * DAY), (0, WEEK - MILLISECOND), (0, MILLISECOND), (1, -WEEK), (1, WEEK)]
)
# Three are accepted, then one is refused; and after daily refusals one is accepted.
@example([(0, WEEK), (0, WEEK), (0, WEEK), (0, 3 * DAY)])
@example([(0, WEEK), *[(0, DAY)] * 7])
@given(st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=2, max_size=12))
def test_the_last_accepted_report_of_an_installation_decides_about_the_next(
    instrumented: Harness, report: Report, sequence: list[tuple[int, dt.timedelta]]
) -> None:
    clear(instrumented, "reports")
    time = START
    accepted: defaultdict[str, list[dt.datetime]] = defaultdict(list)

    for number, step in sequence:
        time += step
        response = post_at(instrumented, {**report, "uuid": IDS[number]}, time)
        earlier = accepted[IDS[number]]
        if earlier and time - earlier[-1] < WEEK:
            wait = min(WEEK, earlier[-1] + WEEK - floor(time))
            assert response.status_code == 429
            assert response.json() == {
                "error": "already_submitted",
                "last_sent": iso(earlier[-1]),
                "retry_after_days": -(-wait // DAY),
            }
            assert response.headers["Retry-After"] == str(-(-wait // SECOND))
        else:
            assert response.status_code == 204
            earlier.append(floor(time))

    stored = select_all(instrumented)
    for key in IDS:
        times = [row["received"] for row in stored if row["uuid"] == key]
        assert times == [iso(time) for time in accepted[key]]
