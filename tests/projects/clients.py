"""What the tests of the clients in Python have in common."""

import io
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest

from paperless_report.__main__ import main
from tests.support.endpoint import Arrived

# Variables of this machine that would change what a client sends, or where to.
VARIABLES = (
    *("CI", "DO_NOT_TRACK"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)


class Done(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def run_command(monkeypatch: pytest.MonkeyPatch, project: str, *arguments: str) -> Done:
    """Run `python -m paperless_report` for *project* in this process."""
    streams = {name: io.StringIO() for name in ("stdout", "stderr")}
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdin", io.StringIO())
        for name, stream in streams.items():
            patched.setattr(f"sys.{name}", stream)
        status = main(["--project", project, *arguments])
    return Done(status, *(it.getvalue() for it in streams.values()))


def wait_for(is_done: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until *is_done*."""
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.01)


def list_differing_headers(recorded: bytes, sent: Arrived) -> set[str]:
    """Return the names of the headers that a recorded request and *sent* differ in.

    The host, the length and the connection follow from where and what is sent.
    """
    head = recorded.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    theirs = _normalize(line.split(": ", 1) for line in head)
    ours = _normalize(sent.headers.items())
    return {
        name
        for name in {*theirs, *ours} - {"host", "content-length", "connection"}
        if theirs.get(name) != ours.get(name)
    }


def _normalize(headers: Iterable[Iterable[str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
