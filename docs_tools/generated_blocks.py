"""Replaces the generated block between two markers in a file."""

import re
from pathlib import Path


def replace_between(text: str, begin: str, end: str, block: str) -> str:
    """Return *text* with *block* between the markers *begin* and *end*.

    Raises:
        ValueError: If *text* does not have this pair of markers exactly once.
    """
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    replacement = f"{begin}{block}{end}"
    updated, count = re.subn(pattern, lambda _: replacement, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"Expected {begin} ... {end} exactly once, found it {count}x.")
    return updated


def replace_block(page: str, name: str, block: str) -> str:
    """Return the Markdown *page* with *block* between the markers of *name*.

    The markers are the comments `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Raises:
        ValueError: If *page* does not have this pair of markers exactly once.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    return replace_between(page, begin, end, f"\n\n{block.strip()}\n\n")


def update_file(path: Path, name: str, block: str) -> None:
    """Replace the block *name* in the Markdown file at *path*."""
    text = replace_block(path.read_text(encoding="utf-8"), name, block)
    path.write_text(text, encoding="utf-8")
