"""Types the commands of `usage_reporting` as an admin of a program does."""

import io
from typing import NamedTuple

import pytest

from paperless_report.__main__ import main
from tests.report.counting_program import PATH


class Done(NamedTuple):
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


class Program:
    """Runs commands in this process, each as if a process were started for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.path = PATH

    def __call__(
        self, *arguments: str, stdin: str = "", in_terminal: bool = False
    ) -> Done:
        streams = {name: io.StringIO() for name in ("stdout", "stderr")}
        stream = io.StringIO(stdin)
        for it in (stream, *streams.values()):
            self._monkeypatch.setattr(it, "isatty", lambda: in_terminal)
        with self._monkeypatch.context() as patched:
            patched.setattr("sys.stdin", stream)
            for name, output in streams.items():
                patched.setattr(f"sys.{name}", output)
            try:
                status = main(["--project", self.path, *arguments])
            except SystemExit as ended:  # argparse
                status = int(str(ended.code))
        return Done(status, *(it.getvalue() for it in streams.values()))
