"""Reads the transcript of the demo, as docs/tutorials/whole-path.md shows it."""

import re
import textwrap


def read_transcript(page: str) -> str:
    """Return the transcript that the Markdown *page* has between its markers.

    Raises:
        ValueError: If the page has no transcript.
    """
    found = re.search(
        r"<!-- demo: begin -->\s+```text\n(.*?)```\s+<!-- demo: end -->",
        page,
        re.DOTALL,
    )
    if not found:
        raise ValueError("The page has no text block between the markers of `demo`.")
    return found[1]


def read_step(text: str, title: str) -> str:
    """Return what the step of *text* whose title begins with *title* has shown.

    Raises:
        ValueError: If there is not exactly one such step, or it shows nothing.
    """
    steps = re.findall(
        rf"^\[\d+/\d+\] {re.escape(title)}.*\n((?: +\|.*\n)*)", text, re.MULTILINE
    )
    if len(steps) != 1 or not steps[0]:
        raise ValueError(f"Expected one step {title!r} that shows text.")
    return textwrap.dedent(re.sub(r"^ +\| ?", "", steps[0], flags=re.MULTILINE))
