"""Denies or watches sockets below every library, through CPython's audit events."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

_EVENTS = (
    *("socket.__new__", "socket.connect", "socket.bind", "socket.sendto"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
)
_listeners: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS:
        for listen in _listeners:
            listen(event, arguments)


# An audit hook cannot be removed; without a listener it does nothing.
sys.addaudithook(_hook)


@contextlib.contextmanager
def denied() -> Iterator[list[str]]:
    """Make every use of a socket fail; yield the list of attempts."""
    attempts: list[str] = []

    def deny(event: str, _: tuple[Any, ...]) -> None:
        attempts.append(event)
        raise AssertionError(f"{event} where no socket may be opened")

    with _listening(deny):
        yield attempts


@contextlib.contextmanager
def watched() -> Iterator[list[object]]:
    """Yield the list of the addresses of all connections."""
    addresses: list[object] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            addresses.append(arguments[1])

    with _listening(watch):
        yield addresses


@contextlib.contextmanager
def _listening(listen: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    _listeners.append(listen)
    try:
        yield
    finally:
        _listeners.remove(listen)
