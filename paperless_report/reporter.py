"""Reports how a program is used, once its admin has turned that on."""

import contextlib
import threading
import uuid
from collections.abc import Callable
from typing import Any

from paperless_report.consent.ladder import State
from paperless_report.contract.growth import Change
from paperless_report.counting.background import Counters
from paperless_report.errors import Problem, ReportingError
from paperless_report.installation import Clock, Installation, read_clock
from paperless_report.project import Project
from paperless_report.results import Forgotten, Outcome, Preview, Result, Status
from paperless_report.state import choices, sending, sums
from paperless_report.state.history import Sent

_END = "9999"  # after each day


class Reporter:
    """Counts, shows and sends what an installation of *project* reports.

    To create a reporter does no I/O and starts no thread. It can be shared by threads and
    survives a fork.

    `count`, `record`, `flush` and `run` never raise an exception. All other methods raise a
    ReportingError if the declaration of the project has faults, or if the state cannot be
    read or written.

    Attributes:
        project: What it reports.
        count: `count(event, name=None, ok=True, **labels)` adds 1 to the sum `count` of an
            event, and to `error_count` unless *ok*.
        record: `record(event, **properties)` adds the integers of *properties* to the sums
            of an event; the rest are its labels.
        flush: Writes what was counted. A thread does it every two seconds.
    """

    def __init__(self, project: Project, *, clock: Clock = read_clock) -> None:
        """Store the arguments.

        Args:
            project: What reports.
            clock: Returns the current time, aware; tests pass their own.
        """
        self.project = project
        self._installation = Installation(project, clock)
        self._counters = Counters(
            lambda: self._installation.events.by_name, self._installation.persist
        )
        # Not methods of this class: a call more would cost as much as the count.
        self.count = self._counters.count
        self.record = self._counters.record
        self.flush = self._counters.flush

    def status(self) -> Status:
        """Say whether reports are sent, what decided that, and when the next one is due."""
        installation = self._installation
        now = installation.clock()
        with installation.database.read() as connection:
            choice = choices.read_choice(connection)
            decision = installation.decide(choice)
            installation_id = installation.identities.find(connection)
            state = sending.read_sending(connection)
            next_due = None
            if (
                connection is not None
                and decision.state is State.ON
                and installation_id is not None
                and choice.accepted_at is not None
            ):
                next_due = installation.find_due(
                    *(connection, choice.accepted_at, installation_id, now)
                )
            url, problem = installation.find_url()
            return Status(
                decision=decision,
                url=url,
                problem=problem,
                growth=installation.find_growth(choice),
                installation_id=installation_id,
                set_aside=tuple(installation.identities.list_set_aside(connection)),
                groups={
                    name: name not in choice.groups_off
                    for name in installation.project.groups
                },
                days_waiting=len(
                    {it.day for it in installation.list_waiting(connection, now)}
                ),
                last_sent=state.last_sent,
                next_due=next_due,
                failures=state.failures,
            )

    def preview(self, *, on_slow: Callable[[], object] = lambda: None) -> Preview:
        """Collect what would be sent now, and store nothing.

        Args:
            on_slow: Passed on to the project's `wrap_collector`.
        """
        self.flush()
        installation = self._installation
        with installation.database.read() as connection:
            growth = installation.find_growth(choices.read_choice(connection))
            known = installation.identities.find(connection)
            waiting = installation.list_waiting(connection, installation.clock())
        installation_id = known or str(uuid.uuid4())
        payload = installation.collect(installation_id, on_slow)
        batches = installation.build_batches(payload, waiting)
        url, problem = installation.find_url()
        if payload.missing:
            problem = ReportingError(Problem.FIELDS_MISSING, fields=payload.missing)
        return Preview(
            payload=payload,
            fields=installation.contract.fields,
            events=tuple(event for batch in batches for event in batch.events),
            bodies=tuple(batch.body for batch in batches),
            url=url,
            installation_id=installation_id,
            identity_is_new=known is None,
            contract=installation.description,
            growth=growth,
            problem=problem,
        )

    def growth(self) -> tuple[Change, ...]:
        """List what the contract would send more than the admin agreed to."""
        with self._installation.database.read() as connection:
            return self._installation.find_growth(choices.read_choice(connection))

    def turn_on(self, preview: Preview | None = None) -> None:
        """Store that the admin agreed to reports, and an installation ID.

        Args:
            preview: What the admin was shown, which decides the contract that the consent
                is for, and the ID.

        Raises:
            ReportingError: If the packager turned reporting off.
        """
        installation = self._installation
        if installation.is_off_for_good:
            raise ReportingError(Problem.TURNED_OFF_BY_PACKAGER)
        with installation.database.write() as connection:
            choice = choices.read_choice(connection)
            accepted = installation.write_description(
                preview.contract if preview else None
            )
            if not choice.on or choice.accepted != accepted:
                now = installation.clock()
                choices.store_choice(connection, on=True, at=now, accepted=accepted)
            candidate = preview.installation_id if preview else None
            installation.identities.obtain(connection, candidate)

    def turn_off(self) -> str | None:
        """Store that the admin wants no reports; delete the ID, and all that waits.

        Processes that are running send nothing more.

        Returns:
            The ID that was deleted, for `forget`.
        """
        self._counters.discard()
        installation = self._installation
        with installation.database.write() as connection:
            choices.store_choice(connection, on=False, at=installation.clock())
            sums.delete_all(connection)
            return installation.identities.remove(connection)

    def turn_group(self, name: str, *, on: bool) -> None:
        """Turn a group of events on; or off, and delete what waits of it.

        Raises:
            ReportingError: If the project has no such group.
        """
        groups = self._installation.project.groups
        if name not in groups:
            raise ReportingError(
                Problem.UNKNOWN_GROUP, group=name, groups=", ".join(groups)
            )
        with self._installation.database.write() as connection:
            choices.set_group(connection, name, on=on)
            if not on:
                sums.delete_events(connection, groups[name])

    def mark_notice_shown(self) -> None:
        """Remember that the host has shown its notice; with some defaults, reports begin."""
        with self._installation.database.write() as connection:
            choices.mark_notice_shown(connection)

    def run(self, *, now: bool = False) -> Outcome:
        """Send a report if it is due. Never raise an exception.

        Any number of schedulers may call this at any time; one report is sent.

        Args:
            now: Whether to send even if none is due. Consent is needed all the same.
        """
        # Import what can send only where something may be sent.
        from paperless_report import forgetting, runs  # noqa: PLC0415

        try:
            self.flush()
            forgetting.retry(self._installation)
            return runs.run(self._installation, is_forced=now)
        except ReportingError as error:
            return Outcome(Result.FAILED, problem=error)
        except Exception as error:  # noqa: BLE001  # whatever the host's own modules do
            reason = type(error).__name__
            problem = ReportingError(Problem.UNEXPECTED, reason=reason)
            return Outcome(Result.FAILED, problem=problem)

    def run_in_background(
        self, check_every_seconds: float = 3600
    ) -> Callable[[], None]:
        """Call `run` in a thread, now and at intervals, and return a function that ends it.

        The thread never keeps the program from ending.
        """
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                self.run()
                ended.wait(check_every_seconds)

        with contextlib.suppress(RuntimeError):  # the limit on threads is reached
            threading.Thread(target=work, name="usage-report-runs", daemon=True).start()
        return ended.set

    async def run_forever(self, check_every_seconds: float = 3600) -> None:
        """Call `run` in a thread at intervals until this is cancelled."""
        import asyncio  # noqa: PLC0415  # most programs do not use it

        end = self.run_in_background(check_every_seconds)
        try:
            await asyncio.Event().wait()
        finally:
            end()
            await asyncio.to_thread(self.flush)

    def history(self) -> tuple[Sent, ...]:
        """List every request ever made, with its bytes and its answer, the oldest first."""
        with self._installation.database.read() as connection:
            return tuple(self._installation.list_sent(connection))

    def export(self) -> dict[str, Any]:
        """Return all that is stored here, as JSON can hold it."""
        self.flush()
        installation = self._installation
        with installation.database.read() as connection:
            choice = choices.read_choice(connection)
            return {
                "project": installation.project.name,
                "on": choice.on,
                "at": choice.at and choice.at.isoformat(),
                "groups_off": sorted(choice.groups_off),
                "installation_id": installation.identities.find(connection),
                "set_aside": installation.identities.list_set_aside(connection),
                "counts": [it._asdict() for it in sums.list_days(connection, _END)],
                "history": [
                    {
                        "at": it.at.isoformat(),
                        "url": it.url,
                        "body": it.body.decode("utf-8"),
                        "answer": it.answer,
                    }
                    for it in installation.list_sent(connection)
                ],
            }

    def forget(self, removed_id: str | None = None) -> Forgotten:
        """Have the receiver delete all reports of this installation, then delete the ID.

        Args:
            removed_id: The ID that `turn_off` returned. It is kept until it is forgotten,
                and each run tries again.
        """
        from paperless_report import forgetting  # noqa: PLC0415  # it can send

        return forgetting.forget(self._installation, removed_id)

    def delete(self) -> tuple[str, ...]:
        """Delete all that is stored here, and return the names of the files.

        This opens no socket.
        """
        self._counters.discard()
        installation = self._installation
        names = installation.database.delete()
        return (*names, *installation.identities.delete_files())
