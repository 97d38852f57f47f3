"""Finds when the next report of an installation is due.

Time is divided into slots as long as the period. The installation ID decides where the slots
of an installation begin, so the reports of all installations are spread evenly over the
period, and a restart or another scheduler changes nothing.
"""

import datetime as dt
import hashlib

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


def find_due(
    *,
    last_sent: dt.datetime | None,
    turned_on: dt.datetime,
    installation_id: str,
    period: dt.timedelta,
    least_gap: dt.timedelta = dt.timedelta(0),
) -> dt.datetime:
    """Return when the next report is due; if that is past, one report is overdue.

    The first report is due when the first slot after turning on begins. Each slot has one
    report at most.

    Args:
        last_sent: When the receiver got the last report, aware. If the clock was set back
            since, this may be in the future: replace it by the current time, and store
            that, or no report is due until then.
        turned_on: When reporting was turned on, aware. The same applies.
        installation_id: The installation ID.
        period: The time from the beginning of one slot to the next, more than zero.
        least_gap: The receiver refuses a second report within this time.
    """
    offset = spread(installation_id, period)
    after = max(last_sent or turned_on, turned_on)
    slot = (after - _EPOCH - offset) // period + 1
    due = _EPOCH + offset + slot * period
    return max(due, last_sent + least_gap) if last_sent else due


def spread(key: str, most: dt.timedelta) -> dt.timedelta:
    """Return a time from zero to less than *most*: evenly spread over keys, fixed for each."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest) % (most // _TICK) * _TICK
