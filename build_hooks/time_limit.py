"""Stops a project's own `tag-pattern` that would match, or compile, nearly without end."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from build_hooks import tags
from build_hooks.errors import ConfigurationError

_SECONDS = 2  # other patterns take microseconds


@contextlib.contextmanager
def limit_time(pattern: object) -> Iterator[None]:
    """Stop the code in this context after two seconds, unless *pattern* is the default.

    Python's regular expressions check for signals while they match. A child process could
    be stopped too, but would cost every build with a pattern of its own 20 ms. Outside the
    main thread, which alone gets signals, there is no limit; hatchling builds in it.

    Args:
        pattern: The key `tag-pattern`, not checked yet, or None.

    Raises:
        ConfigurationError: If the time is up.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if pattern in (None, tags.DEFAULT_PATTERN) or not is_main:
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise ConfigurationError(
            f"tag-pattern in the hook's table takes too long: {pattern!r}. Repeat nothing "
            "in it that itself repeats, as in (v+)+."
        )

    previous = signal.signal(signal.SIGALRM, stop)
    timer = signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, previous)
