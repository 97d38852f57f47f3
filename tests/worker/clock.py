"""The times that the tests of the daily run share."""

import datetime as dt

DAY = dt.timedelta(days=1)
MILLISECOND = dt.timedelta(milliseconds=1)
# When the daily cron is due, in most tests.
DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)


def midnight(year: int, month: int, day: int) -> dt.datetime:
    """The first moment of a UTC day."""
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


def iso(time: dt.datetime) -> str:
    """*time* as the Worker stores and prints it."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
