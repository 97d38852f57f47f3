"""Shows the state of an installation, and what it would send; changes nothing."""

import contextlib
import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from paperless_report.consent.ladder import State
from paperless_report.contract.growth import Change
from paperless_report.errors import Problem, ReportingError
from paperless_report.installation import Installation
from paperless_report.preparation import (
    build_requests,
    collect,
    list_logged,
    read_stored,
    wait_for,
)
from paperless_report.report.outgoing import (
    Counted,
    Logged,
    Request,
    Sent,
    Sum,
    Waiting,
)
from paperless_report.report.payload import without_id
from paperless_report.results import ExactRequest, Preview, Status
from paperless_report.state import choices, log, sending, sums
from paperless_report.wire.headers import complete_headers

_END = "9999"  # after each day


def read_status(installation: Installation) -> Status:
    """Read whether reports are sent, what decided that, and when the next one is due."""
    now = installation.clock()
    with installation.database.read() as connection:
        choice = choices.read_choice(connection)
        decision = installation.decide(choice)
        ids = installation.find_ids(connection)
        growth = installation.find_growth(choice)
        state = sending.read_sending(connection)
        next_due = None
        if (
            connection is not None
            and decision.state is State.ON
            and not growth
            and ids.current is not None
            and choice.accepted_at is not None
        ):
            next_due = installation.find_due(
                *(connection, choice.accepted_at, ids.current, now)
            )
        url, problem = installation.find_url()
        off = installation.list_events_off(choice)
        waiting = sums.list_days(connection, f"{now:%F}")
        log_for, events = installation.project.log_for, installation.events.by_name
        return Status(
            decision=decision,
            url=url,
            problem=ids.problem or problem,
            growth=growth,
            installation_id=ids.current,
            set_aside=ids.set_aside,
            groups={
                name: name not in choice.groups_off
                for name in installation.project.groups
            },
            turned_on=installation.find_turned_on(choice),
            days_waiting=len({it.day for it in waiting if it.event not in off}),
            logged=log.count(connection, events, log_for, now),
            last_sent=state.last_sent,
            next_due=next_due,
            failures=state.failures,
            is_busy=sending.is_claimed(connection, now),
            contract=installation.describe(choice),
            read_at=now,
        )


def build_preview(installation: Installation, on_slow: Callable[[], object]) -> Preview:
    """Collect what would be sent now."""
    with installation.database.read() as connection:
        choice = choices.read_choice(connection)
        ids = installation.find_ids(connection)
        now = installation.clock()
        stored = read_stored(installation, connection, now)
    installation_id = ids.current or str(uuid.uuid4())
    payload = collect(installation, installation_id, on_slow)
    if ids.problem or (ids.current is None and installation.project.shows_null_id):
        payload = without_id(payload, installation.contract.fields[installation.key])
    waiting = wait_for(installation, payload, stored, now=now)
    url, problem = installation.find_url()
    requests: list[Request] = []
    # A project's own format may rely on the fields that its contract requires.
    if not (payload.missing and installation.project.format):
        requests = build_requests(installation, waiting)
    sent = {it.number for request in requests for it in request.logged}
    if payload.missing:
        problem = ReportingError(Problem.FIELDS_MISSING, fields=payload.missing)
    if ids.problem:
        problem = ids.problem
    return Preview(
        payload=payload,
        fields=installation.contract.fields,
        events=tuple(it.to_json() for it in _list_sent(waiting, requests)),
        logged=tuple(it for it in waiting.logged if it.number in sent),
        requests=tuple(_show_requests(installation, requests, has_url=url is not None)),
        url=url,
        installation_id=waiting.installation_id,
        identity_is_new=ids.current is None and ids.problem is None,
        contract=installation.describe(choice),
        growth=installation.find_growth(choice),
        problem=problem,
    )


def _list_sent(waiting: Waiting, requests: Iterable[Request]) -> Iterator[Counted]:
    """Give the counts that *requests* hold."""
    sent = Counter(sum_ for request in requests for sum_ in request.sums)
    for counted in waiting.counted:
        if all(sent[it] for it in counted.sums):
            sent.subtract(counted.sums)
            yield counted


def _show_requests(
    installation: Installation, requests: Iterable[Request], *, has_url: bool
) -> Iterator[ExactRequest]:
    endpoint = installation.find_endpoint() if has_url else None
    for it in requests:
        url = installation.locate(endpoint, it) if endpoint else None
        yield ExactRequest(it.method, url, complete_headers(it.headers), it.body)


def read_log(
    installation: Installation,
    event: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> tuple[Logged, ...]:
    """List the logged events, the oldest first."""
    with installation.database.read() as connection:
        now = installation.clock()
        selection = log.Selection(event, since, until)
        return tuple(list_logged(installation, connection, now, selection))


def read_counts(installation: Installation) -> tuple[Sum, ...]:
    """List the sums that are stored, the oldest day first."""
    with installation.database.read() as connection:
        return tuple(sums.list_days(connection, _END))


def read_growth(installation: Installation) -> tuple[Change, ...]:
    """List what the contract would send more than what was accepted."""
    with installation.database.read() as connection:
        return installation.find_growth(choices.read_choice(connection))


def read_history(installation: Installation) -> tuple[Sent, ...]:
    """List the requests, the oldest first."""
    with installation.database.read() as connection:
        return tuple(installation.list_sent(connection))


def export(installation: Installation) -> dict[str, Any]:
    """Return all that is stored, as JSON can hold it."""
    with installation.database.read() as connection:
        choice = choices.read_choice(connection)
        return {
            "project": installation.project.name,
            "on": choice.on,
            "at": write_time(choice.at),
            "accepted": _read_accepted(choice),
            "accepted_at": write_time(choice.accepted_at),
            "notice_shown": choice.notice_shown,
            "groups_off": sorted(choice.groups_off),
            "installation_id": installation.identities.find(connection),
            "set_aside": list(installation.identities.list_set_aside(connection)),
            "sending": {
                task: _describe_sending(sending.read_sending(connection, task))
                for task in (sending.REPORT, sending.FORGET)
            },
            "counts": [it._asdict() for it in sums.list_days(connection, _END)],
            "log": [
                {
                    "at": write_time(it.at),
                    "event": it.event,
                    "properties": it.properties,
                }
                for it in log.list_entries(connection)
            ],
            "history": [
                {
                    "at": write_time(it.at),
                    "method": it.method,
                    "url": it.url,
                    "body": it.body.decode("utf-8", "replace"),
                    "answer": it.answer,
                }
                for it in installation.list_sent(connection)
            ],
        }


def write_time(time: dt.datetime | None) -> str | None:
    """Write *time* for programs: to the second, in UTC."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}" if time else None


def _describe_sending(state: sending.Sending) -> dict[str, Any]:
    return {
        "last_sent": write_time(state.last_sent),
        "failures": state.failures,
        "next_try": write_time(state.next_try),
    }


def _read_accepted(choice: choices.Choice) -> object:
    with contextlib.suppress(ValueError):
        return json.loads(choice.accepted or "null")
    return choice.accepted
