"""Has the receiver delete all reports of an installation, then deletes its ID."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from paperless_report.errors import Problem, ReportingError
from paperless_report.installation import Installation
from paperless_report.report.outgoing import to_bytes
from paperless_report.results import Forgotten
from paperless_report.schedule.backoff import find_next_try, is_waiting
from paperless_report.state import history, sending
from paperless_report.wire import delivery
from paperless_report.wire.answers import (
    Failure,
    describe_answer,
    read_answer,
)

# A report that is being sent must not arrive after its ID is forgotten.
_MOST_WAIT_SECONDS, _WAIT_SECONDS = delivery.DEADLINE_SECONDS + 2, 0.2


class _Claims(NamedTuple):
    """The tokens with which no other process sends or forgets."""

    report: str
    forget: str


def forget(
    installation: Installation, removed_id: str | None, on_slow: Callable[[], object]
) -> Forgotten:
    """Have the receiver forget the installation's ID and those that are set aside.

    Args:
        installation: The installation.
        removed_id: An ID that `turn_off` has deleted. It is set aside until it is forgotten.
        on_slow: Called when a request has had no answer for two seconds.
    """
    with installation.database.read() as connection:
        known = installation.identities.find(connection)
        ids = installation.identities.list_set_aside(connection)
    ids = list(dict.fromkeys(filter(None, (removed_id, *ids, known))))
    if removed_id is not None:
        with installation.database.write() as connection:
            installation.identities.set_aside(connection, removed_id)
    return _forget(installation, ids, _MOST_WAIT_SECONDS, on_slow)


def retry(installation: Installation, on_slow: Callable[[], object]) -> Forgotten:
    """Try again to forget the IDs that are set aside, unless it is too early."""
    if (
        not installation.project.enabled
    ):  # another program's IDs may be in the same folder
        return Forgotten()
    with installation.database.read() as connection:
        ids = installation.identities.list_set_aside(connection)
        state = sending.read_sending(connection, sending.FORGET)
    if not ids or is_waiting(state.next_try, installation.clock()):
        return Forgotten(kept=tuple(ids))
    return _forget(installation, ids, 0, on_slow)


def _forget(
    installation: Installation,
    ids: Sequence[str],
    most_wait_seconds: float,
    on_slow: Callable[[], object],
) -> Forgotten:
    result = Forgotten(kept=tuple(ids))
    if not ids:
        return result
    claims = None
    try:
        delivery.require_requests()
        url = installation.find_endpoint().url("forget")
        claims = _claim(installation, ids[0], most_wait_seconds)
        for installation_id in ids:
            failure = _send(installation, url, installation_id, on_slow)
            if failure is not None:
                _store_failure(installation, claims, installation_id, failure)
                return replace(result, failure=failure)
            result = Forgotten((*result.ids, installation_id), result.kept[1:])
        with installation.database.update() as connection:
            if connection is not None:
                now = installation.clock()
                sending.finish(connection, claims.forget, now, sending.FORGET)
    except ReportingError as error:
        return replace(result, problem=error)
    finally:
        if claims is not None:
            _release(installation, claims)
    return result


def _claim(
    installation: Installation, installation_id: str, most_wait_seconds: float
) -> _Claims:
    """Wait until nothing is being sent, and keep other processes from it.

    Raises:
        ReportingError: If another process keeps sending.
    """
    end = time.monotonic() + most_wait_seconds
    while True:
        with installation.database.write() as connection:
            now = installation.clock()
            report = sending.claim(connection, now)
            forget_ = report and sending.claim(connection, now, sending.FORGET)
            if report and forget_:
                state = sending.read_sending(connection, sending.FORGET)
                next_try = find_next_try(
                    now=now,
                    failures=state.failures + 1,
                    installation_id=installation_id,
                )
                sending.count_try(
                    connection,
                    forget_,
                    now=now,
                    next_try=next_try,
                    task=sending.FORGET,
                )
                return _Claims(report, forget_)
            if report:
                sending.release(connection, report)
        if time.monotonic() >= end:
            raise ReportingError(Problem.BUSY)
        time.sleep(_WAIT_SECONDS)


def _send(
    installation: Installation,
    url: str,
    installation_id: str,
    on_slow: Callable[[], object],
) -> Failure | None:
    """Ask the receiver to forget *installation_id*, and delete the ID if it did."""
    # Every receiver takes `id`, but that of paperless-ngx may be an older one.
    name = "uuid" if installation.key == "uuid" else "id"
    body = to_bytes({name: installation_id})
    with installation.database.write() as connection:
        now = installation.clock()
        row = history.begin(connection, now, url, body, installation_id)
    installation.announce("POST", url, body)
    answer = delivery.post(url, body, on_slow=on_slow)
    result = read_answer(answer)
    with installation.database.update() as connection:
        if connection is None:  # deleted meanwhile
            return result if isinstance(result, Failure) else None
        history.answer(connection, row, describe_answer(answer), installation_id)
        if isinstance(result, Failure):
            return result
        identities = installation.identities
        identities.drop_set_aside(connection, installation_id)
        if identities.find(connection) == installation_id:
            identities.remove(connection)
    return None


def _store_failure(
    installation: Installation, claims: _Claims, installation_id: str, failure: Failure
) -> None:
    with installation.database.update() as connection:
        if connection is None:
            return
        state = sending.read_sending(connection, sending.FORGET)
        next_try = find_next_try(
            now=installation.clock(),
            failures=state.failures,
            installation_id=installation_id,
            retry_after=failure.retry_after,
        )
        sending.fail(connection, claims.forget, next_try, sending.FORGET)


def _release(installation: Installation, claims: _Claims) -> None:
    # The claims expire by themselves.
    with (
        contextlib.suppress(ReportingError),
        installation.database.update() as connection,
    ):
        if connection is not None:
            sending.release(connection, claims.report)
            sending.release(connection, claims.forget, sending.FORGET)
