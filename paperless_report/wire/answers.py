"""Interprets the answer: sent, already submitted or failed (decisions C2, C4, C5, C12)."""

import datetime as dt
import enum
import json
from dataclasses import dataclass
from http import HTTPStatus

# Clocks disagree: a time in an answer may be this much outside the possible range.
_TOLERANCE = dt.timedelta(days=1)
_MOST_REASON = 200

# The statuses whose body is read.
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS)


class Cause(enum.Enum):
    """Why a request did not succeed. The comments say what comes with a cause."""

    NO_CONNECTION = enum.auto()  # the name of an exception's class
    TIMEOUT = enum.auto()  # the seconds waited
    TOO_LONG = enum.auto()
    REFUSED = enum.auto()  # the receiver's reason
    MALFORMED_429 = enum.auto()
    STATUS = enum.auto()  # the status


@dataclass(frozen=True)
class Answer:
    """A status and, if the status is in `WITH_BODY`, the body."""

    status: int
    body: bytes = b""


@dataclass(frozen=True)
class Failure:
    """The request did not succeed, or there was no usable answer."""

    cause: Cause
    detail: str = ""


@dataclass(frozen=True)
class Done:
    """The receiver did what it was asked to do."""


@dataclass(frozen=True)
class AlreadySubmitted:
    """The receiver already has a recent report of this installation."""

    days_ago: int
    again_after: dt.date


def read_report_answer(
    answer: Answer | Failure, now: dt.datetime, once_in_days: int
) -> Done | AlreadySubmitted | Failure:
    """Interpret the answer to a report.

    Args:
        answer: The answer.
        now: The current time, aware.
        once_in_days: In this many days the receiver counts one report.
    """
    if isinstance(answer, Answer) and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        refusal = _read_refusal(answer.body, now, once_in_days)
        return refusal or Failure(Cause.MALFORMED_429)
    return read_forget_answer(answer)


def read_forget_answer(answer: Answer | Failure) -> Done | Failure:
    """Interpret the answer to a request to forget an installation."""
    match answer:
        case Answer(status=HTTPStatus.NO_CONTENT):
            return Done()
        case Answer(status=HTTPStatus.BAD_REQUEST, body=body):
            return Failure(Cause.REFUSED, _read_reason(body))
        case Answer(status=status):
            return Failure(Cause.STATUS, str(status))
        case Failure():
            return answer


def _read_refusal(
    body: bytes, now: dt.datetime, once_in_days: int
) -> AlreadySubmitted | None:
    answer = _parse_object(body)
    days = answer.get("retry_after_days")
    last_sent = _parse_time(answer.get("last_sent"))
    oldest = now - dt.timedelta(days=once_in_days) - _TOLERANCE
    if (
        answer.get("error") != "already_submitted"
        or type(days) is not int
        or not 1 <= days <= once_in_days
        or last_sent is None
        or not oldest <= last_sent <= now + _TOLERANCE
    ):
        return None
    again = now.astimezone(dt.UTC) + dt.timedelta(days=days)
    return AlreadySubmitted(max((now - last_sent).days, 0), again.date())


def _parse_object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _parse_time(value: object) -> dt.datetime | None:
    try:
        time = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _read_reason(body: bytes) -> str:
    """Return the receiver's reason, safe to print in a terminal."""
    answer = _parse_object(body)
    reason = str(answer.get("detail") or answer.get("error") or "")
    return "".join(filter(str.isprintable, reason))[:_MOST_REASON]
