"""Formats dates as a stamp has them: "2026-05-18T12:00:00Z". Pure."""

import datetime as dt

_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_END = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
LAST_SECOND = int(_END.timestamp()) - 1


def format_seconds(seconds: int) -> str | None:
    """Format the moment *seconds* after 1970; None if it is not in 1970-2099."""
    if not 0 <= seconds <= LAST_SECOND:
        return None
    return _format(dt.datetime.fromtimestamp(seconds, dt.UTC))


def normalize(text: str) -> str | None:
    """Normalize ISO 8601 with a time zone to UTC; None if *text* is something else."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not _FIRST <= moment < _END:
        return None
    return _format(moment.astimezone(dt.UTC))


def _format(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
