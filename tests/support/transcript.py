"""Reads the transcript of the demo, as docs/tutorials/whole-path.md shows it."""

import re
import textwrap


def read_step(text: str, title: str) -> str:
    """Return what the step of *text* whose title begins with *title* has shown."""
    (_, rest) = re.split(
        rf"^\[\d+/\d+\] {re.escape(title)}.*\n", text, flags=re.MULTILINE
    )
    shown = re.match(r"(?: +\|.*\n)+", rest)
    assert shown, f"The step {title!r} shows nothing."
    return textwrap.dedent(re.sub(r"^ +\| ?", "", shown[0], flags=re.MULTILINE))
