"""The weeks that Printernizer's client reports: each day once, whatever happens between."""

import datetime as dt
import json
import uuid
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paperless_report import Logged, Recorded, Sent
from projects.printernizer import week
from projects.printernizer.week import LONGEST, WEEK, Last, Period, find_period

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 6, 1)
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
ID = str(uuid.UUID(int=1))


def day(number: int) -> dt.date:
    """The day *number* days after the one on which reporting was turned on."""
    return MONDAY + number * DAY


def last(start: int, end: int, *, accepted: bool = True, same_id: bool = True) -> Last:
    return Last(Period(day(start), day(end)), day(start), same_id, accepted)


@pytest.mark.parametrize(
    ("today", "sent", "start", "end"),
    [
        # The first report covers the week that the preview showed, whenever it is sent.
        (0, None, -7, 0),
        (6, None, -7, 0),
        # It is late.
        (7, None, -7, 7),
        (20, None, -7, 14),
        # The next weeks follow.
        (7, last(-7, 0), 0, 7),
        (13, last(-7, 0), 0, 7),
        (14, last(0, 7), 7, 14),
        # Two weeks late.
        (23, last(0, 7), 7, 21),
        # By hand, in the same week: as it was.
        (3, last(-7, 0), -7, 0),
        (24, last(7, 21), 7, 21),
        # It may have arrived, so it is sent as it was, also in the next week.
        (7, last(-7, 0, accepted=False), -7, 0),
        (16, last(0, 7, accepted=False), 0, 7),
        # That week is too old by now.
        (86, last(0, 7, accepted=False), 7, 84),
        # What is older than twelve weeks is not sent.
        (200, last(0, 7), 112, 196),
        # The clock was wrong when the last report was sent.
        (0, last(900, 907), -7, 0),
    ],
)
def test_a_report_is_about_whole_weeks(
    today: int, sent: Last | None, start: int, end: int
) -> None:
    assert find_period(day(today), day(0), sent) == (day(start), day(end))


@pytest.mark.parametrize(
    ("today", "sent", "start", "end"),
    [
        # Sent with the deleted ID on the same day.
        (0, last(-7, 0, same_id=False), 0, 0),
        (0, last(-9, -2, same_id=False), -2, 0),
        (6, last(-9, -2, accepted=False, same_id=False), -2, 0),
        (8, last(-9, -2, same_id=False), -2, 7),
        # Off for long: a week, as for a first report.
        (0, last(-99, -92, same_id=False), -7, 0),
    ],
)
def test_days_that_a_deleted_id_reported_are_not_reported_again(
    today: int, sent: Last, start: int, end: int
) -> None:
    assert find_period(day(today), day(0), sent) == (day(start), day(end))


@dataclass
class Receiver:
    """Adds weeks as the receiver's rule `once` does: seven days after the last one."""

    counted: Counter[dt.date]
    ends: dict[int, dt.date]

    def take(self, number: int, period: Period) -> None:
        if number not in self.ends or period.end >= self.ends[number] + WEEK:
            self.ends[number] = period.end
            days = (period.end - period.start).days
            self.counted.update(period.start + it * DAY for it in range(days))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9) | st.integers(0, 60),
            st.sampled_from(["answered", "lost", "down", "new ID", "on again"]),
        ),
        min_size=3,
        max_size=30,
    )
)
@example([(0, "answered"), (3, "on again"), (5, "answered"), (7, "answered")])
def test_the_receiver_adds_each_day_once_and_leaves_none_out(
    runs: list[tuple[int, str]],
) -> None:
    """Runs at any time, lost answers, receivers that are down, off and on, and on again."""
    receiver = Receiver(Counter(), {})
    today = turned_on = MONDAY
    sent: Last | None = None
    number, gaps = 0, False
    for days, fate in runs:
        today += days * DAY
        if fate == "new ID":
            number, turned_on = number + 1, today
            sent = sent and sent._replace(is_of_this_id=False)
            gaps = True
            continue
        # What is too old is given up.
        gaps |= sent is not None and today - sent.period.start > LONGEST
        if fate == "on again":  # to agree to a newer contract
            turned_on = today
            continue
        period = find_period(today, turned_on, sent)
        assert period.start <= period.end <= today
        assert period.end - period.start <= LONGEST
        sent = Last(period, MONDAY, is_of_this_id=True, was_accepted=fate == "answered")
        if fate != "down":
            receiver.take(number, period)

    assert set(receiver.counted.values()) <= {1}
    if receiver.counted and not gaps:
        first, final = min(receiver.counted), max(receiver.counted)
        assert len(receiver.counted) == (final - first).days + 1


def logged(*events: tuple[str, float]) -> tuple[Logged, ...]:
    """Events with the hours from the start of the first day at which they happened."""
    start = dt.datetime.combine(MONDAY, dt.time(tzinfo=dt.UTC))
    return tuple(
        Logged(number, start + dt.timedelta(hours=hours), event, {})
        for number, (event, hours) in enumerate(events)
    )


@pytest.mark.parametrize(
    ("events", "hours"),
    [
        ((), 0),
        ([("app_start", 0)], 168),
        ([("app_start", 160)], 8),
        ([("app_start", 1), ("app_shutdown", 3)], 2),
        # It started before the period, and ended after it.
        ([("app_start", -50), ("app_shutdown", 500)], 168),
        # Nobody knows how long it ran before it crashed; until the last event at least.
        ([("app_start", 0), ("job_created", 5), ("app_start", 100)], 5 + 68),
        (
            [
                ("app_start", 0),
                ("app_shutdown", 0.4),
                ("app_start", 1),
                ("app_shutdown", 2),
            ],
            1,
        ),
        # The start is deleted already.
        ([("job_created", 10), ("app_shutdown", 12)], 2),
    ],
)
def test_uptime_is_whole_hours_of_the_period(
    events: list[tuple[str, float]], hours: int
) -> None:
    assert week.measure_uptime(logged(*events), Period(day(0), day(7))) == hours


def test_only_events_of_the_period_count() -> None:
    log = logged(("job_failed", -0.01), ("job_failed", 0), ("job_failed", 167.9))
    log += logged(("job_failed", 168))

    assert week.count_events(log, Period(day(0), day(7))) == {"job_failed": 2}


def summarize(
    log: tuple[Logged, ...] = (), history: tuple[Sent, ...] = (), **changes: object
) -> dict[str, object]:
    fields = {"now": NOON, "turned_on": NOON, "installation_id": ID, **changes}
    return {**week.summarize(Recorded(log=log, history=history, **fields))}  # type: ignore[arg-type]  # as above


def test_days_to_come_are_never_reported_if_the_clock_was_ahead() -> None:
    summary = summarize(turned_on=NOON + 40 * DAY)

    assert summary["period.start"] == f"{day(-7)} 00:00:00"
    assert summary["period.end"] == f"{day(0)} 00:00:00"


def test_every_time_is_the_midnight_of_a_day() -> None:
    summary = summarize(logged(("app_start", -30.5)))

    times = {name: it for name, it in summary.items() if isinstance(it, str)}
    assert times == {
        "submission_timestamp": "2026-06-01 00:00:00",
        "installation.first_seen": "2026-05-30 00:00:00",
        "period.start": "2026-05-25 00:00:00",
        "period.end": "2026-06-01 00:00:00",
    }


def sent(body: object, answer: str | None = "200") -> Sent:
    return Sent(
        at=NOON - WEEK,
        method="POST",
        url="https://stats.example/submit",
        body=json.dumps(body).encode(),
        answer=answer,
    )


def report(installation_id: str = ID, **times: str) -> dict[str, object]:
    return {
        "period": {"start": "2026-05-18 00:00:00", "end": "2026-05-25 00:00:00"},
        "installation": {
            "installation_id": installation_id,
            "first_seen": "2026-02-01 00:00:00",
        },
        **times,
    }


def test_the_first_day_stays_the_first_when_its_events_are_deleted() -> None:
    history = (sent(report()), sent({"id": ID}))

    summary = summarize(logged(("app_start", 1)), history)

    assert summary["installation.first_seen"] == "2026-02-01 00:00:00"
    assert summary["period.start"] == "2026-05-25 00:00:00"


def test_a_new_id_has_no_day_in_common_with_a_deleted_one() -> None:
    history = (sent(report("<deleted ID>")),)

    summary = summarize(logged(("app_start", -300)), history)

    assert summary["installation.first_seen"] == "2026-06-01 00:00:00"


def test_only_accepted_reports_mark_their_events_as_sent() -> None:
    history = [
        sent(report()),
        sent(report(), None),
        sent(report(), "429"),
        sent({"id": ID}),
    ]

    assert week.list_sent_periods(history) == [
        (dt.date(2026, 5, 18), dt.date(2026, 5, 25))
    ]
