"""Parts of a page that a session writes: between `<!-- NAME: begin -->` and its end."""

import re
from pathlib import Path


def put(page: str, name: str, part: str) -> str:
    """*page*, in Markdown, with *part* between the marks of *name*.

    Raises:
        ValueError: If the page has no such marks.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    whole = f"{begin}\n\n{part.strip()}\n\n{end}"
    written, count = re.subn(pattern, lambda _: whole, page, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"The page has not one part {begin} ... {end}.")
    return written


def write(path: Path, name: str, part: str) -> None:
    """The same, of the page at *path*."""
    text = put(path.read_text(encoding="utf-8"), name, part)
    path.write_text(text, encoding="utf-8")
