"""Finds when a failed report is tried again."""

import datetime as dt

from paperless_report.schedule.slots import spread

# After more failures than these, the last one applies.
_WAITS = tuple(dt.timedelta(hours=it) for it in (1, 4, 16, 24))
# A receiver cannot silence an installation for longer.
MOST_WAIT = dt.timedelta(days=7)


def find_next_try(
    *,
    now: dt.datetime,
    failures: int,
    installation_id: str,
    retry_after: dt.timedelta | None = None,
    least_wait: dt.timedelta = dt.timedelta(0),
) -> dt.datetime:
    """Return when to try again.

    Args:
        now: The current time, aware.
        failures: The number of failures in a row, this one included: at least 1.
        installation_id: Moves each wait by up to 10 %, so that a receiver that comes back
            does not get all reports at once.
        retry_after: The time that the receiver asked for. It counts if it is longer, up to
            `MOST_WAIT`.
        least_wait: The shortest wait.
    """
    wait = _WAITS[min(failures, len(_WAITS)) - 1]
    # 90 % to 110 %, by another number for each failure.
    wait = wait * 9 / 10 + spread(f"{installation_id} {failures}", wait / 5)
    return now + max(wait, min(retry_after or wait, MOST_WAIT), least_wait)


def is_waiting(
    next_try: dt.datetime | None,
    now: dt.datetime,
    most_wait: dt.timedelta = MOST_WAIT,
) -> bool:
    """Return whether it is too early for the next try.

    A time that no failure can have set comes from a clock that was set back since. It does
    not count.

    Args:
        next_try: The stored time, aware; None if the last try did not fail.
        now: The current time, aware.
        most_wait: The longest wait that can have been stored.
    """
    return next_try is not None and now < next_try <= now + most_wait
