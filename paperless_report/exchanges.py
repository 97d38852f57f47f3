"""Sends one request of a run: checks consent right before it, and stores its answer."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from paperless_report.consent.ladder import State
from paperless_report.installation import Installation
from paperless_report.report.batch import JsonFormat, read_sums
from paperless_report.report.outgoing import Request
from paperless_report.results import Outcome, Result
from paperless_report.schedule.backoff import MOST_WAIT, find_next_try
from paperless_report.state import choices, history, log, sending, sums
from paperless_report.wire import delivery
from paperless_report.wire.answers import (
    AlreadySubmitted,
    Answer,
    Done,
    Failure,
    describe_answer,
    read_answer,
    read_report_answer,
)
from paperless_report.wire.endpoint import Endpoint
from paperless_report.wire.headers import complete_headers

if TYPE_CHECKING:
    from sqlite3 import Connection

_NO_WAIT = dt.timedelta()


class Attempt(NamedTuple):
    """What this process has reserved for itself to send.

    Attributes:
        token: The token of its claim.
        installation_id: The ID to send with.
        endpoint: Where to.
        events_off: The events of the groups that were off when the requests were written.
        is_due: Whether the periodic report is due.
    """

    token: str
    installation_id: str
    endpoint: Endpoint
    events_off: frozenset[str]
    is_due: bool


class Exchanges:
    """Sends the requests of one attempt, one after the other."""

    def __init__(
        self,
        installation: Installation,
        attempt: Attempt,
        on_slow: Callable[[], object],
    ) -> None:
        self._installation = installation
        self._attempt = attempt
        self._on_slow = on_slow

    def send(self, request: Request, *, is_first: bool, is_last: bool) -> Outcome:
        """Send *request*, and store its answer and what follows from it.

        Returns:
            With the result SENT, the next request may follow. It has a failure if the
            answer says that the request was not accepted, but is final.
        """
        installation, attempt = self._installation, self._attempt
        url = installation.locate(attempt.endpoint, request)
        row = self._begin(request, url, is_first=is_first)
        if row is None:
            return Outcome(Result.STOPPED)
        installation.announce(request.method, url, request.body)
        answer = delivery.send(
            request.method,
            url,
            complete_headers(request.headers),
            request.body,
            deadline_seconds=installation.format.timeout_seconds,
            on_slow=self._on_slow,
        )
        with installation.database.update() as connection:
            if connection is None:  # deleted meanwhile
                return Outcome(Result.STOPPED)
            text = describe_answer(answer)
            history.answer(connection, row, text, attempt.installation_id)
            now = installation.clock()
            match self._read_answer(answer, now):
                case AlreadySubmitted() as refusal:
                    return self._postpone(connection, refusal, url, now)
                case Failure() as answered if not self._is_final(answered):
                    return self._fail(connection, answered, now)
                case answered:
                    failure = answered if isinstance(answered, Failure) else None
                    sums.subtract(connection, request.sums)
                    log.subtract(connection, request.logged)
                    if failure and failure.retry_after:
                        return self._fail(connection, failure, now)
                    if is_last:
                        self._finish(connection, now)
                    return Outcome(Result.SENT, failure=failure)

    def _begin(self, request: Request, url: str, *, is_first: bool) -> int | None:
        """Check consent right before the request, and add the request to the history.

        Returns:
            The row of the history; None if the request must not be sent any more.
        """
        installation, attempt = self._installation, self._attempt
        with installation.database.update() as connection:
            if connection is None:  # deleted meanwhile
                return None
            now = installation.clock()
            choice = choices.read_choice(connection)
            if (
                installation.decide(choice).state is not State.ON
                or installation.list_events_off(choice) - attempt.events_off
                # Also if a group was turned off and on again.
                or not sums.holds(connection, request.sums)
                or not log.holds(connection, request.logged)
                or installation.find_growth(choice)
                or installation.identities.find(connection) != attempt.installation_id
                or not sending.extend(connection, attempt.token, now)
            ):
                if is_first:
                    sending.release(connection, attempt.token)
                else:  # those before were accepted
                    sending.clear_failures(connection, attempt.token)
                return None
            if is_first:
                failures = sending.read_sending(connection).failures + 1
                next_try = self._find_backoff(now, failures)
                sending.count_try(connection, attempt.token, now=now, next_try=next_try)
            return history.begin(
                connection,
                now,
                url,
                request.body,
                attempt.installation_id,
                request.method,
            )

    def _read_answer(
        self, answer: Answer | Failure, now: dt.datetime
    ) -> Done | AlreadySubmitted | Failure:
        written = self._installation.format
        if isinstance(written, JsonFormat):
            once_in_days = self._installation.once_in_days or 0
            return read_report_answer(answer, now, once_in_days)
        return read_answer(answer, written.accepted)

    def _is_final(self, failure: Failure) -> bool:
        return self._installation.format.any_answer_is_final and failure.is_answer

    def _finish(self, connection: "Connection", now: dt.datetime) -> None:
        if self._attempt.is_due:
            sending.finish(connection, self._attempt.token, now)
        else:
            sending.clear_failures(connection, self._attempt.token)

    def _fail(
        self, connection: "Connection", failure: Failure, now: dt.datetime
    ) -> Outcome:
        failures = sending.read_sending(connection).failures
        next_try = self._find_backoff(now, failures, failure.retry_after)
        sending.fail(connection, self._attempt.token, next_try)
        next_try = self._find_next_try(connection, now)
        return Outcome(Result.FAILED, failure=failure, next_try=next_try)

    def _postpone(
        self,
        connection: "Connection",
        refusal: AlreadySubmitted,
        url: str,
        now: dt.datetime,
    ) -> Outcome:
        """Wait for as long as a receiver says that has a recent report."""
        midnight = dt.datetime.combine(refusal.again_after, dt.time(), dt.UTC)
        next_try = max(midnight, now + min(refusal.retry_after or _NO_WAIT, MOST_WAIT))
        arrived = now - dt.timedelta(days=refusal.days_ago)
        _subtract_arrived(self._installation, connection, url, arrived)
        sending.postpone(connection, self._attempt.token, next_try)
        next_try = self._find_next_try(connection, now)
        return Outcome(Result.ALREADY_SENT, next_try=next_try)

    def _find_backoff(
        self, now: dt.datetime, failures: int, retry_after: dt.timedelta | None = None
    ) -> dt.datetime:
        return find_next_try(
            now=now,
            failures=failures,
            installation_id=self._attempt.installation_id,
            retry_after=retry_after,
            least_wait=self._installation.project.least_gap,
        )

    def _find_next_try(self, connection: "Connection", now: dt.datetime) -> dt.datetime:
        """Return when a run sends again; after a run by hand, not before one is due."""
        accepted_at = choices.read_choice(connection).accepted_at or now
        return self._installation.find_due(
            connection, accepted_at, self._attempt.installation_id, now
        )


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
