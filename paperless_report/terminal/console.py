"""Prints to the terminal and asks questions; no other module does (decisions C1, C3)."""

import contextlib
import json
import os
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Protocol

from paperless_report.words import messages

UNBROKEN_SPACE = "\N{NO-BREAK SPACE}"  # printed as a space

_COLUMNS = 80
_YES = ("y", "yes")
_MOST_ANSWER = 80  # characters: input without a line break may never end
# What replaces the dashes where a terminal cannot print them.
_HYPHENS = str.maketrans({"\N{EN DASH}": "-", "\N{EM DASH}": "-"})


class OutputError(Exception):
    """Standard output cannot be written; *cause* says why."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause)
        self.cause = cause

    @property
    def is_closed_pipe(self) -> bool:
        """Whether the program that reads the output, such as `head`, has ended."""
        return isinstance(self.cause, BrokenPipeError)

    def describe(self) -> str:
        """Write the sentence."""
        return str(messages.OUTPUT_NOT_WRITTEN) % {"why": self.cause.strerror}


class Stream(Protocol):
    """What this module uses of a text stream."""

    def write(self, text: str, /) -> object:
        """Write *text* as it is."""

    def flush(self) -> object:
        """Write what is still buffered."""

    def isatty(self) -> bool:
        """Return whether this is a terminal."""


class Console:
    """Standard output, standard error and standard input of one run.

    What prints raises an OutputError if standard output cannot be written.
    """

    def __init__(
        self,
        stdout: Stream,
        stderr: Stream | None,
        *,
        encoding: str | None,
        verbose: bool,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._encoding = encoding
        self._verbose = verbose

    def print_block(self, text: str) -> None:
        """Print *text* with its own line breaks."""
        self._write(text)

    def print_paragraph(self, *sentences: object) -> None:
        """Print sentences, if there are any, as one paragraph of 80 columns."""
        if sentences:
            self._write(_wrap(sentences))

    def print_list(self, items: Iterable[object]) -> None:
        """Print each item on lines of its own, indented and wrapped at 80 columns."""
        for item in items:
            self._write(_wrap([item], indent="  "))

    def print_json(self, value: object) -> None:
        """Print *value* as JSON for programs."""
        self._print(f"{json.dumps(value, indent=2)}\n")

    @property
    def is_verbose(self) -> bool:
        """Whether `--verbosity` is 2 or more."""
        return self._verbose

    def print_detail(self, text: str) -> None:
        """Print *text* if `--verbosity` is 2 or more."""
        if self._verbose:
            self.print_paragraph(text)

    def print_bytes(self, data: bytes) -> None:
        """Print *data*, which is ASCII; end the line only on a terminal."""
        ending = "\n" if self.shows_on_terminal() else ""
        self._print(data.decode("ascii") + ending)

    def warn(self, *sentences: object) -> None:
        """Print sentences on standard error, so that they do not mix with the output."""
        # A standard error that is closed or broken does not matter.
        with contextlib.suppress(OSError, ValueError):
            if self._stderr is not None:
                self._stderr.write(_end(_wrap(sentences)))
                self._stderr.flush()

    def warn_of_slow_endpoint(self) -> None:
        """Tell someone at a terminal that the request still runs."""
        with contextlib.suppress(OSError, ValueError):
            if self._stderr is not None and self._stderr.isatty():
                self.warn(messages.WAITING_FOR_ENDPOINT)

    def warn_of_slow_database(self) -> None:
        """Say that the database has not answered, also in a log: this has no limit."""
        self.warn(messages.WAITING_FOR_DATABASE)

    def shows_on_terminal(self) -> bool:
        """Return whether someone reads the output, which no file, pipe or log keeps."""
        return self._stdout.isatty()

    def flush(self) -> None:
        """Write what is still buffered."""
        with _catch_output_errors():
            self._stdout.flush()

    @contextlib.contextmanager
    def explain_interrupt(self, *sentences: object) -> Iterator[None]:
        """Run the body; print *sentences* if Ctrl-C interrupts it halfway."""
        try:
            yield
        except KeyboardInterrupt:
            self.print_block("")
            self.print_paragraph(*sentences)

    def confirm(self, question: str) -> bool:
        """Ask *question*; only `y` and `yes` mean yes.

        All commands ask here. The answer is the next line of standard input, typed or
        piped. Without a line, the answer is no.
        """
        # Flush first: a closed pipe fails here, before we ask someone who never saw
        # the preview.
        self.flush()
        _discard_typed_input()
        self._print(self._encode(f"{question} [y/N]: "))
        self.flush()
        try:
            # Not `input()`, which fails if standard error is closed.
            answer = sys.stdin.readline(_MOST_ANSWER)
        except (AttributeError, KeyboardInterrupt, OSError, ValueError):
            # Standard input is closed, interrupted, missing or not text.
            answer = ""
        if not answer.endswith("\n") or not sys.stdin.isatty():
            self._write("")  # nobody pressed Enter
        return answer.strip().lower() in _YES

    def _write(self, text: str) -> None:
        self._print(_end(self._encode(text)))

    def _print(self, text: str) -> None:
        with _catch_output_errors():
            self._stdout.write(text)

    def _encode(self, text: str) -> str:
        return make_encodable(text, self._encoding)


@contextlib.contextmanager
def _catch_output_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error) from error


def _discard_typed_input() -> None:
    """Discard what was typed into a terminal so far: it answers no later question."""
    import termios  # noqa: PLC0415  # absent on Windows, where paperless-ngx does not run

    with contextlib.suppress(AttributeError, OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _end(text: str) -> str:
    """End the last line of *text*, unless it ends already."""
    return text if text.endswith("\n") else f"{text}\n"


def discard_output() -> None:
    """Discard what is still buffered: Python would write it at exit and fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _wrap(sentences: Iterable[object], indent: str = "") -> str:
    text = textwrap.fill(
        " ".join(map(str, sentences)),
        _COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return text.replace(UNBROKEN_SPACE, " ")


def make_encodable(text: str, encoding: str | None) -> str:
    """Replace what *encoding* lacks: dashes by hyphens, the rest by escapes."""
    try:
        text.encode(encoding or "utf-8")
    except LookupError:
        encoding = "ascii"
    except UnicodeEncodeError:
        pass
    else:
        return text
    # Apart from the dashes, only a translation can hold what a terminal lacks.
    plain = text.translate(_HYPHENS).encode(encoding or "utf-8", "backslashreplace")
    return plain.decode(encoding or "utf-8")
