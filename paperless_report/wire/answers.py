"""Interprets the answer: sent, already submitted or failed (decisions C2, C4, C5, C12)."""

import datetime as dt
import enum
import json
from collections.abc import Container
from dataclasses import dataclass
from http import HTTPStatus

# Clocks disagree: a time in an answer may be this much outside the possible range.
_TOLERANCE = dt.timedelta(days=1)
_MOST_REASON = 200

# The statuses whose body is read.
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS)

_NO_CONTENT = frozenset({204})


class Cause(enum.Enum):
    """Why a request did not succeed. The comments say what comes with a cause."""

    NO_ADDRESS = enum.auto()
    NO_ROUTE = enum.auto()
    NOTHING_LISTENS = enum.auto()
    PROXY = enum.auto()
    CERTIFICATE = enum.auto()
    AUTHORITIES = enum.auto()  # the file of trusted certificates cannot be read
    NO_TLS = enum.auto()
    CLOSED = enum.auto()
    NOT_HTTP = enum.auto()
    NO_CONNECTION = enum.auto()  # the name of an exception's class
    TIMEOUT = enum.auto()  # the seconds waited
    TOO_LONG = enum.auto()
    REFUSED = enum.auto()  # the receiver's reason
    MALFORMED_429 = enum.auto()
    STATUS = enum.auto()  # the status


_ANSWERED = frozenset(
    {Cause.TOO_LONG, Cause.REFUSED, Cause.MALFORMED_429, Cause.STATUS}
)


@dataclass(frozen=True)
class Answer:
    """What the receiver answered.

    Attributes:
        status: The HTTP status.
        body: The body, if the status is in `WITH_BODY`.
        retry_after: The time that the receiver asks us to wait, if it is longer than zero.
    """

    status: int
    body: bytes = b""
    retry_after: dt.timedelta | None = None


@dataclass(frozen=True)
class Failure:
    """The request did not succeed, or there was no usable answer.

    Attributes:
        cause: Why.
        detail: What the comments of `Cause` say.
        retry_after: The time that the receiver asks us to wait.
    """

    cause: Cause
    detail: str = ""
    retry_after: dt.timedelta | None = None

    @property
    def is_answer(self) -> bool:
        """Whether the receiver answered, although not as it should have."""
        return self.cause in _ANSWERED


@dataclass(frozen=True)
class Done:
    """The receiver did what it was asked to do."""


@dataclass(frozen=True)
class AlreadySubmitted:
    """The receiver already has a recent report of this installation.

    Attributes:
        days_ago: The age of that report in whole days.
        again_after: The date in UTC on which the receiver takes the next one.
        retry_after: The exact time to wait, if the receiver says it.
    """

    days_ago: int
    again_after: dt.date
    retry_after: dt.timedelta | None = None


def read_report_answer(
    answer: Answer | Failure, now: dt.datetime, once_in_days: int
) -> Done | AlreadySubmitted | Failure:
    """Interpret the answer of this package's own receivers to a report.

    Args:
        answer: The answer.
        now: The current time, aware.
        once_in_days: In this many days the receiver counts one report.
    """
    if isinstance(answer, Answer) and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        refusal = _read_refusal(answer, now, once_in_days)
        return refusal or Failure(Cause.MALFORMED_429, retry_after=answer.retry_after)
    return read_answer(answer)


def read_answer(
    answer: Answer | Failure, accepted: Container[int] = _NO_CONTENT
) -> Done | Failure:
    """Interpret an answer: a status in *accepted* says that the receiver did it."""
    match answer:
        case Answer(status) if status in accepted:
            return Done()
        case Answer(HTTPStatus.BAD_REQUEST, body, retry_after):
            return Failure(Cause.REFUSED, _read_reason(body), retry_after)
        case Answer(status, _, retry_after):
            return Failure(Cause.STATUS, str(status), retry_after)
        case Failure():
            return answer


def describe_answer(answer: Answer | Failure) -> str:
    """Describe *answer* for the history: the status and the body, or why there is none."""
    match answer:
        case Answer(status, body):
            parts = (str(status), body.decode("utf-8", "replace"))
        case Failure(cause, detail):
            parts = (cause.name.lower(), detail)
    return " ".join(filter(None, parts))


def parse_retry_after(
    value: str | None, sent_at: str | None, now: dt.datetime
) -> dt.timedelta | None:
    """Read the header `Retry-After` of any answer (RFC 9110, section 10.2.3).

    Args:
        value: The header: seconds, or a date.
        sent_at: The header `Date` of the same answer. A date counts from there, because
            this machine's clock may be wrong.
        now: The current time, aware. It counts if there is no such header.

    Returns:
        The time to wait; None if the header is absent, malformed, or asks for no wait.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        try:
            wait = dt.timedelta(seconds=float(text))
        except OverflowError:
            return dt.timedelta.max
    else:
        date = _parse_date(text)
        if date is None:
            return None
        wait = date - (_parse_date(sent_at or "") or now)
    return wait if wait > dt.timedelta(0) else None


def _parse_date(text: str) -> dt.datetime | None:
    """Parse an HTTP date, in one of its three forms."""
    # It imports `socket`, which no program needs that sends nothing.
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)


def _read_refusal(
    answer: Answer, now: dt.datetime, once_in_days: int
) -> AlreadySubmitted | None:
    refusal = _parse_object(answer.body)
    days = refusal.get("retry_after_days")
    last_sent = _parse_time(refusal.get("last_sent"))
    oldest = now - dt.timedelta(days=once_in_days) - _TOLERANCE
    if (
        refusal.get("error") != "already_submitted"
        or type(days) is not int
        or not 1 <= days <= once_in_days
        or last_sent is None
        or not oldest <= last_sent <= now + _TOLERANCE
    ):
        return None
    again = now.astimezone(dt.UTC) + dt.timedelta(days=days)
    days_ago = max((now - last_sent).days, 0)
    return AlreadySubmitted(days_ago, again.date(), answer.retry_after)


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
