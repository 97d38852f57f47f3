"""Reports how a program is used, once its admin has turned that on.

It imports what a method needs when that method is called, so that a program that starts pays
for nothing, and so that what can send is imported only where something may be sent.
"""

# ruff: noqa: PLC0415

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paperless_report.counting.background import Counters
from paperless_report.errors import Problem, ReportingError
from paperless_report.lazy import Lazy
from paperless_report.project import Project

if TYPE_CHECKING:
    import datetime as dt

    from paperless_report.contract.events import Event
    from paperless_report.contract.growth import Change
    from paperless_report.counting.entries import Entry
    from paperless_report.installation import Installation, OnRequest
    from paperless_report.report.outgoing import Logged, Sent, Sum
    from paperless_report.results import Forgotten, Outcome, Preview, Status
    from paperless_report.rounds import Stop


class Reporter:
    """Counts, shows and sends what an installation of *project* reports.

    Creating a reporter does no I/O and starts no thread. Threads can share a reporter, and
    it survives a fork.

    `count`, `record`, `flush` and `run` never raise an exception. All other methods raise a
    ReportingError if the declaration of the project has faults, or if the state cannot be
    read or written.

    Attributes:
        project: What it reports.
        count: `count(event, name=None, ok=True, **labels)` adds 1 to the sum `count` of an
            event, and to `error_count` unless *ok*.
        record: `record(event, **properties)` adds the integers of *properties* to the sums
            of an event; the rest are its labels. Both store an event that the project logs
            by itself, with its time.
        flush: Writes what was counted. A thread does it every two seconds.
    """

    def __init__(
        self,
        project: Project,
        *,
        clock: "Callable[[], dt.datetime] | None" = None,
        on_request: "OnRequest | None" = None,
    ) -> None:
        """Store the arguments.

        Args:
            project: What reports.
            clock: Returns the current time, aware; tests pass their own.
            on_request: Called with the method, the URL and the body right before each
                request, for a program that shows them. Its errors are ignored.
        """
        self.project = project
        self._clock = clock
        self._on_request = on_request
        self._counters = Counters(self._load_events, self._persist, clock)
        # Not methods of this class: a call more would cost as much as the count.
        self.count = self._counters.count
        self.record = self._counters.record
        self.flush = self._counters.flush

    def status(self) -> "Status":
        """Say whether reports are sent, what decided that, and when the next one is due."""
        from paperless_report import views

        self.flush()
        return views.read_status(self._installation)

    def preview(self, *, on_slow: Callable[[], object] = lambda: None) -> "Preview":
        """Collect what would be sent now, and store nothing.

        Args:
            on_slow: Called if a collector is slow and the project's `wrap_collector`
                notices.
        """
        from paperless_report import views

        self.flush()
        return views.build_preview(self._installation, on_slow)

    def growth(self) -> "tuple[Change, ...]":
        """List what the contract would send more than the admin agreed to."""
        from paperless_report import views

        return views.read_growth(self._installation)

    def turn_on(self, preview: "Preview | None" = None) -> None:
        """Store that the admin agreed to send reports, and save an installation ID.

        Args:
            preview: What the admin was shown. It decides which contract the consent is
                for, and which ID is saved if there is none.

        Raises:
            ReportingError: If the packager turned reporting off.
        """
        from paperless_report import changes

        changes.turn_on(self._installation, preview)

    def turn_off(self) -> str | None:
        """Store that the admin wants no reports. Delete the ID, and all that waits to be sent.

        Processes that are running send nothing more.

        Returns:
            The ID that was deleted, for `forget`; None if there was none.

        Raises:
            ReportingError: If the ID cannot be deleted (ID_NOT_READ or ID_NOT_DELETED);
                reporting is off all the same.
        """
        from paperless_report import changes

        self._counters.discard(keeps_log=self.project.keeps_log)
        return changes.turn_off(self._installation)

    def turn_group(self, name: str, *, on: bool) -> None:
        """Turn a group of events on or off. Off deletes the group's counts that wait.

        Args:
            name: One of the project's `groups`.
            on: Whether to count its events.

        Raises:
            ReportingError: If the project has no such group.
        """
        from paperless_report import changes

        changes.turn_group(self._installation, name, on=on)

    def mark_notice_shown(self) -> None:
        """Store that the host has shown its notice: a default "on after notice" is on then."""
        from paperless_report import changes

        changes.mark_notice_shown(self._installation)

    def run(
        self, *, now: bool = False, on_slow: Callable[[], object] = lambda: None
    ) -> "Outcome":
        """Send a report if it is due. Never raise an exception.

        Any number of schedulers may call this at any time; one report is sent.

        Args:
            now: Whether to send at once, also before the next try. It needs consent, too.
            on_slow: Called when a request has had no answer for two seconds.
        """
        from paperless_report import forgetting, runs
        from paperless_report.results import Outcome, Result

        try:
            self.flush()
            forgetting.retry(self._installation, on_slow)
            return runs.run(self._installation, on_slow, is_forced=now)
        except ReportingError as error:
            return Outcome(Result.FAILED, problem=error)
        except Exception as error:  # noqa: BLE001  # whatever the host's own modules do
            reason = type(error).__name__
            problem = ReportingError(Problem.UNEXPECTED, reason=reason)
            return Outcome(Result.FAILED, problem=problem)

    def run_in_background(
        self,
        check_every_seconds: float = 3600,
        *,
        at_once: bool = False,
        on_check: Callable[[], object] = lambda: None,
        is_online: Callable[[], bool] = lambda: True,
    ) -> "Stop":
        """Call `run` in a daemon thread, now and at intervals.

        Args:
            check_every_seconds: The time from the end of one check to the next.
            at_once: Whether to call `run` also when this reporter has logged an event.
            on_check: Called in the thread before each check. Its errors are ignored.
            is_online: Whether the program has found the internet. If not, what was recorded
                waits, and `run` is not called.

        Returns:
            A function that ends the thread after the current call, and waits for that as
            many seconds as you pass: none by default.
        """
        from paperless_report.rounds import Rounds

        rounds = Rounds(self.run, check_every_seconds, on_check, is_online)
        if at_once:
            self._counters.on_logged = rounds.wake
        rounds.start()
        return rounds.stop

    async def run_forever(
        self, check_every_seconds: float = 3600, *, at_once: bool = False
    ) -> None:
        """Call `run` in a thread, as `run_in_background` does, until this is cancelled.

        The event loop never waits. When this is cancelled, it writes what was counted.
        """
        import asyncio

        end = self.run_in_background(check_every_seconds, at_once=at_once)
        try:
            await asyncio.Event().wait()
        finally:
            end()
            await asyncio.to_thread(self.flush)

    def read_counts(self) -> "tuple[Sum, ...]":
        """List the counts that are stored and not sent yet, the oldest day first."""
        from paperless_report import views

        self.flush()
        return views.read_counts(self._installation)

    def read_log(
        self,
        event: str | None = None,
        *,
        since: "dt.datetime | None" = None,
        until: "dt.datetime | None" = None,
    ) -> "tuple[Logged, ...]":
        """List the logged events that are stored, the oldest first.

        Args:
            event: The name of an event; None for all.
            since: The time to begin with, aware.
            until: The time to end before, aware.
        """
        from paperless_report import views

        self.flush()
        return views.read_log(self._installation, event, since, until)

    def history(self) -> "tuple[Sent, ...]":
        """List the requests of the last 366 days, the oldest first.

        If their bytes and answers take more than a megabyte, the oldest are deleted.
        """
        from paperless_report import views

        return views.read_history(self._installation)

    def export(self) -> dict[str, Any]:
        """Return everything that is stored here, as values that JSON can represent."""
        from paperless_report import views

        self.flush()
        return views.export(self._installation)

    def forget(
        self,
        removed_id: str | None = None,
        *,
        on_slow: Callable[[], object] = lambda: None,
    ) -> "Forgotten":
        """Have the receiver delete all reports of this installation; then delete the ID.

        Args:
            removed_id: The ID that `turn_off` returned. It is kept until it is forgotten,
                and each run tries again.
            on_slow: Called when a request has had no answer for two seconds.
        """
        from paperless_report import forgetting

        return forgetting.forget(self._installation, removed_id, on_slow)

    def delete(self) -> tuple[str, ...]:
        """Delete all that is stored here, return the files' names, and open no socket."""
        from paperless_report import changes

        self._counters.discard()
        return changes.delete(self._installation)

    @Lazy
    def _installation(self) -> "Installation":
        from paperless_report.installation import Installation, read_clock

        return Installation(self.project, self._clock or read_clock, self._on_request)

    def _load_events(self) -> "Mapping[str, Event]":
        # Not through the installation: the first count imports only what it needs.
        return self.project.load_events().by_name if self.project.enabled else {}

    def _persist(
        self,
        increments: Mapping[tuple[str, str, str], int],
        entries: "Sequence[Entry]",
    ) -> bool:
        return self._installation.persist(increments, entries)
