"""What the endpoint's answer means. Pure (decisions C2, C4, C5, C12)."""

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

# The statuses whose body means anything.
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True)
class Answer:
    """What the endpoint said. The body is empty for a status not in `WITH_BODY`."""

    status: int
    body: bytes = b""


@dataclass(frozen=True)
class Failure:
    """There was no answer that could be used; what kind of reason, with no detail."""

    reason: str


@dataclass(frozen=True)
class Done:
    """The endpoint did what it was asked to."""


@dataclass(frozen=True)
class AlreadySubmitted:
    """A report of this installation was stored less than 7 days ago."""

    days_ago: int
    again_after: dt.date


@dataclass(frozen=True)
class NotDone:
    """Anything else. The reason is for `--verbosity 2`."""

    reason: str


Outcome = Done | AlreadySubmitted | NotDone


def to_report(answer: Answer | Failure, now: dt.datetime) -> Outcome:
    """Read the answer to a report.

    Args:
        answer: What came.
        now: The time, aware.
    """
    if isinstance(answer, Answer) and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _already_submitted(answer.body, now) or NotDone(
            "the endpoint answered 429, but not with the documented JSON"
        )
    return to_forget(answer)


def to_forget(answer: Answer | Failure) -> Done | NotDone:
    """Read the answer to a request to forget."""
    match answer:
        case Answer(status=HTTPStatus.NO_CONTENT):
            return Done()
        case Answer(status=HTTPStatus.BAD_REQUEST, body=body):
            return NotDone(f"the endpoint refused the request: {_reason(body)}")
        case Answer(status=status):
            return NotDone(f"the endpoint answered {status}")
        case Failure(reason):
            return NotDone(reason)


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
