"""Facts from `git archive`: an expanded `.git_archival.txt`."""

import re
from pathlib import Path

from build_hooks import dates
from build_hooks.stamp import Facts

FILE = ".git_archival.txt"
_NODE = r"[0-9a-f]{40}|[0-9a-f]{64}"


def read(root: Path) -> Facts | None:
    """The commit and date that *root*'s file names; None if it has no expanded one.

    Never a tag: what git expands `describe` and `%D` to changes with tags that
    come later, so that an archived beta would turn stable (decision B3).
    """
    try:
        text = (root / FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = (line.partition(":") for line in text.splitlines())
    values = {key.strip(): value.strip() for key, _, value in lines}
    node = values.get("node", "")
    if not re.fullmatch(_NODE, node):
        return None
    date = dates.from_iso(values.get("node-date", ""))
    return Facts("git-archive", node, date)
