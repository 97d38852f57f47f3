"""What a terminal gets, and what counts as an answer."""

import io

import pytest

from paperless_report.terminal.console import Console, make_encodable

DASHES = "0\N{EN DASH}99 \N{EM DASH} x"


@pytest.mark.parametrize(
    ("encoding", "text", "printed"),
    [
        ("ascii", DASHES, "0-99 - x"),
        ("latin-1", DASHES, "0-99 - x"),
        ("cp850", DASHES, "0-99 - x"),
        ("no-such-encoding", DASHES, "0-99 - x"),
        ("ascii", "d\N{LATIN SMALL LETTER A WITH DIAERESIS}t", r"d\xe4t"),
        ("utf-8", DASHES, DASHES),
        ("UTF8", DASHES, DASHES),
        (None, DASHES, DASHES),
    ],
)
def test_text_that_an_encoding_lacks_is_replaced(
    encoding: str | None, text: str, printed: str
) -> None:
    assert make_encodable(text, encoding) == printed


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


class ClosedTerminal(Terminal):
    """A terminal that was hung up."""

    def write(self, _: str) -> int:
        raise OSError(5, "Input/output error")


def make_console(stdout: io.StringIO, stderr: io.StringIO) -> Console:
    return Console(stdout, stderr, encoding="utf-8", verbose=False)


def test_a_paragraph_is_wrapped_at_80_columns() -> None:
    printed = io.StringIO()

    make_console(printed, io.StringIO()).print_paragraph(
        "A sentence of some length.", "Another one. " * 9
    )

    assert max(map(len, printed.getvalue().splitlines())) <= 80
    assert printed.getvalue().count("\n") == 2


def test_only_a_terminal_is_warned_of_a_delay_and_without_colour() -> None:
    terminal, pipe = Terminal(), io.StringIO()

    for stderr in (terminal, pipe):
        make_console(io.StringIO(), stderr).warn_of_slow_endpoint()

    assert terminal.getvalue() == "Still waiting for the reporting endpoint ...\n"
    assert pipe.getvalue() == ""


def test_a_warning_that_cannot_be_printed_is_ignored() -> None:
    make_console(io.StringIO(), ClosedTerminal()).warn_of_slow_endpoint()


def test_an_interrupt_is_explained() -> None:
    printed = io.StringIO()

    with make_console(printed, io.StringIO()).explain_interrupt("It may", "be done."):
        raise KeyboardInterrupt

    assert printed.getvalue() == "\nIt may be done.\n"
