"""Reads facts from a `git archive`: an expanded `.git_archival.txt`."""

import re
from pathlib import Path

from build_hooks import dates
from build_hooks.project_files import has_file, read_file
from build_hooks.stamp import Facts

FILE = ".git_archival.txt"
_NODE = r"[0-9a-f]{40}|[0-9a-f]{64}"


def read_facts(root: Path) -> Facts | None:
    """Return the commit and date in *root*'s file; None if it has no expanded one.

    The file's tags are not used: `describe` and `%D` expand differently after a new tag,
    so an archived beta would turn stable (decision B3).

    Raises:
        ProjectFileError: If the file cannot be read.
    """
    content = read_file(root / FILE) or b""
    lines = (it.partition(":") for it in content.decode(errors="replace").splitlines())
    values = {key.strip(): value.strip() for key, _, value in lines}
    node = values.get("node", "")
    if not re.fullmatch(_NODE, node):
        return None
    return Facts("git-archive", node, dates.normalize(values.get("node-date", "")))


def find_facts(root: Path) -> Facts | None:
    """Return the facts in the nearest expanded file above *root*: a monorepo's archive.

    An sdist is not part of an archive, and a repository is the end of one.

    Raises:
        ProjectFileError: If a file cannot be read.
    """
    if has_file(root / "PKG-INFO") or (root / ".git").exists():
        return None
    for folder in root.resolve().parents:
        if facts := read_facts(folder):
            return facts
        if (folder / ".git").exists():
            break
    return None
