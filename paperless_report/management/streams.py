"""Gives the streams of a Django command to the modules without Django."""

import sys
from collections.abc import Mapping

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from paperless_report.terminal.console import Console
from paperless_report.translate import gettext as _


class _PlainStream:
    """A stream of a Django command, without a style or a line break of its own."""

    def __init__(self, wrapper: OutputWrapper) -> None:
        self._wrapper = wrapper
        self.flush = wrapper.flush
        self.isatty = wrapper.isatty

    def write(self, text: str, /) -> object:
        """Write *text* as it is."""
        return self._wrapper.write(text, style_func=str, ending="")


def make_console(
    command: BaseCommand, options: Mapping[str, object], *, verbose: bool
) -> Console:
    """Return the console of *command*, which runs with *options*.

    Raises:
        CommandError: If standard output is closed.
    """
    if sys.stdout is None and options.get("stdout") is None:
        raise CommandError(_("Standard output is closed."))
    return Console(
        _PlainStream(command.stdout),
        _PlainStream(command.stderr),
        # Ask the stream itself: the wrapper of Django 4.2 hides its encoding.
        encoding=getattr(options.get("stdout") or sys.stdout, "encoding", None),
        verbose=verbose,
    )
