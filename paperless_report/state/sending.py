"""Decides which process may send now, and remembers when it was done or failed."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from paperless_report.state.database import make_damage, read_optional_time

if TYPE_CHECKING:
    from sqlite3 import Connection

# What is sent. Each task has its own claim, failures and next try.
REPORT = "report"
FORGET = "forget"
CLAIM = timedelta(minutes=10)


@dataclass(frozen=True)
class Sending:
    """When a task was done last, how often it failed since, and its tries."""

    last_sent: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None
    last_try: datetime | None = None


def read_sending(connection: "Connection | None", task: str = REPORT) -> Sending:
    """Read the state of *task*; nothing was sent if there is no file."""
    if connection is None:
        return Sending()
    row = connection.execute(
        "SELECT last_sent, failures, next_try, last_try FROM sending WHERE task = ?",
        (task,),
    ).fetchone()
    if row is None:
        raise make_damage("a row is missing")
    last_sent, failures, next_try, last_try = row
    if not isinstance(failures, int):
        raise make_damage("a number is not one")
    return Sending(
        last_sent=read_optional_time(last_sent),
        failures=failures,
        next_try=read_optional_time(next_try),
        last_try=read_optional_time(last_try),
    )


def claim(connection: "Connection", now: datetime, task: str = REPORT) -> str | None:
    """Reserve *task* for this process.

    Returns:
        A token that the other functions take; None if another process holds the claim.
        A claim expires after ten minutes, or if the clock was set back by more than that:
        *now* may be a little older than that of a process that was faster.
    """
    token = os.urandom(8).hex()
    until = (now + CLAIM).timestamp()
    latest = (now + 2 * CLAIM).timestamp()
    cursor = connection.execute(
        "UPDATE sending SET token = ?, claimed_until = ? WHERE task = ? "
        "AND (token IS NULL OR claimed_until <= ? OR claimed_until > ?)",
        (token, until, task, now.timestamp(), latest),
    )
    return token if cursor.rowcount else None


def is_claimed(connection: "Connection | None", now: datetime) -> bool:
    """Return whether a process holds a claim on any task."""
    if connection is None:
        return False
    latest = (now + 2 * CLAIM).timestamp()
    row = connection.execute(
        "SELECT 1 FROM sending WHERE token IS NOT NULL "
        "AND claimed_until > ? AND claimed_until <= ?",
        (now.timestamp(), latest),
    ).fetchone()
    return row is not None


def extend(
    connection: "Connection", token: str, now: datetime, task: str = REPORT
) -> bool:
    """Prolong a claim; call this right before each request.

    Returns:
        False if another process has it by now, because this machine slept: do not send.
    """
    return _update(
        connection, token, task, "claimed_until = ?", (now + CLAIM).timestamp()
    )


def count_try(
    connection: "Connection",
    token: str,
    *,
    now: datetime,
    next_try: datetime,
    task: str = REPORT,
) -> None:
    """Count a try as a failure until it is done, and store when the next one would follow.

    Call this before a request. If this process is then killed, or cannot store the answer
    because the disk is full, the same report must not be sent again at once.
    """
    change = "failures = failures + 1, next_try = ?, last_try = ?"
    times = (next_try.timestamp(), now.timestamp())
    _update(connection, token, task, change, *times)


def finish(
    connection: "Connection", token: str, last_sent: datetime, task: str = REPORT
) -> None:
    """Store that *task* is done, even if the claim was lost meanwhile; release it."""
    connection.execute(
        "UPDATE sending SET last_sent = ?, failures = 0, next_try = NULL "
        "WHERE task = ?",
        (last_sent.timestamp(), task),
    )
    release(connection, token, task)


def fail(
    connection: "Connection", token: str, next_try: datetime, task: str = REPORT
) -> None:
    """Store the next try after a failure that `count_try` has counted; release the claim."""
    change = "next_try = ?, token = NULL"
    _update(connection, token, task, change, next_try.timestamp())


def postpone(
    connection: "Connection", token: str, next_try: datetime, task: str = REPORT
) -> None:
    """Store when to try again without a failure, and release the claim."""
    change = "failures = 0, next_try = ?, token = NULL"
    _update(connection, token, task, change, next_try.timestamp())


def release(connection: "Connection", token: str, task: str = REPORT) -> None:
    """Give the claim back without a result."""
    _update(connection, token, task, "token = NULL")


def clear_failures(connection: "Connection", token: str, task: str = REPORT) -> None:
    """Store that a try that `count_try` has counted succeeded; release the claim."""
    change = "failures = 0, next_try = NULL, token = NULL"
    _update(connection, token, task, change)


def correct_times(connection: "Connection", now: datetime) -> None:
    """Set times in the future to *now*: the clock was wrong when they were stored."""
    connection.execute(
        "UPDATE sending SET last_sent = MIN(last_sent, ?), last_try = MIN(last_try, ?)",
        (now.timestamp(),) * 2,
    )


def _update(
    connection: "Connection", token: str, task: str, change: str, *values: float
) -> bool:
    cursor = connection.execute(
        f"UPDATE sending SET {change} WHERE task = ? AND token = ?",  # noqa: S608  # constants
        (*values, task, token),
    )
    return cursor.rowcount > 0
