"""One process sends at a time, also after a crash, a sleep, or a change of the clock."""

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest

from paperless_report.state import sending
from paperless_report.state.database import Database
from paperless_report.state.sending import FORGET, Sending

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with Database(tmp_path).write() as connection:
        yield connection


@pytest.fixture
def token(connection: Connection) -> str:
    """The token of a claim made at NOW."""
    token = sending.claim(connection, NOW)
    assert token
    return token


@pytest.mark.parametrize(
    ("minutes", "is_free"),
    [(0, False), (9, False), (10, True), (600, True), (-1, False), (-11, True)],
    ids=["at once", "soon", "expired", "much later", "faster", "clock set back"],
)
@pytest.mark.usefixtures("token")
def test_a_claim_lasts_ten_minutes(
    connection: Connection, minutes: int, *, is_free: bool
) -> None:
    now = NOW + timedelta(minutes=minutes)

    assert sending.is_claimed(connection, now) is not is_free
    assert (sending.claim(connection, now) is not None) is is_free
    assert sending.is_claimed(connection, now)


def test_a_claim_that_is_extended_lasts_longer(
    connection: Connection, token: str
) -> None:
    assert sending.extend(connection, token, NOW + timedelta(minutes=9))

    assert sending.claim(connection, NOW + timedelta(minutes=15)) is None


def test_a_process_that_slept_must_not_send(connection: Connection, token: str) -> None:
    other = sending.claim(connection, LATER)
    assert other

    assert not sending.extend(connection, token, LATER)
    assert sending.extend(connection, other, LATER)


def test_a_claim_that_was_lost_changes_nothing_but_the_last_report(
    connection: Connection, token: str
) -> None:
    assert sending.claim(connection, LATER)

    sending.count_try(connection, token, now=NOW, next_try=LATER)
    sending.fail(connection, token, LATER)
    sending.release(connection, token)
    sending.finish(connection, token, NOW)

    assert sending.read_sending(connection) == Sending(NOW)
    assert sending.claim(connection, LATER) is None


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (sending.release, Sending()),
        (functools.partial(sending.finish, last_sent=NOW), Sending(NOW)),
        (functools.partial(sending.fail, next_try=LATER), Sending(None, 0, LATER)),
        (functools.partial(sending.postpone, next_try=LATER), Sending(None, 0, LATER)),
    ],
    ids=["release", "finish", "fail", "postpone"],
)
def test_the_end_of_a_task_is_stored_and_frees_the_claim(
    connection: Connection,
    token: str,
    end: Callable[[Connection, str], None],
    expected: Sending,
) -> None:
    end(connection, token)

    assert sending.read_sending(connection) == expected
    assert sending.claim(connection, NOW)


def test_a_report_that_arrives_ends_the_failures(
    connection: Connection, token: str
) -> None:
    sending.count_try(connection, token, now=NOW, next_try=LATER)
    sending.fail(connection, token, LATER)
    again = sending.claim(connection, LATER)
    assert again
    sending.count_try(connection, again, now=NOW, next_try=LATER)
    assert sending.read_sending(connection).failures == 2

    sending.finish(connection, again, LATER)

    assert sending.read_sending(connection) == Sending(LATER, last_try=NOW)


@pytest.mark.usefixtures("token")
def test_forgetting_has_its_own_claim_and_failures(connection: Connection) -> None:
    token = sending.claim(connection, NOW, FORGET)
    assert token

    sending.count_try(connection, token, now=NOW, next_try=LATER, task=FORGET)

    assert sending.read_sending(connection, FORGET) == Sending(None, 1, LATER, NOW)
    assert sending.read_sending(connection) == Sending()


@pytest.mark.parametrize(
    ("last_sent", "corrected"),
    [(LATER, NOW), (NOW, NOW), (NOW - timedelta(1), NOW - timedelta(1))],
)
def test_a_last_report_in_the_future_was_now(
    connection: Connection, token: str, last_sent: datetime, corrected: datetime
) -> None:
    sending.finish(connection, token, last_sent)

    sending.correct_times(connection, NOW)

    assert sending.read_sending(connection).last_sent == corrected
