"""Waits for what another thread or process does, on slow machines too."""

import time
from collections.abc import Callable

# Nothing takes as long: it only ends a test that would never end.
MOST_SECONDS = 120


def wait_until(is_done: Callable[[], object], what: Callable[[], str] = str) -> None:
    """Return as soon as *is_done*; fail with the text of *what* if that never happens."""
    end = time.monotonic() + MOST_SECONDS
    while not is_done():
        assert time.monotonic() < end, what()
        time.sleep(0.01)
