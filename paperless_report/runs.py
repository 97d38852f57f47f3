"""Sends a report that is due; in every other case it opens no socket."""

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from paperless_report.consent.ladder import State
from paperless_report.errors import Problem, ReportingError
from paperless_report.installation import Installation
from paperless_report.report.batch import Batch, Sum, read_sums
from paperless_report.results import Outcome, Result
from paperless_report.schedule.backoff import MOST_WAIT, find_next_try
from paperless_report.state import choices, history, sending, sums
from paperless_report.wire import delivery
from paperless_report.wire.answers import (
    AlreadySubmitted,
    Answer,
    Done,
    Failure,
    describe_answer,
    read_report_answer,
)

if TYPE_CHECKING:
    from sqlite3 import Connection

_NO_WAIT = dt.timedelta()


class _Attempt(NamedTuple):
    """What this process has reserved for itself to send."""

    token: str
    installation_id: str
    url: str
    waiting: list[Sum]


class _Sent(NamedTuple):
    """A request, its row of the history, and its answer."""

    batch: Batch
    row: int
    answer: Answer | Failure


def run(
    installation: Installation, on_slow: Callable[[], object], *, is_forced: bool
) -> Outcome:
    """Send a report if it is due, or in any case where reporting is on if *is_forced*.

    Raises:
        ReportingError: If it cannot be sent, or the state not be read or written.
    """
    with installation.database.read() as connection:
        choice = choices.read_choice(connection)
    if installation.decide(choice).state is not State.ON:
        return Outcome(Result.NOT_ON)
    if growth := installation.find_growth(choice):
        return Outcome(Result.NEEDS_CONSENT, growth=growth)
    delivery.require_requests()
    attempt = _claim(installation, is_forced=is_forced)
    if isinstance(attempt, Outcome):
        return attempt
    try:
        return _send(installation, attempt, on_slow)
    except BaseException:
        # The claim expires by itself.
        with contextlib.suppress(ReportingError), installation.database.update() as it:
            if it is not None:
                sending.release(it, attempt.token)
        raise


def _claim(installation: Installation, *, is_forced: bool) -> _Attempt | Outcome:
    """Check everything that a report needs, and reserve it for this process."""
    url = installation.find_endpoint().url(installation.project.kind)
    with installation.database.write() as connection:
        # Only now: the wait for other processes may have been long.
        now = installation.clock()
        choice = choices.read_choice(connection)
        if installation.decide(choice).state is not State.ON:
            return Outcome(Result.NOT_ON)
        accepted_at = choice.accepted_at
        if accepted_at is None or accepted_at > now:
            # A variable turned reporting on, or the clock was set back.
            accepted = choice.accepted or choices.write_accepted(
                installation.describe(choice)
            )
            choices.accept(connection, accepted_at := now, accepted)
        if growth := installation.find_growth(choice):
            return Outcome(Result.NEEDS_CONSENT, growth=growth)
        installation_id = installation.identities.obtain(connection)
        sending.correct_last_sent(connection, now)
        due = installation.find_due(connection, accepted_at, installation_id, now)
        if due > now and not is_forced:
            return Outcome(Result.NOT_DUE, next_try=due)
        token = sending.claim(connection, now)
        if token is None:
            return Outcome(Result.BUSY)
        waiting = installation.list_waiting(connection, now)
        return _Attempt(token, installation_id, url, waiting)


def _send(
    installation: Installation, attempt: _Attempt, on_slow: Callable[[], object]
) -> Outcome:
    payload = installation.collect(attempt.installation_id)
    if payload.missing:
        raise ReportingError(Problem.FIELDS_MISSING, fields=payload.missing)
    batches = installation.build_batches(payload, attempt.waiting)
    for number, batch in enumerate(batches, 1):
        row = _begin(installation, attempt, batch, is_first=number == 1)
        if row is None:
            return Outcome(Result.STOPPED, requests=number - 1)
        answer = delivery.post(attempt.url, batch.body, on_slow=on_slow)
        is_last = number == len(batches)
        outcome = _record(
            installation, attempt, _Sent(batch, row, answer), is_last=is_last
        )
        if outcome.result is not Result.SENT:
            return replace(outcome, requests=number - 1)
    return Outcome(Result.SENT, requests=len(batches))


def _begin(
    installation: Installation, attempt: _Attempt, batch: Batch, *, is_first: bool
) -> int | None:
    """Check consent right before the request, and add the request to the history.

    Returns:
        The row of the history; None if the request must not be sent any more.
    """
    with installation.database.update() as connection:
        if connection is None:  # deleted meanwhile
            return None
        now = installation.clock()
        choice = choices.read_choice(connection)
        off = installation.list_events_off(choice)
        if (
            installation.decide(choice).state is not State.ON
            or any(it.event in off for it in batch.sums)
            or installation.find_growth(choice)
            or installation.identities.find(connection) != attempt.installation_id
            or not sending.extend(connection, attempt.token, now)
        ):
            sending.release(connection, attempt.token)
            return None
        if is_first:
            next_try = find_next_try(
                now=now,
                failures=sending.read_sending(connection).failures + 1,
                installation_id=attempt.installation_id,
            )
            sending.count_try(connection, attempt.token, next_try)
        return history.begin(
            *(connection, now, attempt.url, batch.body, attempt.installation_id)
        )


def _record(
    installation: Installation, attempt: _Attempt, sent: _Sent, *, is_last: bool
) -> Outcome:
    """Store the answer, and what follows from it, in one transaction."""
    with installation.database.update() as connection:
        if connection is None:
            return Outcome(Result.STOPPED)
        now = installation.clock()
        text = describe_answer(sent.answer)
        history.answer(connection, sent.row, text, attempt.installation_id)
        match read_report_answer(sent.answer, now, installation.once_in_days or 0):
            case Done():
                sums.subtract(connection, sent.batch.sums)
                if is_last:
                    sending.finish(connection, attempt.token, now)
                return Outcome(Result.SENT)
            case AlreadySubmitted(days_ago, again_after=day, retry_after=wait):
                midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
                next_try = max(midnight, now + min(wait or _NO_WAIT, MOST_WAIT))
                arrived = now - dt.timedelta(days=days_ago)
                _subtract_arrived(installation, connection, attempt.url, arrived)
                sending.postpone(connection, attempt.token, next_try)
                next_try = _find_next_try(installation, attempt, connection, now)
                return Outcome(Result.ALREADY_SENT, next_try=next_try)
            case Failure() as failure:
                next_try = find_next_try(
                    now=now,
                    failures=sending.read_sending(connection).failures,
                    installation_id=attempt.installation_id,
                    retry_after=failure.retry_after,
                )
                sending.fail(connection, attempt.token, next_try)
                next_try = _find_next_try(installation, attempt, connection, now)
                return Outcome(Result.FAILED, failure=failure, next_try=next_try)


def _find_next_try(
    installation: Installation,
    attempt: _Attempt,
    connection: "Connection",
    now: dt.datetime,
) -> dt.datetime:
    """Return when a run sends again; after a run by hand, not before a report is due."""
    accepted_at = choices.read_choice(connection).accepted_at or now
    return installation.find_due(connection, accepted_at, attempt.installation_id, now)


def _subtract_arrived(
    installation: Installation, connection: "Connection", url: str, at: dt.datetime
) -> None:
    """Subtract what the receiver has got although its answer was lost.

    It refuses a second report; so the first one is an earlier request of ours, if there is
    one without an answer: this process was killed, or the answer came too late. Of several,
    it is the one nearest to *at*; the others never arrived.
    """
    since = sending.read_sending(connection).last_sent
    unanswered = [
        it for it in history.list_unanswered(connection, since) if it.url == url
    ]
    for sent in sorted(unanswered, key=lambda it: abs(it.at - at))[:1]:
        sums.subtract(connection, read_sums(sent.body, installation.events.by_name))
