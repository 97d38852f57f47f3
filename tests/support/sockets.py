"""Denies or watches sockets, below every library: by CPython's own audit events."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

_EVENTS = (
    *("socket.__new__", "socket.connect", "socket.bind", "socket.sendto"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
)
_heard: Callable[[str, tuple[Any, ...]], None] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _heard is not None and event in _EVENTS:
        _heard(event, arguments)


# An audit hook cannot be removed; it does nothing outside the two below.
sys.addaudithook(_hook)


@contextlib.contextmanager
def denied() -> Iterator[list[str]]:
    """Fail whatever opens a socket; give the list of attempts."""
    attempts: list[str] = []

    def deny(event: str, _: tuple[Any, ...]) -> None:
        attempts.append(event)
        raise AssertionError(f"{event} where no socket may be opened")

    with _hearing(deny):
        yield attempts


@contextlib.contextmanager
def watched() -> Iterator[list[object]]:
    """Give the list of addresses that are connected to."""
    addresses: list[object] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            addresses.append(arguments[1])

    with _hearing(watch):
        yield addresses


@contextlib.contextmanager
def _hearing(heard: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    global _heard  # noqa: PLW0603  # the hook outlives any object
    _heard = heard
    try:
        yield
    finally:
        _heard = None
