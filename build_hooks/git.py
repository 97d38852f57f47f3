"""Facts from git: the only module that runs it.

Three processes run at once: HEAD with its tags, what has changed, and whether the
project is tracked at all. The parse of what they print is pure.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_GIT = (
    "git",
    "--no-optional-locks",  # a plain status rewrites .git/index
    "-c", "core.fsmonitor=false",  # a program of the repository's own choice
    "-c", "log.showSignature=false",  # would print into the parsed lines
)  # fmt: skip
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",  # a folder's name may look like a pattern
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone answers from what it has
    "GIT_NO_REPLACE_OBJECTS": "1",  # the commit itself, not a stand-in
    "GIT_TERMINAL_PROMPT": "0",
}
# NUL cannot be in a ref's name; %D separates tags by ", ", and they hold no space.
_LOG = ("log", "-1", "--decorate=full", "--decorate-refs=refs/tags/", "--no-color")
_FORMAT = "--format=%H%x00%ct%x00%D"
_STATUS = ("status", "--porcelain=v2", "-z", "--untracked-files=normal", "--no-renames")
_TRACKED = ("ls-files", "-z", "--cached")
_DELETED = ("D.", ".D")
# Fields before the path, by the kind of a status entry.
_FIELDS = {"1": 7, "u": 9, "?": 0}


class GitFacts(NamedTuple):
    """HEAD as git sees it.

    Attributes:
        commit: The full SHA.
        committed: Committer time, in seconds since 1970.
        tags: The tags exactly at HEAD, in no order that means anything.
        changed: What makes the tree dirty (decision B3), relative to the top of the
            repository.
        shallow: Whether the clone has only the end of its history.
    """

    commit: str
    committed: int
    tags: tuple[str, ...]
    changed: tuple[str, ...]
    shallow: bool


class NoGitFactsError(Exception):
    """Why git has nothing to say about a tree; `str()` of it is a clause."""


def read(root: Path, package: PurePosixPath, environ: Mapping[str, str]) -> GitFacts:
    """Ask git about the project at *root*.

    Raises:
        NoGitFactsError: If there is no git, no repository, no commit, or the
            project only lies inside somebody else's repository.
    """
    root = root.resolve()
    log, status, tracked = _run(
        root,
        environ,
        (*_LOG, _FORMAT),
        (*_STATUS, "--", "."),
        (*_TRACKED, "--", str(package)),
    )
    if not tracked:
        raise NoGitFactsError(f"git does not track {package} in {root}")
    commit, committed, decoration = log.rstrip("\n").split("\0")
    return GitFacts(
        commit,
        int(committed),
        parse_decoration(decoration),
        parse_status(status, _prefix(root) / package),
        _is_shallow(root),
    )


def tracks(root: Path, package: PurePosixPath, environ: Mapping[str, str]) -> bool:
    """Whether git tracks anything of *package*.

    Raises:
        NoGitFactsError: If there is a repository, and git cannot tell.
    """
    root = root.resolve()
    if not (_top(root) / ".git").exists():
        return False
    (tracked,) = _run(root, environ, (*_TRACKED, "--", str(package)))
    return bool(tracked)


def commit_of_tag(folder: Path, tag: str, environ: Mapping[str, str]) -> str | None:
    """The commit that *tag* is at in the repository of *folder*; None if unknown."""
    try:
        (printed,) = _run(
            folder.resolve(),
            environ,
            (
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"refs/tags/{tag}^{{commit}}",
            ),
        )
    except NoGitFactsError:
        return None
    return printed.strip()


def parse_decoration(decoration: str) -> tuple[str, ...]:
    """Tag names from git's full `%D`: "tag: refs/tags/v1, tag: refs/tags/v2"."""
    prefix = "tag: refs/tags/"
    return tuple(
        ref.removeprefix(prefix)
        for ref in decoration.split(", ")
        if ref.startswith(prefix)
    )


def parse_status(status: str, package: PurePosixPath) -> tuple[str, ...]:
    """Paths that make a tree dirty, from `status --porcelain=v2 -z --no-renames`.

    Deletions outside *package* do not count (`.dockerignore` makes those), nor does
    what is untracked there.
    """
    changed = []
    for entry in status.split("\0"):
        # "1 XY sub mH mI mW hH hI path"; unmerged ("u") has two fields more;
        # "? path" is untracked; "# ..." is a header, as status.showStash adds.
        kind, _, rest = entry.partition(" ")
        if kind not in _FIELDS:
            continue
        path = rest.split(" ", _FIELDS[kind])[-1]
        outside = not PurePosixPath(path).is_relative_to(package)
        if outside and (kind == "?" or rest[:2] in _DELETED):
            continue
        changed.append(f"{path} (untracked)" if kind == "?" else path)
    return tuple(changed)


def _top(root: Path) -> Path:
    """The top of the work tree that *root* lies in, found as git finds it."""
    folders = (root, *root.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), root)


def _prefix(root: Path) -> PurePosixPath:
    return PurePosixPath(root.relative_to(_top(root)).as_posix())


def _is_shallow(root: Path) -> bool:
    """Whether history is cut off, without a process more (gitrepository-layout)."""
    top = _top(root)
    folder = top / ".git"
    if folder.is_file():  # a worktree or a submodule
        folder = top / folder.read_text(encoding="utf-8").partition(": ")[2].strip()
        if (folder / "commondir").is_file():
            folder /= (folder / "commondir").read_text(encoding="utf-8").strip()
    return (folder / "shallow").exists()


def _run(
    root: Path, environ: Mapping[str, str], *commands: tuple[str, ...]
) -> list[str]:
    """Run git's *commands* in *root* at once and give what each printed."""
    # The caller's GIT_DIR, GIT_TRACE and the like speak of another repository.
    clean = {key: value for key, value in environ.items() if not key.startswith("GIT_")}
    clean |= _ENVIRONMENT
    try:
        # CI checks out as another user than it builds; this tree's own backend is
        # about to run as the caller anyway.
        trust = ("-c", f"safe.directory={_top(root)}")
        processes = [
            subprocess.Popen(  # noqa: S603  # fixed words and the project's own path
                (*_GIT, *trust, *command),
                cwd=root,
                env=clean,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for command in commands
        ]
    except FileNotFoundError as error:
        raise NoGitFactsError("there is no git on this machine") from error
    except OSError as error:
        raise NoGitFactsError(f"git cannot be run: {error.strerror}") from error
    # Each is read to its end before any is judged, so that none is left behind.
    outputs = [process.communicate() for process in processes]
    for process, (_, complaint) in zip(processes, outputs, strict=True):
        if process.returncode:
            lines = os.fsdecode(complaint).strip().splitlines() or ["no reason given"]
            raise NoGitFactsError(f"git says: {lines[0].removeprefix('fatal: ')}")
    return [os.fsdecode(output) for output, _ in outputs]
