"""Prepares what a run sends and a preview shows: facts, counts and logged events."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from paperless_report.errors import Problem, ReportingError
from paperless_report.facts.collectors import list_facts
from paperless_report.installation import Installation
from paperless_report.report.counted import list_counted
from paperless_report.report.objects import split_objects
from paperless_report.report.outgoing import (
    MOST_COUNTED,
    MOST_REQUESTS,
    Counted,
    Logged,
    Recorded,
    Request,
    Sum,
    Waiting,
)
from paperless_report.report.payload import Payload, build_payload
from paperless_report.report.ranges import collect_range
from paperless_report.state import choices, log, sums

if TYPE_CHECKING:
    from sqlite3 import Connection

    from paperless_report.contract import Value
    from paperless_report.report.kind import Collector


class Stored(NamedTuple):
    """What is stored and waits to be sent, without the groups that are off.

    Attributes:
        sums: The sums of the days that are over.
        logged: The logged events, the oldest first; none if the project keeps its log.
        events_off: The events of the groups that are off.
    """

    sums: list[Sum]
    logged: list[Logged]
    events_off: frozenset[str]

    @property
    def is_any(self) -> bool:
        """Whether anything waits."""
        return bool(self.sums or self.logged)


def read_stored(
    installation: Installation, connection: "Connection | None", now: dt.datetime
) -> Stored:
    """Read what waits to be sent at *now*."""
    off = installation.list_events_off(choices.read_choice(connection))
    waiting = sums.list_days(connection, f"{now:%F}")
    logged = (
        []
        if installation.project.keeps_log
        else [
            it
            for it in list_logged(installation, connection, now)
            if it.event not in off
        ]
    )
    return Stored([it for it in waiting if it.event not in off], logged, frozenset(off))


def list_logged(
    installation: Installation,
    connection: "Connection | None",
    now: dt.datetime,
    selection: log.Selection = log.ALL,
) -> list[Logged]:
    """List the logged events that are not too old and that the contract still accepts."""
    log_for, events = installation.project.log_for, installation.events.by_name
    return [
        entry._replace(properties={**cleaned[0], **cleaned[1]})
        for entry in log.list_entries(connection, selection)
        if log.is_kept(entry, log_for, now)
        and (declared := events.get(entry.event))
        and (cleaned := declared.clean(entry.properties))
    ]


def collect(
    installation: Installation,
    installation_id: str,
    on_slow: Callable[[], object] = lambda: None,
) -> Payload:
    """Collect the facts, once."""
    fields, project = installation.contract.fields, installation.project
    own = {
        name: project.wrap_collector(cast("Collector", collect_), on_slow)
        for name, collect_ in project.collectors.items()
    }
    by_field = split_objects(own, fields.values())
    known = {
        **by_field,
        **_summarize(installation, fields.keys() - by_field.keys()),
        **list_facts(project.package, project.variables.containerized),
        # An object does not hold what is found in another way.
        **own,
    }
    collectors: dict[str, Collector] = {
        name: partial(collect_range, field, known[name])
        for name, field in fields.items()
        if name in known
    }
    collectors[installation.key] = lambda: installation_id
    return build_payload(fields.values(), collectors)


def _summarize(
    installation: Installation, others: Iterable[str]
) -> "dict[str, Collector]":
    """Call the project's own function, if it has one, once for all its fields.

    If it fails, *others*, which have no collector, have the same reason to be absent.
    """
    summarize = installation.project.summarize
    if summarize is None:
        return {}
    recorded = _read_recorded(installation)
    try:
        values = dict(summarize(recorded))
    # Whatever the host's own modules do, even exit, must not end the command.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return dict.fromkeys(others, partial(_raise, error))
    return {name: partial(_return, value) for name, value in values.items()}


def _read_recorded(installation: Installation) -> Recorded:
    with installation.database.read() as connection:
        now = installation.clock()
        return Recorded(
            now=now,
            turned_on=installation.find_turned_on(choices.read_choice(connection)),
            installation_id=installation.identities.find(connection),
            log=tuple(list_logged(installation, connection, now)),
            history=tuple(installation.list_sent(connection)),
        )


def _raise(error: BaseException) -> "Value":
    raise error


def _return(value: "Value") -> "Value":
    return value


def wait_for(
    installation: Installation,
    payload: Payload,
    stored: Stored,
    *,
    now: dt.datetime,
    is_due: bool = True,
) -> Waiting:
    """Put together what a format writes."""
    return Waiting(
        report=payload.report,
        installation_id=_find_id(installation, payload),
        counted=tuple(_list_counted(installation, stored)),
        logged=tuple(stored.logged),
        events_off=stored.events_off,
        is_due=is_due,
        now=now,
    )


def build_requests(installation: Installation, waiting: Waiting) -> list[Request]:
    """Write the requests that send *waiting*; there may be none.

    Raises:
        ReportingError: If the project's format fails.
    """
    try:
        requests = installation.format.build_requests(waiting)
        return list(islice(requests, MOST_REQUESTS))
    # Whatever the host's own modules do, even exit, must not end the command.
    except (Exception, SystemExit) as error:
        # Only the class: a message may quote a path or a query.
        reason = type(error).__name__
        raise ReportingError(Problem.UNEXPECTED, reason=reason) from error


def _list_counted(installation: Installation, stored: Stored) -> Iterator[Counted]:
    counted = list_counted(stored.sums, installation.events.by_name)
    # A sum far beyond what an event may hold becomes any number of events.
    return islice(counted, MOST_COUNTED)


def _find_id(installation: Installation, payload: Payload) -> str | None:
    known = payload.values.get(installation.key)
    return known if isinstance(known, str) else None
