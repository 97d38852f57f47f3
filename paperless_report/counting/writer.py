"""Calls a function at intervals in a thread, until there is nothing to do for a minute."""

import contextlib
import queue
import threading
from collections.abc import Callable

WRITE_SECONDS = 2.0
# SQLite waits as long for another process.
PATIENCE_SECONDS = 5.0
# After a minute without counts, the thread ends.
_MOST_QUIET_WRITES = 30
_FORK_PATIENCE_SECONDS = 1.0


class Writer:
    """A thread that writes at intervals, until there is nothing to write for a minute."""

    def __init__(self, write: Callable[[], bool], retire: Callable[[], None]) -> None:
        """Start the thread.

        Args:
            write: Returns whether there was anything to write.
            retire: Called at the end, unless `stop` ends the thread.

        Raises:
            RuntimeError: If the limit on threads is reached.
        """
        self._write = write
        self._retire = retire
        # Unlike an Event or a Queue, a signal handler can use it at any time.
        self._requests: queue.SimpleQueue[Callable[[object], None] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(
            target=self._run, name="usage-report-counts", daemon=True
        )
        self._thread.start()

    def write(self) -> None:
        """Write now, and wait for it.

        Raises:
            queue.Empty: If it takes too long.
        """
        done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._requests.put(done.put)
        done.get(timeout=PATIENCE_SECONDS)

    def stop(self, *, is_overdue: bool) -> None:
        """End the thread, after a write if one *is_overdue*; wait for its end for a moment."""
        if is_overdue:
            self._requests.put(_ignore)
        self._requests.put(None)
        self._thread.join(_FORK_PATIENCE_SECONDS)

    def _run(self) -> None:
        quiet = 0
        while quiet < _MOST_QUIET_WRITES:
            request: Callable[[object], None] | None = _ignore
            with contextlib.suppress(queue.Empty):
                request = self._requests.get(timeout=WRITE_SECONDS)
            if request is None:
                return
            was_quiet = False
            with contextlib.suppress(Exception):
                was_quiet = not self._write()
            quiet = quiet + 1 if was_quiet else 0
            request(None)
        self._retire()


def _ignore(_: object) -> None:
    pass
