"""Computes what a weekly report says from what is stored on this machine: no I/O."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from paperless_report import Logged, Recorded, Sent

# The status that says that a report was accepted.
ACCEPTED = 200
WEEK = dt.timedelta(days=7)
# The longest time that one report is about. What is older is never sent.
LONGEST = 12 * WEEK
_MIDNIGHT = dt.time(tzinfo=dt.UTC)


class Period(NamedTuple):
    """Whole days in UTC; *end* is the day after the last one."""

    start: dt.date
    end: dt.date


class Last(NamedTuple):
    """The newest report that was sent, whether or not it arrived.

    Attributes:
        period: What it was about.
        first_seen: What it said about when statistics began.
        is_of_this_id: Whether it had the installation ID that is here now.
        was_accepted: Whether the receiver has accepted it.
    """

    period: Period
    first_seen: dt.date
    is_of_this_id: bool
    was_accepted: bool

    @classmethod
    def find(cls, recorded: "Recorded") -> Self | None:
        """Find it among the requests; those to forget have no period."""
        for sent in reversed(recorded.history):
            report = _read_report(sent)
            if period := _read_period(report):
                installation = report["installation"]
                return cls(
                    period,
                    _read_day(installation["first_seen"]),
                    installation["installation_id"] == recorded.installation_id,
                    _is_accepted(sent),
                )
        return None


def summarize(recorded: "Recorded") -> Mapping[str, object]:
    """Return the fields of a report that are computed from what is recorded.

    A period consists of whole days that are over, so its numbers never change.
    """
    last, today = Last.find(recorded), recorded.now.date()
    # The clock may have been ahead when reporting was turned on.
    turned_on = min(recorded.turned_on.date(), today) if recorded.turned_on else today
    period = find_period(today, turned_on, last)
    counts = count_events(recorded.log, period)
    return {
        "submission_timestamp": _write_day(today),
        "installation.first_seen": _write_day(
            _find_first_day(recorded.log, turned_on, last)
        ),
        "period.start": _write_day(period.start),
        "period.end": _write_day(period.end),
        "period.duration_days": (period.end - period.start).days,
        "usage_stats.job_count": counts["job_completed"] + counts["job_failed"],
        "usage_stats.file_count": counts["file_downloaded"],
        "usage_stats.upload_count": counts["file_uploaded"],
        "usage_stats.uptime_hours": measure_uptime(recorded.log, period),
        "error_summary.total_errors": counts["error_occurred"],
    }


def find_period(today: dt.date, turned_on: dt.date, last: Last | None) -> Period:
    """Return what a report of *today* is about: a week, or several if a report is late.

    The receiver adds a report if its period ends at least seven days after that of the
    last one that it added for the same ID. So each day is added once:

    - Periods of one ID follow each other, and end whole weeks after the first.
    - A report that may have arrived is sent again as it was, until it is accepted.
    - Days that were sent with a deleted ID are not sent with the next one.

    Args:
        today: The day in UTC.
        turned_on: The day on which reporting was turned on.
        last: The newest report.
    """
    if last is None or last.period.end > today:  # a clock that was ahead
        return _find_weeks(turned_on - WEEK, turned_on, today)
    start, end = last.period
    if not last.is_of_this_id:
        return _find_weeks(max(end, turned_on - WEEK), turned_on, today)
    if today < end + WEEK or not (last.was_accepted or start < today - LONGEST):
        return last.period
    return _find_weeks(end, end, today)


def count_events(log: "Iterable[Logged]", period: Period) -> Counter[str]:
    """Count the events of *period* by name."""
    start, end = _find_edges(period)
    return Counter(it.event for it in log if start <= it.at < end)


def list_sent_periods(history: "Iterable[Sent]") -> list[Period]:
    """List the periods of the reports that the receiver has accepted."""
    periods = (_read_period(_read_report(it)) for it in history if _is_accepted(it))
    return [it for it in periods if it]


def measure_uptime(log: "Iterable[Logged]", period: Period) -> int:
    """Return for how many hours of *period* the program ran, as far as events show.

    It ran between two events unless it ended with the first, or crashed before the second.
    What happens after *period* changes nothing.
    """
    start, end = _find_edges(period)
    events = [(it.at, it.event) for it in log if it.at < end]
    ran = sum(
        (
            max(min(until, end) - max(since, start), dt.timedelta())
            for (since, event), (until, following) in pairwise([*events, (end, "")])
            if event != "app_shutdown" and following != "app_start"
        ),
        dt.timedelta(),
    )
    return ran // dt.timedelta(hours=1)


def _find_weeks(start: dt.date, first_end: dt.date, today: dt.date) -> Period:
    """Return the days from *start* to the last end of a week that is not after *today*."""
    end = first_end + max(today - first_end, dt.timedelta()) // WEEK * WEEK
    return Period(min(max(start, end - LONGEST), end), end)


def _find_first_day(
    log: "Iterable[Logged]", turned_on: dt.date, last: Last | None
) -> dt.date:
    if last is None:
        return min((it.at.date() for it in log), default=turned_on)
    # A former day would link a new ID with the deleted one.
    return last.first_seen if last.is_of_this_id else turned_on


def _find_edges(period: Period) -> tuple[dt.datetime, dt.datetime]:
    start, end = (dt.datetime.combine(day, _MIDNIGHT) for day in period)
    return start, end


def _read_report(sent: "Sent") -> dict[str, Any]:
    report: dict[str, Any] = json.loads(sent.body)
    return report


def _is_accepted(sent: "Sent") -> bool:
    return (sent.answer or "").startswith(str(ACCEPTED))


def _read_period(report: Mapping[str, Any]) -> Period | None:
    if "period" not in report:
        return None
    start, end = (_read_day(report["period"][it]) for it in ("start", "end"))
    return Period(start, end)


def _read_day(text: str) -> dt.date:
    return dt.datetime.fromisoformat(text).date()


def _write_day(day: dt.date) -> str:
    return f"{day} 00:00:00"
