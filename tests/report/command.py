"""Runs the command as a test's admin would type it."""

import io

import pytest
from django.core.management import call_command


class Run:
    """Runs a command with a standard input; returns what it printed."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, name: str = "send_usage_report"
    ) -> None:
        self._monkeypatch = monkeypatch
        self._name = name

    def __call__(self, *arguments: str, stdin: object = "", **options: object) -> str:
        stream = io.StringIO(stdin) if isinstance(stdin, str) else stdin
        self._monkeypatch.setattr("sys.stdin", stream)
        printed = io.StringIO()
        call_command(self._name, *arguments, stdout=printed, **options)
        return printed.getvalue()


def after_preview(printed: str) -> str:
    """Return what was printed after the preview."""
    return printed.partition("usage-reporting/\n\n")[2]
