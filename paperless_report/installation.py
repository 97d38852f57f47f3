"""Brings together what a project declares and what is stored about its installation."""

import contextlib
import datetime as dt
import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from paperless_report.consent.ladder import Decision, Source, State, decide
from paperless_report.contract.growth import Change, describe_contract, find_growth
from paperless_report.errors import Problem, ReportingError
from paperless_report.facts import package
from paperless_report.lazy import Lazy
from paperless_report.project import Contract, Events, Project
from paperless_report.project_faults import require_sound
from paperless_report.report.batch import JsonFormat
from paperless_report.report.outgoing import ReportFormat, Request
from paperless_report.schedule.backoff import MOST_WAIT, is_waiting
from paperless_report.schedule.slots import find_due
from paperless_report.state import choices, history, log, sending, sums
from paperless_report.state.choices import Choice
from paperless_report.state.database import Database
from paperless_report.state.identities import Identities, choose_identities
from paperless_report.wire.endpoint import Endpoint, find_endpoint

if TYPE_CHECKING:
    from sqlite3 import Connection

    from paperless_report.counting.entries import Entry
    from paperless_report.report.outgoing import Sent


Clock = Callable[[], dt.datetime]
OnRequest = Callable[[str, str, bytes], object]


def read_clock() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)


class Ids(NamedTuple):
    """The IDs of an installation, or why they cannot be read.

    Attributes:
        current: The ID that reports are sent with, if there is one.
        set_aside: Former IDs that the receiver has not forgotten yet.
        problem: Why they cannot be read, if they cannot.
    """

    current: str | None = None
    set_aside: tuple[str, ...] = ()
    problem: ReportingError | None = None


class Installation:
    """One installation of a project; to create this object does no I/O.

    All methods raise a ReportingError if the declaration has faults, or if the state
    cannot be read or written.
    """

    def __init__(
        self, declared: Project, clock: Clock, on_request: OnRequest | None = None
    ) -> None:
        self._declared = declared
        self._on_request = on_request
        self.clock = clock

    @Lazy
    def project(self) -> Project:
        """The project, once its declaration is checked."""
        require_sound(self._declared)
        return self._declared

    @Lazy
    def database(self) -> Database:
        """The file that keeps the state."""
        return Database(self.project.find_data_dir())

    @Lazy
    def identities(self) -> Identities:
        """What keeps the installation ID."""
        return choose_identities(
            self.database.folder, identity_file=self.project.identity_file
        )

    @Lazy
    def contract(self) -> Contract:
        """The contract of the report."""
        return self.project.load_contract()

    @Lazy
    def events(self) -> Events:
        """The events that the project counts."""
        return self.project.load_events()

    @Lazy
    def description(self) -> dict[str, Any]:
        """All that the contract can send, in the form that consent is stored with."""
        project, schemas = self.project, self.events.schemas
        sent = {
            name: schema
            for name, schema in schemas.items()
            if not (project.keeps_log and name in project.logged)
        }
        return describe_contract(self.contract.schema, sent, project.logged)

    @Lazy
    def is_off_for_good(self) -> bool:
        """Whether the packager, or the program itself, turned reporting off."""
        project = self.project
        return not project.enabled or (
            project.package is not None and package.is_reporting_off(project.package)
        )

    @Lazy
    def format(self) -> ReportFormat:
        """How requests are written, and their answers read."""
        is_single = self.once_in_days is not None
        return self.project.format or JsonFormat(is_single=is_single)

    @property
    def key(self) -> str:
        """The name of the field that holds the installation ID."""
        return str(self.contract.schema["x-installation-id"])

    @property
    def once_in_days(self) -> int | None:
        """In this many days the receiver counts one report; None if it counts all."""
        days: int | None = self.contract.schema.get("x-once-in-days")
        return days

    def decide(self, choice: Choice) -> Decision:
        """Decide whether reports may be sent."""
        return decide(
            packager_off=self.is_off_for_good,
            environ=os.environ,
            variable_name=self.project.variables.switch,
            off_names=self.project.variables.off,
            stored=choice.on,
            default=self.project.default,
            notice_shown=choice.notice_shown,
        )

    def find_turned_on(self, choice: Choice) -> dt.datetime | None:
        """Return when reporting was turned on, if it is."""
        decision = self.decide(choice)
        if decision.state is not State.ON:
            return None
        times = [choice.accepted_at]
        if decision.source is Source.STORED:
            # A run sets `accepted_at` right if the clock was ahead. Consent to a newer
            # contract moves it on.
            times.append(choice.at)
        return min(filter(None, times), default=None)

    def describe(self, choice: Choice) -> dict[str, Any]:
        """Describe all that can be sent: the contract without the groups that are off.

        So consent never covers what an admin turned off, however a newer version groups it.
        """
        off = self.list_events_off(choice)
        events = self.description["events"]
        kept = {name: event for name, event in events.items() if name not in off}
        return {**self.description, "events": kept}

    def find_growth(self, choice: Choice) -> tuple[Change, ...]:
        """List what the contract would send more than what was accepted."""
        if choice.accepted is None:
            return ()
        try:
            accepted = json.loads(choice.accepted)
            return find_growth(accepted, self.describe(choice))
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise ReportingError(
                Problem.STATE_DAMAGED,
                path=self.database.path,
                reason="the accepted contract cannot be read",
            ) from error

    def find_due(
        self,
        connection: "Connection",
        accepted_at: dt.datetime,
        installation_id: str,
        now: dt.datetime,
    ) -> dt.datetime:
        """Return when the next report is due, or tried again; in the past if at once."""
        state = sending.read_sending(connection)
        gap = dt.timedelta(days=self.once_in_days or 0)
        period = self.project.period
        due = find_due(
            last_sent=state.last_sent,
            turned_on=accepted_at,
            installation_id=installation_id,
            period=period,
            # A report that was overdue stands for the slot that begins soon, too.
            least_gap=max(gap, period / 2),
        )
        return max(due, self.find_wait(state, now) or due)

    def find_wait(self, state: sending.Sending, now: dt.datetime) -> dt.datetime | None:
        """Return the next try after a failure, or after an answer that asks to wait."""
        gap = dt.timedelta(days=(self.once_in_days or 0) + 1)
        longest = max(MOST_WAIT, gap, self.project.least_gap)
        return state.next_try if is_waiting(state.next_try, now, longest) else None

    def find_endpoint(self) -> Endpoint:
        """Return where reports go.

        Raises:
            ReportingError: If there is no usable address.
        """
        return find_endpoint(self.project)

    def find_url(self) -> tuple[str | None, ReportingError | None]:
        """Return where reports go, or why they cannot go anywhere."""
        if self.is_off_for_good:
            return None, ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
        try:
            return self.find_endpoint().locate(self.project.report_path), None
        except ReportingError as error:
            return None, error

    def locate(self, endpoint: Endpoint, request: Request) -> str:
        """Return the URL of *request*."""
        path = self.project.report_path if request.path is None else request.path
        return endpoint.locate(path, request.query)

    def announce(self, method: str, url: str, body: bytes) -> None:
        """Call the program's own function right before a request; ignore its errors."""
        if self._on_request is not None:
            with contextlib.suppress(Exception):
                self._on_request(method, url, body)

    def list_sent(self, connection: "Connection | None") -> "list[Sent]":
        """List the requests, with the IDs that are still here put back."""
        ids = self.find_ids(connection)
        known = [it for it in (*ids.set_aside, ids.current) if it]
        return history.list_sent(connection, known)

    def find_ids(self, connection: "Connection | None") -> "Ids":
        """Read the IDs, or why they cannot be read: where they are files, one of them alone."""
        try:
            return Ids(
                self.identities.find(connection),
                tuple(self.identities.list_set_aside(connection)),
            )
        except ReportingError as error:
            return Ids(problem=error)

    def list_events_off(self, choice: Choice) -> set[str]:
        """List the events of the groups that are off."""
        groups = self.project.groups
        return {it for name in choice.groups_off for it in groups.get(name, ())}

    def persist(
        self,
        increments: Mapping[tuple[str, str, str], int],
        entries: "Sequence[Entry]" = (),
    ) -> bool:
        """Add counts to the sums of this day, and events to the log.

        Args:
            increments: Numbers by event, labels as canonical JSON, and name of the sum.
            entries: The events to log.

        Returns:
            Whether counts may be recorded.
        """
        # Without a file, no variable may make one.
        if self.decide(Choice()).state is State.OFF:
            return False
        with self.database.write() as connection:
            now = self.clock()
            choice = choices.read_choice(connection)
            decision = self.decide(choice)
            off = self.list_events_off(choice)
            may_count = decision.state is not State.OFF
            if may_count:
                kept = {key: it for key, it in increments.items() if key[0] not in off}
                sums.add(connection, f"{now:%F}", kept)
            if may_count or self._keeps_log_when_off(decision):
                kept_entries = [it for it in entries if it.event not in off]
                log.add(connection, kept_entries)
                added = (it.event for it in kept_entries)
                log.prune(connection, self.project.log_for, now, added)
        return may_count

    def _keeps_log_when_off(self, decision: Decision) -> bool:
        return self.project.keeps_log and decision.source is Source.STORED
