"""A lazy attribute is computed once, and no fork can leave it locked."""

import threading

from paperless_report.lazy import Lazy
from tests.support.waiting import MOST_SECONDS


class Host:
    def __init__(self) -> None:
        self.calls = 0
        self.enough = threading.Event()

    @Lazy
    def value(self) -> int:
        """Count the calls."""
        self.calls += 1
        if self.calls == 1:
            self.enough.wait(MOST_SECONDS)
        return self.calls


def test_it_is_computed_once() -> None:
    host = Host()
    host.enough.set()

    assert (host.value, host.value, host.calls) == (1, 1, 1)


def test_a_thread_that_never_finishes_blocks_no_other_one() -> None:
    host = Host()
    thread = threading.Thread(target=lambda: host.value)
    thread.start()
    while not host.calls:
        pass

    assert host.value == 2

    host.enough.set()
    thread.join()
