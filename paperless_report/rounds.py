"""Calls a reporter's `run` in a thread: now, at intervals, and when it is woken."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from paperless_report.report.outgoing import MOST_REQUESTS

if TYPE_CHECKING:
    from paperless_report.results import Outcome


class Stop(Protocol):
    """Ends a thread after its current call, and waits for the end *wait_seconds* at most."""

    def __call__(self, wait_seconds: float = 0.0) -> None:
        """End the thread."""


class Rounds:
    """A thread that calls `run` now, at intervals, and when it is woken.

    It never keeps the program from ending.
    """

    def __init__(
        self,
        run: "Callable[[], Outcome]",
        check_every_seconds: float,
        on_check: Callable[[], object],
        is_online: Callable[[], bool],
    ) -> None:
        """Store the arguments; `start` starts the thread.

        Args:
            run: Called again at once if it has sent as many requests as it may.
            check_every_seconds: The time from the end of one check to the next. Calls after
                `wake` do not count as checks.
            on_check: Called before each check. Its errors are ignored.
            is_online: Whether to call `run`. An error means no.
        """
        self._run = run
        self._check_every_seconds = check_every_seconds
        self._on_check = on_check
        self._is_online = is_online
        self._is_ended = False
        # Unlike an Event, a signal handler can use it at any time.
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=self._work, name="usage-report-runs", daemon=True
        )

    def start(self) -> None:
        """Start the thread; do nothing if the limit on threads is reached."""
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def wake(self) -> None:
        """Have the thread call `run` as soon as it can."""
        if self._wakes.empty():
            self._wakes.put(None)

    def stop(self, wait_seconds: float = 0.0) -> None:
        """End the thread after its current call, and wait for that."""
        self._is_ended = True
        self.wake()
        if wait_seconds and self._thread.is_alive():
            self._thread.join(wait_seconds)

    def _work(self) -> None:
        next_check = time.monotonic()
        while not self._is_ended:
            if is_check := time.monotonic() >= next_check:
                with contextlib.suppress(Exception):
                    self._on_check()
            # What wakes the thread from now on may be too late for this call.
            self._sleep(0)
            self._call()
            if is_check:
                next_check = time.monotonic() + self._check_every_seconds
            if not self._is_ended:  # or the end may have woken it already
                self._sleep(max(0, next_check - time.monotonic()))

    def _sleep(self, most_seconds: float) -> None:
        with contextlib.suppress(queue.Empty):
            self._wakes.get(timeout=min(most_seconds, threading.TIMEOUT_MAX))

    def _call(self) -> None:
        with contextlib.suppress(Exception):  # of the host's own function
            while not self._is_ended and self._is_online():
                if self._run().requests < MOST_REQUESTS:
                    return
