"""Calls what must happen around a fork and before a process ends, however it ends."""

import atexit
import os
import sys
from typing import Protocol
from weakref import WeakSet

# First: the hooks of the last to register run first before a fork, and a thread must end
# its use of the file before this lock keeps it out.
import paperless_report.state.forks  # noqa: F401


class Participant(Protocol):
    """Something that a process must not lose or share."""

    def pause(self) -> None:
        """Prepare for a fork."""

    def resume(self) -> None:
        """Continue after a fork."""

    def reset(self) -> None:
        """Begin from scratch in a forked process."""

    def end(self) -> None:
        """Prepare for the end of the process."""


_participants: WeakSet[Participant] = WeakSet()
_hooked_in: list[int] = []  # IDs of processes, each forked from the one before


def join(participant: Participant) -> None:
    """Call *participant* around each fork from now on, and before a process ends."""
    _participants.add(participant)


def hook_in() -> None:
    """Call the participants also before this process ends, if a library started it."""
    if _hooked_in[-1:] == [os.getpid()]:
        return
    _hooked_in.append(os.getpid())
    # A process of these ends without the functions of atexit ...
    for name in ("multiprocessing.util", "billiard.util"):
        if name in sys.modules:
            sys.modules[name].Finalize(None, _end, exitpriority=-100)
    # ... and one of Celery's pool without these finalizers, too.
    if "celery.signals" in sys.modules:
        sys.modules["celery.signals"].worker_process_shutdown.connect(_end, weak=False)


def _pause() -> None:
    for participant in list(_participants):
        participant.pause()


def _resume() -> None:
    for participant in list(_participants):
        participant.resume()


def _reset() -> None:
    for participant in list(_participants):
        participant.reset()


def _end(*_: object, **__: object) -> None:
    for participant in list(_participants):
        participant.end()


# When the module is imported, since another thread may fork during the first count.
if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(before=_pause, after_in_parent=_resume, after_in_child=_reset)
atexit.register(_end)
