"""Keeps a process from forking while one of its threads has the SQLite file open.

A child inherits what SQLite knows about the locks of its parent, but not the locks. It
would write without them.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from paperless_report.errors import Problem, ReportingError

_MOST_SECONDS = 2.0

_in_use = threading.RLock()
_is_broken = False


@contextlib.contextmanager
def keep_forks_out(path: Path) -> Iterator[None]:
    """Let no thread fork, or use SQLite for the state, while another thread uses it.

    Raises:
        ReportingError: If this process was forked while its parent used the file *path*.
    """
    with _in_use:
        if _is_broken:
            raise ReportingError(
                Problem.STATE_FAILED, path=path, reason="forked while it was in use"
            )
        yield


def _release() -> None:
    with contextlib.suppress(RuntimeError):  # the wait was in vain
        _in_use.release()


def _release_in_child() -> None:
    global _in_use, _is_broken  # the state of SQLite in this process
    try:
        _in_use.release()
    except RuntimeError:  # a thread that the child lacks had the file open
        _in_use, _is_broken = threading.RLock(), True


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(
        # A fork must not hang with a slow disk.
        before=lambda: _in_use.acquire(timeout=_MOST_SECONDS),
        after_in_parent=_release,
        after_in_child=_release_in_child,
    )
