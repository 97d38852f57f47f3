"""Parts of a file that a session writes, between two marks."""

import re
from pathlib import Path


def between(text: str, begin: str, end: str, part: str) -> str:
    """*text* with *part* between the marks *begin* and *end*.

    Raises:
        ValueError: If it has not one such place.
    """
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    whole = f"{begin}{part}{end}"
    written, count = re.subn(pattern, lambda _: whole, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"Not once, but {count} times: {begin} ... {end}")
    return written


def put(page: str, name: str, part: str) -> str:
    """*page*, in Markdown, with *part* between its marks `<!-- NAME: begin -->` and end.

    Raises:
        ValueError: If it has not one such place.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    return between(page, begin, end, f"\n\n{part.strip()}\n\n")


def write(path: Path, name: str, part: str) -> None:
    """The same, of the page at *path*."""
    text = put(path.read_text(encoding="utf-8"), name, part)
    path.write_text(text, encoding="utf-8")
