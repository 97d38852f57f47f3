"""What a terminal gets, and what counts as an answer."""

import io

import pytest
from django.core.management.base import OutputWrapper

from paperless_report import console
from paperless_report.console import Console


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp850", "no-such-encoding"])
def test_a_terminal_without_dashes_gets_hyphens(encoding: str) -> None:
    text = console.encodable("0\N{EN DASH}99 \N{EM DASH} x", encoding)

    assert text == "0-99 - x"


def test_a_path_that_a_terminal_cannot_print_is_escaped() -> None:
    text = console.encodable(
        "d\N{LATIN SMALL LETTER A WITH DIAERESIS}t \N{EN DASH}", "ascii"
    )

    assert text == r"d\xe4t -"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", None])
def test_a_terminal_with_dashes_gets_them(encoding: str | None) -> None:
    assert console.encodable("0\N{EN DASH}99", encoding) == "0\N{EN DASH}99"


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


class Gone(Terminal):
    """A terminal that has been hung up."""

    def write(self, _: str) -> int:
        raise OSError(5, "Input/output error")


def made(stdout: io.StringIO, stderr: io.StringIO) -> Console:
    return Console(OutputWrapper(stdout), OutputWrapper(stderr), talkative=False)


def test_a_paragraph_is_wrapped_at_80_columns() -> None:
    printed = io.StringIO()

    made(printed, io.StringIO()).say("A sentence of some length.", "Another one. " * 9)

    assert max(map(len, printed.getvalue().splitlines())) <= 80
    assert printed.getvalue().count("\n") == 2


def test_only_someone_at_a_terminal_is_asked_for_patience() -> None:
    """And without colour: it is no error."""
    terminal, pipe = Terminal(), io.StringIO()

    for stderr in (terminal, pipe):
        made(io.StringIO(), stderr).ask_for_patience()

    assert terminal.getvalue() == "Still waiting for the reporting endpoint ...\n"
    assert pipe.getvalue() == ""


def test_an_aside_that_nobody_can_hear_is_no_matter() -> None:
    made(io.StringIO(), Gone()).ask_for_patience()


def test_what_is_left_undecided_is_told_as_such() -> None:
    printed = io.StringIO()

    with made(printed, io.StringIO()).unless_interrupted("It may have", "happened."):
        raise KeyboardInterrupt

    assert printed.getvalue() == "\nIt may have happened.\n"
