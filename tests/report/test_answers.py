import datetime as dt
import json

import pytest

from paperless_report import answers
from paperless_report.answers import (
    AlreadySubmitted,
    Answer,
    Done,
    Failure,
    NotDone,
)

pytestmark = pytest.mark.point("C2", "C5")

NOW = dt.datetime(2026, 5, 18, 12, tzinfo=dt.UTC)


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


def test_204_is_sent() -> None:
    assert answers.to_report(Answer(204), NOW) == Done()


def test_429_tells_when_it_was_sent_and_when_it_may_be_again() -> None:
    assert answers.to_report(Answer(429, refusal()), NOW) == AlreadySubmitted(
        3, dt.date(2026, 5, 22)
    )


@pytest.mark.parametrize(
    ("last_sent", "days"),
    [
        ("2026-05-18T12:00:00Z", 0),
        ("2026-05-18T18:00:00Z", 0),  # a server whose clock is ahead
        ("2026-05-17T12:00:01Z", 0),
        ("2026-05-17T12:00:00Z", 1),
        ("2026-05-17T12:00:00.123Z", 0),
        ("2026-05-11T12:00:00+00:00", 7),
    ],
)
def test_days_ago_are_whole_days(last_sent: str, days: int) -> None:
    answer = answers.to_report(Answer(429, refusal(last_sent=last_sent)), NOW)

    assert isinstance(answer, AlreadySubmitted)
    assert answer.days_ago == days


def test_the_date_is_in_utc() -> None:
    now = dt.datetime(2026, 5, 18, 23, tzinfo=dt.timezone(dt.timedelta(hours=-5)))

    answer = answers.to_report(
        Answer(429, refusal(last_sent="2026-05-18T12:00:00Z")), now
    )

    assert isinstance(answer, AlreadySubmitted)
    assert answer.again_after == dt.date(2026, 5, 23)


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
def test_a_429_that_is_not_the_documented_one_is_not_believed(body: bytes) -> None:
    assert isinstance(answers.to_report(Answer(429, body), NOW), NotDone)


@pytest.mark.parametrize(
    "status", [200, 201, 301, 302, 307, 400, 401, 404, 415, 500, 503]
)
def test_any_other_status_is_not_sent(status: int) -> None:
    assert isinstance(answers.to_report(Answer(status), NOW), NotDone)


def test_a_400_keeps_the_servers_reason_fit_for_a_terminal() -> None:
    body = json.dumps(
        {"error": "invalid", "detail": "arch is \x1b[31mmissing" + "x" * 999}
    )

    answer = answers.to_report(Answer(400, body.encode()), NOW)

    assert isinstance(answer, NotDone)
    assert "arch is [31mmissing" in answer.reason
    assert len(answer.reason) < 300
    assert answer.reason.isprintable()


def test_no_answer_is_not_sent() -> None:
    assert answers.to_report(Failure("ConnectionError"), NOW) == NotDone(
        "ConnectionError"
    )


@pytest.mark.parametrize("status", [200, 302, 400, 404, 405, 429, 500, 503])
def test_only_204_means_forgotten(status: int) -> None:
    assert answers.to_forget(Answer(204)) == Done()
    assert isinstance(answers.to_forget(Answer(status)), NotDone)
