"""What the endpoint's answer means. Pure (decisions C2, C4, C5)."""

import datetime as dt
import json
from dataclasses import dataclass
from http import HTTPStatus

# Within these bounds of the own clock a time in an answer is believed. The
# server looks back 7 days; a day more is left for clocks that disagree.
_OLDEST = dt.timedelta(days=8)
_NEWEST = dt.timedelta(days=1)
_WINDOW_DAYS = range(1, 8)
_MOST_REASON = 200


@dataclass(frozen=True)
class Sent:
    """The report was stored."""


@dataclass(frozen=True)
class AlreadySubmitted:
    """A report of this installation was stored less than 7 days ago."""

    days_ago: int
    again_after: dt.date


@dataclass(frozen=True)
class NotSent:
    """Anything else. The reason is for `--verbosity 2`."""

    reason: str


# The statuses whose body means anything.
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS)

Outcome = Sent | AlreadySubmitted | NotSent


def interpret(status: int, body: bytes, now: dt.datetime) -> Outcome:
    """Read an HTTP answer.

    Args:
        status: Its status code.
        body: As much of its body as was read.
        now: The time, aware.
    """
    if status == HTTPStatus.NO_CONTENT:
        return Sent()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _already_submitted(body, now) or NotSent(
            "the endpoint answered 429, but not with the documented JSON"
        )
    if status == HTTPStatus.BAD_REQUEST:
        return NotSent(f"the endpoint refused the report: {_reason(body)}")
    return NotSent(f"the endpoint answered {status}")


def _already_submitted(body: bytes, now: dt.datetime) -> AlreadySubmitted | None:
    answer = _json_object(body)
    days = answer.get("retry_after_days")
    last_sent = _time(answer.get("last_sent"))
    if (
        answer.get("error") != "already_submitted"
        or type(days) is not int
        or days not in _WINDOW_DAYS
        or last_sent is None
        or not now - _OLDEST <= last_sent <= now + _NEWEST
    ):
        return None
    again = now.astimezone(dt.UTC) + dt.timedelta(days=days)
    return AlreadySubmitted(max((now - last_sent).days, 0), again.date())


def _json_object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _time(value: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _reason(body: bytes) -> str:
    """What the server says is wrong, fit to print in a terminal."""
    answer = _json_object(body)
    said = str(answer.get("detail") or answer.get("error") or "no reason given")
    return "".join(filter(str.isprintable, said))[:_MOST_REASON]
