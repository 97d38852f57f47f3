"""Moments, as a stamp writes them: "2026-05-18T12:00:00Z". Pure."""

import datetime as dt

_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BEYOND = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
LAST_SECOND = int(_BEYOND.timestamp()) - 1


def from_seconds(seconds: int) -> str | None:
    """The moment that is *seconds* after 1970; None if it is not of 1970-2099."""
    if not 0 <= seconds <= LAST_SECOND:
        return None
    return _text(dt.datetime.fromtimestamp(seconds, dt.UTC))


def from_iso(text: str) -> str | None:
    """The same from ISO 8601 with a zone; None too if *text* is none."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not _FIRST <= moment < _BEYOND:
        return None
    return _text(moment.astimezone(dt.UTC))


def _text(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
