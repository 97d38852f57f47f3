"""Defines what the methods of a Reporter return: codes and values, no sentences."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from paperless_report.consent.ladder import Decision, State
from paperless_report.contract import Field
from paperless_report.contract.growth import Change
from paperless_report.errors import ReportingError
from paperless_report.report.outgoing import Logged
from paperless_report.report.payload import Payload
from paperless_report.wire.answers import Failure


class ExactRequest(NamedTuple):
    """One HTTP request as it would be sent.

    Attributes:
        method: GET or POST.
        url: Where it goes; None if there is no usable address.
        headers: Its headers, apart from those on the connection and the body's length.
        body: Its bytes; a GET request has none.
    """

    method: str
    url: str | None
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Status:
    """The state of reporting in this installation. Times are aware, in UTC.

    Attributes:
        decision: Whether reports may be sent, and what decided it.
        url: Where reports go; None if there is no usable address.
        problem: Why no report could be sent, if something is known to prevent it.
        growth: What the contract would send more than the admin agreed to. As long as
            there is any, nothing is sent.
        installation_id: The installation ID, if there is one.
        set_aside: Former IDs that the receiver has not forgotten yet.
        groups: Whether each group of events is on.
        turned_on: When reporting was turned on, if it is; None if no run has noticed yet
            that a variable or the default did.
        days_waiting: How many days of counts have not been sent.
        logged: How many logged events are stored that the project declares.
        last_sent: When the receiver got the last report.
        next_due: When the next report is due; None if none will be sent.
        failures: The number of failures in a row.
        is_busy: Whether a process is sending a report, or a request to forget, right now.
        contract: The contract, as `turn_on` stores it.
        read_at: When this was read.
    """

    decision: Decision
    url: str | None
    problem: ReportingError | None
    growth: tuple[Change, ...]
    installation_id: str | None
    set_aside: tuple[str, ...]
    groups: Mapping[str, bool]
    turned_on: dt.datetime | None
    days_waiting: int
    logged: int
    last_sent: dt.datetime | None
    next_due: dt.datetime | None
    failures: int
    is_busy: bool
    contract: Mapping[str, Any]
    read_at: dt.datetime = field(compare=False)

    @property
    def is_sending(self) -> bool:
        """Whether reports are sent when they are due."""
        return self.decision.state is State.ON and not (self.growth or self.problem)


@dataclass(frozen=True)
class Preview:
    """What would be sent now.

    Attributes:
        payload: The facts, with the installation ID.
        fields: The fields of the contract by name, in its order.
        events: The counts, one object for each day, event and set of labels.
        logged: The logged events, the oldest first.
        requests: The exact requests. There may be none.
        url: Where they go, unless a request says otherwise; None if there is no usable
            address.
        installation_id: The ID in the payload; None if the project has `shows_null_id` and no
            ID is saved.
        identity_is_new: Whether the ID is not saved yet. `turn_on` saves the one shown.
        contract: The contract that this preview shows, as `turn_on` stores it.
        growth: What the contract would send more than the admin agreed to.
        problem: Why it could not be sent, if it could not.
    """

    payload: Payload
    fields: Mapping[str, Field]
    events: tuple[Mapping[str, Any], ...]
    logged: tuple[Logged, ...]
    requests: tuple[ExactRequest, ...]
    url: str | None
    installation_id: str | None
    identity_is_new: bool
    contract: Mapping[str, Any]
    growth: tuple[Change, ...]
    problem: ReportingError | None

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """The bytes of each request."""
        return tuple(it.body for it in self.requests)

    @property
    def is_uniform(self) -> bool:
        """Whether all requests are POSTs to `url`, so that their bytes say all."""
        return all((it.method, it.url) == ("POST", self.url) for it in self.requests)


class Result(enum.Enum):
    """How a run ended."""

    SENT = enum.auto()
    ALREADY_SENT = enum.auto()  # the receiver has a recent report
    NOT_DUE = enum.auto()
    NOT_ON = enum.auto()
    NEEDS_CONSENT = enum.auto()  # the contract would send more
    BUSY = enum.auto()  # another process is sending
    STOPPED = enum.auto()  # reporting was turned off, or the ID deleted, meanwhile
    FAILED = enum.auto()


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        result: A code.
        requests: How many requests the receiver accepted.
        failure: Why the receiver did not accept one.
        problem: Why a report could not be sent, or the state not be read or written.
        next_try: When a run will send again, if known.
        growth: What the contract would send more, if that needs consent.
        ignored_wait: Until when a run without `now` would have waited, after a failure or
            as the receiver asked; None if there was no such wait.
    """

    result: Result
    requests: int = 0
    failure: Failure | None = None
    problem: ReportingError | None = None
    next_try: dt.datetime | None = None
    growth: tuple[Change, ...] = ()
    ignored_wait: dt.datetime | None = None


@dataclass(frozen=True)
class Forgotten:
    """What became of the reports at the endpoint.

    Attributes:
        ids: The IDs that the receiver has deleted all reports of.
        kept: The IDs that it has not. A run tries those again that are set aside.
        failure: Why the receiver did not delete them.
        problem: Why it could not be asked, or why an ID could not be deleted here.
    """

    ids: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    failure: Failure | None = None
    problem: ReportingError | None = None
