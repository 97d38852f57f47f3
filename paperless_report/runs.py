"""Decides whether a run sends, and what; in every other case it opens no socket."""

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from paperless_report.consent.ladder import State
from paperless_report.errors import Problem, ReportingError
from paperless_report.exchanges import Attempt, Exchanges
from paperless_report.installation import Installation
from paperless_report.preparation import (
    Stored,
    build_requests,
    collect,
    read_stored,
    wait_for,
)
from paperless_report.results import Outcome, Result
from paperless_report.state import choices, log, sending
from paperless_report.wire import delivery


class _Claimed(NamedTuple):
    """What this process has reserved for itself, and what waits to be sent."""

    attempt: Attempt
    stored: Stored
    now: dt.datetime
    ignored_wait: dt.datetime | None


def run(
    installation: Installation, on_slow: Callable[[], object], *, is_forced: bool
) -> Outcome:
    """Send what is due, or in any case where reporting is on if *is_forced*.

    Raises:
        ReportingError: If it cannot be sent, or the state not be read or written.
    """
    with installation.database.read() as connection:
        choice = choices.read_choice(connection)
        has_anything = (
            installation.format.sends_facts_alone
            or read_stored(installation, connection, installation.clock()).is_any
        )
    if installation.decide(choice).state is not State.ON:
        return Outcome(Result.NOT_ON)
    if growth := installation.find_growth(choice):
        return Outcome(Result.NEEDS_CONSENT, growth=growth)
    if not has_anything:
        return Outcome(Result.NOT_DUE)
    delivery.require_requests()
    claimed = _claim(installation, is_forced=is_forced)
    if isinstance(claimed, Outcome):
        return claimed
    try:
        outcome = _send(installation, claimed, on_slow)
    except BaseException:
        # The claim expires by itself.
        with contextlib.suppress(ReportingError):
            _release(installation, claimed.attempt)
        raise
    return replace(outcome, ignored_wait=claimed.ignored_wait)


def _claim(installation: Installation, *, is_forced: bool) -> _Claimed | Outcome:
    """Check everything that a report needs, and reserve it for this process."""
    endpoint = installation.find_endpoint()
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
        sending.correct_times(connection, now)
        log.prune(connection, installation.project.log_for, now)
        stored = read_stored(installation, connection, now)
        due = installation.find_due(connection, accepted_at, installation_id, now)
        is_due = is_forced or due <= now
        state = sending.read_sending(connection)
        wait = installation.find_wait(state, now)
        if not is_due and (not stored.logged or wait):
            return Outcome(Result.NOT_DUE, next_try=due)
        if (
            state.last_try
            and (gap_ends := state.last_try + installation.project.least_gap) > now
        ):
            return Outcome(Result.NOT_DUE, next_try=max(due, gap_ends))
        token = sending.claim(connection, now)
        if token is None:
            return Outcome(Result.BUSY)
        attempt = Attempt(token, installation_id, endpoint, stored.events_off, is_due)
        return _Claimed(attempt, stored, now, ignored_wait=wait)


def _send(
    installation: Installation, claimed: _Claimed, on_slow: Callable[[], object]
) -> Outcome:
    attempt = claimed.attempt
    payload = collect(installation, attempt.installation_id)
    if payload.missing:
        raise ReportingError(Problem.FIELDS_MISSING, fields=payload.missing)
    waiting = wait_for(
        installation,
        payload,
        claimed.stored,
        now=claimed.now,
        is_due=attempt.is_due,
    )
    requests = build_requests(installation, waiting)
    if not requests:
        _release(installation, attempt)
        return Outcome(Result.NOT_DUE)
    exchanges = Exchanges(installation, attempt, on_slow)
    accepted, failure = 0, None
    for number, request in enumerate(requests, 1):
        outcome = exchanges.send(
            request, is_first=number == 1, is_last=number == len(requests)
        )
        if outcome.result is not Result.SENT:
            return replace(outcome, requests=accepted)
        failure = outcome.failure or failure
        accepted += not outcome.failure
    result = Result.FAILED if failure else Result.SENT
    return Outcome(result, requests=accepted, failure=failure)


def _release(installation: Installation, attempt: Attempt) -> None:
    with installation.database.update() as connection:
        if connection is not None:
            sending.release(connection, attempt.token)
