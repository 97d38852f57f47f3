import datetime as dt
import json

import pytest

from paperless_report.wire.answers import (
    AlreadySubmitted,
    Answer,
    Cause,
    Done,
    Failure,
    parse_retry_after,
    read_answer,
    read_report_answer,
)

pytestmark = pytest.mark.point("C2", "C5")

NOW = dt.datetime(2026, 5, 18, 12, tzinfo=dt.UTC)


def read(
    answer: Answer | Failure, now: dt.datetime = NOW
) -> Done | AlreadySubmitted | Failure:
    return read_report_answer(answer, now, once_in_days=7)


def refusal(**changes: object) -> bytes:
    body = {
        "error": "already_submitted",
        "last_sent": "2026-05-15T10:00:00Z",
        "retry_after_days": 4,
        **changes,
    }
    return json.dumps(
        {key: value for key, value in body.items() if value is not ...}
    ).encode()


def test_204_means_sent() -> None:
    assert read(Answer(204)) == Done()


@pytest.mark.parametrize(
    ("last_sent", "days_ago"),
    [
        ("2026-05-15T10:00:00Z", 3),
        ("2026-05-18T12:00:00Z", 0),
        ("2026-05-18T18:00:00Z", 0),  # a server whose clock is ahead
        ("2026-05-17T12:00:01Z", 0),
        ("2026-05-17T12:00:00Z", 1),
        ("2026-05-17T12:00:00.123Z", 0),
        ("2026-05-11T12:00:00+00:00", 7),
    ],
)
def test_a_429_gives_whole_days_and_the_date_of_the_next_report(
    last_sent: str, days_ago: int
) -> None:
    answer = Answer(429, refusal(last_sent=last_sent))

    assert read(answer) == AlreadySubmitted(days_ago, dt.date(2026, 5, 22))


def test_the_date_of_the_next_report_is_in_utc() -> None:
    now = dt.datetime(2026, 5, 18, 23, tzinfo=dt.timezone(dt.timedelta(hours=-5)))

    outcome = read(Answer(429, refusal(last_sent="2026-05-18T12:00:00Z")), now)

    assert isinstance(outcome, AlreadySubmitted)
    assert outcome.again_after == dt.date(2026, 5, 23)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Too many requests</html>",
        b"null",
        b"[]",
        b'{"error": "already_submitted"',
        b"\xff\xfe",
        b"[" * 100_000,
        refusal(error="rate_limited"),
        refusal(error=...),
        refusal(last_sent=...),
        refusal(last_sent=1779105600),
        refusal(last_sent="2026-05-15T10:00:00"),
        refusal(last_sent="2026-05-01T10:00:00Z"),
        refusal(last_sent="2026-05-20T10:00:00Z"),
        refusal(last_sent="0001-01-01T00:00:00Z"),
        refusal(last_sent="9999-12-31T23:59:59Z"),
        refusal(retry_after_days=...),
        refusal(retry_after_days=0),
        refusal(retry_after_days=8),
        refusal(retry_after_days=4.0),
        refusal(retry_after_days=True),
        refusal(retry_after_days="4"),
        refusal(retry_after_days=10**400),
    ],
)
def test_an_undocumented_429_is_a_failure(body: bytes) -> None:
    assert read(Answer(429, body)) == Failure(Cause.MALFORMED_429)


@pytest.mark.parametrize(
    "status", [200, 201, 301, 302, 307, 401, 404, 405, 415, 500, 503]
)
def test_any_other_status_is_a_failure_of_either_request(status: int) -> None:
    failure = Failure(Cause.STATUS, str(status))

    assert read(Answer(status)) == read_answer(Answer(status)) == failure


def test_a_400_keeps_the_receivers_reason_without_control_characters() -> None:
    detail = "arch is \x1b[31mmissing" + "x" * 999
    body = json.dumps({"error": "invalid", "detail": detail}).encode()

    outcome = read(Answer(400, body))

    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.REFUSED
    assert outcome.detail.startswith("arch is [31mmissing")
    assert len(outcome.detail) == 200
    assert outcome.detail.isprintable()


def test_a_failed_request_is_a_failure() -> None:
    failure = Failure(Cause.NO_CONNECTION, "ConnectionError")

    assert read(failure) == read_answer(failure) == failure


@pytest.mark.parametrize("status", [400, 429])
def test_only_a_204_means_forgotten(status: int) -> None:
    assert read_answer(Answer(204)) == Done()
    assert isinstance(read_answer(Answer(status)), Failure)


WAIT = dt.timedelta(hours=2)


@pytest.mark.point("C14")
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(503, b"", WAIT), Failure(Cause.STATUS, "503", WAIT)),
        (Answer(429, b"<html>", WAIT), Failure(Cause.MALFORMED_429, "", WAIT)),
        (Answer(400, b"{}", WAIT), Failure(Cause.REFUSED, "", WAIT)),
        (
            Answer(429, refusal(), WAIT),
            AlreadySubmitted(3, dt.date(2026, 5, 22), WAIT),
        ),
        (Answer(204, b"", WAIT), Done()),
    ],
)
def test_the_time_to_wait_stays_with_the_outcome(
    answer: Answer, outcome: Done | AlreadySubmitted | Failure
) -> None:
    assert read(answer) == outcome


@pytest.mark.point("C14")
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", dt.timedelta(minutes=2)),
        (" 120 ", dt.timedelta(minutes=2)),
        ("007", dt.timedelta(seconds=7)),
        ("9" * 5000, dt.timedelta.max),
        # NOW is Mon, 18 May 2026 12:00:00 GMT. The three forms of a date:
        ("Mon, 18 May 2026 14:00:00 GMT", WAIT),
        ("Monday, 18-May-26 14:00:00 GMT", WAIT),
        ("Mon May 18 14:00:00 2026", WAIT),
        ("Mon, 18 May 2026 16:00:00 +0200", WAIT),
        *(
            (it, None)
            for it in (
                *(None, "", " ", "0", "-1", "1.5", "1e3", "+5", "0x10", "\u0663"),
                *("soon", "12 hours", "Mon, 99 May 2026 14:00:00 GMT", "\0"),
                "Mon, 18 May 2026 10:00:00 GMT",  # past
                "Mon, 18 May 99999 10:00:00 GMT",
            )
        ),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    value: str | None, wait: dt.timedelta | None
) -> None:
    assert parse_retry_after(value, None, NOW) == wait


@pytest.mark.point("C14")
@pytest.mark.parametrize(
    ("sent_at", "wait"),
    [("Mon, 18 May 2020 13:00:00 GMT", WAIT), ("yesterday", None)],
)
def test_a_date_counts_from_the_receivers_own_clock(
    sent_at: str, wait: dt.timedelta | None
) -> None:
    """A machine whose clock is wrong waits as long as any other."""
    value = "Mon, 18 May 2020 15:00:00 GMT"

    assert parse_retry_after(value, sent_at, NOW) == wait
