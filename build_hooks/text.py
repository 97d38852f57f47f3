"""Checks and escapes text that somebody else wrote: names, paths and tags. Pure."""

import re

# Printable for Python, but invisible: Unicode's Default_Ignorable_Code_Point, without
# format characters, and the blank Braille pattern.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# GitHub's runner takes these for commands, in all that a step prints: `::` at the start
# of a line, `##[` anywhere (actions/runner, ActionCommand.cs). Azure has `##vso[`.
_COMMAND = re.compile(r"^\s*:(?=:)|##(?=\w*\[)")


def escape(line: str) -> str:
    """Escape what must not reach a terminal or a log, so that it shows in one line.

    These are control characters, line breaks among them, characters that are invisible or
    turn text around, and the commands of a CI system.
    """
    visible = "".join(
        it
        if it.isprintable() and not _INVISIBLE.match(it)
        else it.encode("unicode_escape", "backslashreplace").decode("ascii")
        for it in line
    )
    return _COMMAND.sub(
        lambda match: f"{match[0][:-1]}\\x{ord(match[0][-1]):x}", visible
    )


def as_clause(message: object) -> str:
    """Return what other code says, as a clause of a sentence.

    Such a message often has a period at its end, or a colon before further lines.

    Args:
        message: An exception, or a text.
    """
    if isinstance(message, OSError):
        message = message.strerror or message
    first = next(iter(str(message).strip().splitlines()), "").rstrip(" .:;,!")
    if first or not isinstance(message, BaseException):
        return first or "no reason given"
    return type(message).__name__


def is_word(text: str) -> bool:
    """Whether *text* has no white space and nothing to escape.

    Then it neither ends a line of a file for programs nor an argument of a command.
    """
    return " " not in text and escape(text) == text
