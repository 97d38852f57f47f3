"""The terminal: the only module that prints and asks (decisions C1, C3)."""

import contextlib
import sys
import textwrap
from collections.abc import Iterable, Iterator

from django.core.management.base import OutputWrapper

from paperless_report import words

_COLUMNS = 80
_YES = ("y", "yes")
# What stands in where a terminal cannot print the dashes.
_PLAIN = str.maketrans({"\N{EN DASH}": "-", "\N{EM DASH}": "-"})


class Console:
    """Standard output, standard error and standard input of one run."""

    def __init__(
        self, stdout: OutputWrapper, stderr: OutputWrapper, *, talkative: bool
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._talkative = talkative

    def show(self, text: str) -> None:
        """Print *text* as it is laid out."""
        self._write(text)

    def say(self, *sentences: object) -> None:
        """Print sentences as one paragraph, wrapped at 80 columns."""
        self._write(_wrapped(sentences))

    def say_more(self, text: str) -> None:
        """Print *text* where `--verbosity 2` asks for it."""
        if self._talkative:
            self.say(text)

    def tell_aside(self, *sentences: object) -> None:
        """Print sentences on standard error, for what must not stand in the output."""
        # One that cannot be written, or is not there at all, is no matter.
        with contextlib.suppress(OSError, AttributeError):
            self._stderr.write(_wrapped(sentences), style_func=str)
            self._stderr.flush()

    def ask_for_patience(self) -> None:
        """Tell someone who waits at a terminal that it goes on; nobody else."""
        with contextlib.suppress(OSError):
            if self._stderr.isatty():
                self.tell_aside(words.WAITING)

    @contextlib.contextmanager
    def unless_interrupted(self, *sentences: object) -> Iterator[None]:
        """Do something that Ctrl-C leaves undecided; say *sentences* then."""
        try:
            yield
        except KeyboardInterrupt:
            self.show("")
            self.say(*sentences)

    def put(self, data: bytes) -> None:
        """Print *data*, which is ASCII, alone; a terminal's line is ended."""
        ending = "\n" if self._stdout.isatty() else ""
        self._stdout.write(data.decode("ascii"), ending=ending)

    def agrees_to(self, question: str) -> bool:
        """Ask; only `y` and `yes` agree."""
        self._write(f"{question} [y/N]: ", ending="")
        # Who could not read what was shown is not asked: a closed pipe fails here.
        self._stdout.flush()
        try:
            answer = input()
        except (EOFError, KeyboardInterrupt, OSError, RuntimeError, ValueError):
            # Closed, interrupted, gone, or no text.
            self._write("")
            return False
        if not sys.stdin.isatty():
            self._write("")  # nobody pressed Enter here
        return answer.strip().lower() in _YES

    def _write(self, text: str, ending: str | None = None) -> None:
        encoding = getattr(self._stdout, "encoding", None)
        self._stdout.write(encodable(text, encoding), ending=ending)


def _wrapped(sentences: Iterable[object]) -> str:
    return textwrap.fill(
        " ".join(map(str, sentences)),
        _COLUMNS,
        break_long_words=False,
        break_on_hyphens=False,
    )


def encodable(text: str, encoding: str | None) -> str:
    """*text*, with plain hyphens and escapes for what *encoding* lacks."""
    try:
        text.encode(encoding or "utf-8")
    except LookupError:
        encoding = "ascii"
    except UnicodeEncodeError:
        pass
    else:
        return text
    # Beside the dashes, only a translation can hold what a terminal lacks.
    plain = text.translate(_PLAIN).encode(encoding or "utf-8", "backslashreplace")
    return plain.decode(encoding or "utf-8")
