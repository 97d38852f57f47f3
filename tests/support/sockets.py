"""Denies sockets, below every library: by CPython's own audit events."""

import contextlib
import sys
from collections.abc import Iterator

_EVENTS = ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.bind")
_denied: list[str] | None = None


def _hook(event: str, _: tuple[object, ...]) -> None:
    if _denied is not None and event in _EVENTS:
        _denied.append(event)
        raise AssertionError(f"{event} where no socket may be opened")


# An audit hook cannot be removed; it does nothing outside `denied`.
sys.addaudithook(_hook)


@contextlib.contextmanager
def denied() -> Iterator[list[str]]:
    """Fail whatever opens a socket; give the list of attempts."""
    global _denied  # noqa: PLW0603  # the hook outlives any object
    attempts: list[str] = []
    _denied = attempts
    try:
        yield attempts
    finally:
        _denied = None
