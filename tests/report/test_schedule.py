import datetime as dt
import itertools
import random
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperless_report.schedule.backoff import MOST_WAIT, find_next_try, is_waiting
from paperless_report.schedule.slots import find_due, spread

pytestmark = pytest.mark.point("C14")

NOW = dt.datetime(2026, 5, 18, 12, tzinfo=dt.UTC)
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7)
ZERO = dt.timedelta(0)
IDS = [str(uuid.uuid5(uuid.NAMESPACE_URL, str(it))) for it in range(10_000)]

few = settings(max_examples=40)
ids = st.uuids(version=4).map(str)
moments = st.timedeltas(ZERO, 5000 * DAY).map(lambda it: NOW + it)
periods = st.timedeltas(HOUR, 31 * DAY)


class Installation:
    """An installation that reports when it is due, on a clock that may jump."""

    def __init__(
        self, key: str, turned_on: dt.datetime, period: dt.timedelta, gap: dt.timedelta
    ) -> None:
        self.key, self.period, self.gap = key, period, gap
        self.turned_on = turned_on
        self.sent: list[dt.datetime] = []
        self._last: dt.datetime | None = None

    def run(self, now: dt.datetime) -> bool:
        """Report if a report is due. Return whether it was."""
        self.turned_on = min(self.turned_on, now)
        self._last = min(self._last, now) if self._last else None
        due = find_due(
            last_sent=self._last,
            turned_on=self.turned_on,
            installation_id=self.key,
            period=self.period,
            least_gap=self.gap,
        )
        if now < due:
            return False
        self._last = now
        self.sent.append(now)
        return True

    def slot(self, moment: dt.datetime) -> int:
        """Return the number of the slot that *moment* lies in."""
        start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + spread(self.key, self.period)
        return (moment - start) // self.period


def find_first(key: str) -> dt.datetime:
    return find_due(last_sent=None, turned_on=NOW, installation_id=key, period=WEEK)


def test_reports_are_spread_evenly_over_the_period() -> None:
    """Chi-square with 167 degrees of freedom: 226 is exceeded once in a thousand times."""
    hours = [0] * 168
    for key in IDS:
        hours[(find_first(key) - NOW) // HOUR] += 1

    mean = len(IDS) / len(hours)
    assert sum((count - mean) ** 2 / mean for count in hours) < 226


def test_neighbouring_installations_are_spread_too() -> None:
    """IDs that differ in one digit, as a test or a cloned machine may have them."""
    first = str(uuid.UUID(int=1 << 127))
    hours = {(find_first(f"{first[:-4]}{it:04x}") - NOW) // HOUR for it in range(2000)}

    assert len(hours) == 168


@few
@given(ids, moments, periods)
def test_the_first_report_is_due_within_a_period_after_turning_on(
    key: str, turned_on: dt.datetime, period: dt.timedelta
) -> None:
    due = find_due(
        last_sent=None, turned_on=turned_on, installation_id=key, period=period
    )

    assert turned_on < due <= turned_on + period


def test_turned_on_again_an_installation_waits_for_its_next_slot() -> None:
    due = find_due(
        last_sent=NOW - 100 * DAY, turned_on=NOW, installation_id=IDS[0], period=WEEK
    )

    assert due == find_first(IDS[0])


@few
@given(ids, moments, periods)
def test_the_slots_of_an_installation_do_not_move(
    key: str, moment: dt.datetime, period: dt.timedelta
) -> None:
    due = find_due(
        last_sent=moment, turned_on=moment, installation_id=key, period=period
    )
    next_due = find_due(
        last_sent=due, turned_on=moment, installation_id=key, period=period
    )

    assert next_due == due + period


@few
@given(ids, moments, st.timezones())
def test_the_time_zone_changes_nothing(
    key: str, moment: dt.datetime, zone: dt.tzinfo
) -> None:
    """A day on which the clocks are changed is not longer or shorter."""
    due, in_zone = (
        find_due(last_sent=it, turned_on=it, installation_id=key, period=WEEK)
        for it in (moment, moment.astimezone(zone))
    )

    assert due == in_zone


@pytest.mark.parametrize("every", [HOUR, DAY], ids=["hourly", "daily"])
@pytest.mark.parametrize("key", IDS[:3])
def test_any_scheduler_leads_to_one_report_in_each_slot(
    key: str, every: dt.timedelta
) -> None:
    installation = Installation(key, NOW, WEEK, gap=ZERO)

    for run in range(52 * WEEK // every):
        installation.run(NOW + run * every)

    slots = [installation.slot(it) for it in installation.sent]
    assert slots == [*range(slots[0], slots[0] + len(slots))]
    assert len(slots) in (51, 52)


@pytest.mark.parametrize(
    ("every", "least"), [(HOUR, 51), (DAY, 45)], ids=["hourly", "daily"]
)
@pytest.mark.parametrize("key", IDS[:3])
def test_a_receiver_that_takes_one_report_in_a_week_refuses_none(
    key: str, every: dt.timedelta, least: int
) -> None:
    """Each report may be late by one run of the scheduler, which is never exact."""
    noise = random.Random(key)  # noqa: S311  # the same in each run
    installation = Installation(key, NOW, WEEK, gap=WEEK)

    for run in range(52 * WEEK // every):
        installation.run(NOW + run * every + noise.random() * every / 10)

    gaps = [after - before for before, after in itertools.pairwise(installation.sent)]
    assert min(gaps) >= WEEK
    assert max(gaps) <= WEEK + 1.1 * every
    assert len(installation.sent) >= least


def test_a_machine_that_slept_for_months_sends_one_report() -> None:
    installation = Installation(IDS[0], NOW, WEEK, gap=ZERO)

    assert installation.run(NOW + 200 * DAY)
    assert not installation.run(NOW + 200 * DAY + dt.timedelta(seconds=1))


@pytest.mark.parametrize("gap", [ZERO, WEEK], ids=["no gap", "a week"])
@few
@given(
    key=ids,
    steps=st.lists(
        st.one_of(
            st.timedeltas(ZERO, 2 * HOUR),
            st.timedeltas(ZERO, 3 * WEEK),  # asleep, or set ahead
            st.timedeltas(-400 * DAY, ZERO),  # set back
        ),
        max_size=60,
    ),
)
def test_no_clock_leads_to_two_reports_in_one_slot(
    gap: dt.timedelta, key: str, steps: list[dt.timedelta]
) -> None:
    """After each report, the clock first has to enter another slot by itself."""
    installation = Installation(key, NOW, WEEK, gap)
    clock = NOW
    earliest: dt.datetime | None = None  # on the clock since the last report

    for step in steps:
        clock += step
        earliest = min(earliest, clock) if earliest else None
        if installation.run(clock):
            if earliest:
                assert installation.slot(clock) > installation.slot(earliest)
                assert clock >= earliest + gap
            earliest = clock


@few
@given(key=ids, ahead=st.timedeltas(DAY, 4000 * DAY))
def test_a_clock_that_was_ahead_does_not_silence_an_installation(
    key: str, ahead: dt.timedelta
) -> None:
    installation = Installation(key, NOW + ahead, WEEK, gap=WEEK)
    installation.run(NOW + ahead + WEEK)

    installation.run(NOW)

    assert installation.run(NOW + 2 * WEEK)


@pytest.mark.parametrize(
    ("failures", "hours"), [(1, 1), (2, 4), (3, 16), (4, 24), (5, 24), (10**6, 24)]
)
def test_each_failure_makes_the_wait_longer_up_to_a_day(
    failures: int, hours: int
) -> None:
    waits = [
        find_next_try(now=NOW, failures=failures, installation_id=key) - NOW
        for key in IDS[:1000]
    ]

    assert hours * HOUR * 0.9 <= min(waits) < hours * HOUR * 0.91
    assert hours * HOUR * 1.09 < max(waits) < hours * HOUR * 1.1


@pytest.mark.parametrize("every", [HOUR / 60, HOUR, DAY])
@pytest.mark.parametrize("key", IDS[:3])
def test_a_server_that_is_down_for_a_day_sees_four_tries_at_most(
    key: str, every: dt.timedelta
) -> None:
    tries, next_try = 0, None

    for run in range(DAY // every):
        now = NOW + run * every
        if not is_waiting(next_try, now):
            tries += 1
            next_try = find_next_try(now=now, failures=tries, installation_id=key)

    assert tries <= 4


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        (dt.timedelta(seconds=1), None),
        (30 * HOUR, 30 * HOUR),
        (MOST_WAIT, MOST_WAIT),
        (8 * DAY, MOST_WAIT),
        (dt.timedelta.max, MOST_WAIT),
    ],
)
def test_a_receiver_can_ask_for_a_longer_wait_of_at_most_a_week(
    retry_after: dt.timedelta, wait: dt.timedelta | None
) -> None:
    usual = find_next_try(now=NOW, failures=2, installation_id=IDS[0])

    next_try = find_next_try(
        now=NOW, failures=2, installation_id=IDS[0], retry_after=retry_after
    )

    assert next_try == (NOW + wait if wait else usual)


@pytest.mark.parametrize(
    ("next_try", "waits"),
    [
        (None, False),
        (NOW - DAY, False),
        (NOW, False),
        (NOW + DAY, True),
        (NOW + MOST_WAIT, True),
        (NOW + 8 * DAY, False),  # the clock was ahead when this was stored
        (NOW + 4000 * DAY, False),
    ],
)
def test_only_a_time_that_a_failure_can_have_set_is_waited_for(
    next_try: dt.datetime | None, *, waits: bool
) -> None:
    assert is_waiting(next_try, NOW) == waits


def test_another_longest_wait_can_be_given() -> None:
    assert is_waiting(NOW + 30 * DAY, NOW, most_wait=31 * DAY)
