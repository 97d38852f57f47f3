"""Compares files with the commit where git's filters could hide a change.

Attributes such as `filter`, `ident` and `eol`, and the setting `core.autocrlf`, make git
compare a file only after it is converted. So a tree is also checked byte for byte against
what git would check out (decision B3).
"""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_hooks.errors import NoGitFactsError
from build_hooks.git_output import STAGES, parse_stages
from build_hooks.git_process import GitProcess
from build_hooks.project_files import has_file, read_file

# Settings that convert files, or name a file of attributes.
SETTINGS = ("core.autocrlf", "core.attributesFile")
_CONVERTS = re.compile(rb"filter|ident|text|eol|crlf|encoding")
_SYSTEM = "/etc/gitattributes"
_MOST_ARGUMENTS = 500
_SHA256_DIGITS = 64


def has_conversions(top: Path, folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether attributes may convert files of *folder*; `SETTINGS` are not considered.

    Args:
        top: The top of the work tree.
        folder: A folder in it, or the top.
        environ: The caller's environment.

    Raises:
        ProjectFileError: If a file that git reads there is not a regular file.
    """
    settings = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME')}/.config"
    if os.path.exists(f"{settings}/git/attributes") or os.path.exists(_SYSTEM):  # noqa: PTH110  # fast
        return True
    places = [str(folder)]  # strings are five times as fast as paths
    while places[-1] not in (str(top), os.sep):
        places.append(os.path.dirname(places[-1]))  # noqa: PTH120  # see above
    for place in places:
        has_file(f"{place}/.gitignore")  # git would wait for a FIFO
    files = (
        f"{_find_common_folder(top)}/info/attributes",
        *(f"{place}/.gitattributes" for place in places),
    )
    return any(_CONVERTS.search(read_file(file) or b"") for file in files)


def find_hidden_changes(
    top: Path, places: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Return the tracked files that are not what git would check out.

    Args:
        top: The top of the work tree.
        places: The folders and files to look at, relative to the top, as are the results.
        environ: The caller's environment.

    Raises:
        NoGitFactsError: If git cannot convert a file.
    """
    import filecmp  # noqa: PLC0415  # few trees need it
    import tempfile  # noqa: PLC0415  # the same

    listed = GitProcess(top, environ, *STAGES, "--", *places)
    differing = [
        path
        for path, content in parse_stages(listed.read())
        if _hash_file(top / path, content) not in (None, content)
    ]
    with tempfile.TemporaryDirectory(prefix="build-stamp-") as name:
        for start in range(0, len(differing), _MOST_ARGUMENTS):
            paths = differing[start : start + _MOST_ARGUMENTS]
            words = ("checkout-index", f"--prefix={name}/", "--", *paths)
            done = GitProcess(top, environ, *words)
            if not done.wait() and "skip-worktree" not in (done.complaint or ""):
                raise NoGitFactsError(done.describe_failure())
        # Git checks out nothing in the place of a file that is marked skip-worktree.
        _, changed, missing = filecmp.cmpfiles(top, name, differing, shallow=False)
    return [*changed, *missing]


def _find_common_folder(top: Path) -> str:
    """Return the repository's folder, which its work trees share."""
    git = f"{top}/.git"
    if os.path.isdir(git):  # noqa: PTH112  # fast
        return git
    text = os.fsdecode(read_file(git) or b"")
    folder = top / text.removeprefix("gitdir:").strip()
    common = os.fsdecode(read_file(folder / "commondir") or b"").strip()
    return str(folder / common)


def _hash_file(path: Path, like: str) -> str | None:
    """Hash a file as git hashes it without filters; None if it is not a regular file.

    Args:
        path: The file.
        like: A hash of the repository, whose length tells the algorithm.
    """
    import hashlib  # noqa: PLC0415  # few trees need it

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        digest = hashlib.new("sha256" if len(like) == _SHA256_DIGITS else "sha1")
        digest.update(b"blob %d\0" % status.st_size)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
