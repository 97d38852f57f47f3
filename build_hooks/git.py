"""Reads facts from git.

Three processes run at once: one for HEAD and its tags, one for the changes, one for
whether git tracks the package at all. `cut_git`, which uses GitPython, is the only other
module that runs git.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from build_hooks.errors import NoGitFactsError

_GIT = (
    "git",
    "--no-optional-locks",  # a plain status rewrites .git/index
    "-c", "core.fsmonitor=false",  # runs a program that the repository names
    "-c", "log.showSignature=false",  # prints into the lines we parse
)  # fmt: skip
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",  # a folder's name may look like a pattern
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone uses what it has
    "GIT_NO_REPLACE_OBJECTS": "1",  # HEAD itself, not its replacement
    "GIT_TERMINAL_PROMPT": "0",
}
# A ref's name cannot contain NUL. %D separates tags by ", ", and tags have no spaces.
_LOG = ("log", "-1", "--decorate=full", "--decorate-refs=refs/tags/", "--no-color")
_FORMAT = "--format=%H%x00%ct%x00%D"
_STATUS = ("status", "--porcelain=v2", "-z", "--untracked-files=normal", "--no-renames")
_TRACKED = ("ls-files", "-z", "--cached")
_DELETED = ("D.", ".D")
# The number of fields before the path, by kind of status entry.
_FIELDS = {"1": 7, "u": 9, "?": 0}


class GitFacts(NamedTuple):
    """HEAD as git sees it.

    Attributes:
        commit: The full SHA.
        committed: Committer time, in seconds since 1970.
        tags: The tags exactly at HEAD, in no particular order.
        changed: The paths that make the tree dirty (decision B3), relative to the top
            of the repository.
        shallow: Whether this is a shallow clone.
    """

    commit: str
    committed: int
    tags: tuple[str, ...]
    changed: tuple[str, ...]
    shallow: bool


def read_head(
    root: Path, package: PurePosixPath, environ: Mapping[str, str]
) -> GitFacts:
    """Read the facts about the project at *root*.

    Raises:
        NoGitFactsError: If there is no git, no repository or no commit, or the project
            only lies inside another project's repository.
    """
    root = root.resolve()
    log, status, tracked = _run_git(
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
        parse_status(status, PurePosixPath(root.relative_to(_find_top(root)), package)),
        _is_shallow(root),
    )


def is_tracked(root: Path, package: PurePosixPath, environ: Mapping[str, str]) -> bool:
    """Whether git tracks any file of *package*.

    Raises:
        NoGitFactsError: If there is a repository that git cannot read.
    """
    root = root.resolve()
    if not (_find_top(root) / ".git").exists():
        return False
    (tracked,) = _run_git(root, environ, (*_TRACKED, "--", str(package)))
    return bool(tracked)


def list_tracked_files(
    root: Path, excluded: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """List the tracked files below *root*, without those that *excluded* matches.

    Args:
        root: The project's root. The paths are relative to it.
        excluded: Patterns, as in .gitignore.
        environ: The environment.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    commands: list[tuple[str, ...]] = [_TRACKED]
    if excluded:
        patterns = (f"--exclude={pattern}" for pattern in excluded)
        commands.append((*_TRACKED, "--ignored", *patterns))
    tracked, *ignored = _run_git(root.resolve(), environ, *commands)
    left_out = {name for output in ignored for name in output.split("\0")}
    return [name for name in tracked.split("\0") if name and name not in left_out]


def find_tag_commit(folder: Path, tag: str, environ: Mapping[str, str]) -> str | None:
    """Return the commit of *tag* in the repository of *folder*; None if unknown."""
    try:
        (printed,) = _run_git(
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
    """Parse the tag names of git's full `%D`: "tag: refs/tags/v1, tag: refs/tags/v2"."""
    prefix = "tag: refs/tags/"
    return tuple(
        ref.removeprefix(prefix)
        for ref in decoration.split(", ")
        if ref.startswith(prefix)
    )


def parse_status(status: str, package: PurePosixPath) -> tuple[str, ...]:
    """Parse `status --porcelain=v2 -z --no-renames`: the paths that make a tree dirty.

    Outside *package*, deleted files (`.dockerignore` makes those) and untracked files
    do not count.
    """
    changed = []
    for entry in status.split("\0"):
        # "1 XY sub mH mI mW hH hI path"; unmerged ("u") has two fields more;
        # "? path" is untracked; "# ..." is a header, which status.showStash adds.
        kind, _, rest = entry.partition(" ")
        if kind not in _FIELDS:
            continue
        path = rest.split(" ", _FIELDS[kind])[-1]
        outside = not PurePosixPath(path).is_relative_to(package)
        if outside and (kind == "?" or rest[:2] in _DELETED):
            continue
        changed.append(f"{path} (untracked)" if kind == "?" else path)
    return tuple(changed)


def _find_top(root: Path) -> Path:
    """Return the top of the work tree that *root* lies in, found as git finds it."""
    folders = (root, *root.parents)
    return next((folder for folder in folders if (folder / ".git").exists()), root)


def _is_shallow(root: Path) -> bool:
    """Whether the clone is shallow, without running git (gitrepository-layout)."""
    top = _find_top(root)
    folder = top / ".git"
    if folder.is_file():  # a worktree or a submodule
        folder = top / folder.read_text(encoding="utf-8").partition(": ")[2].strip()
        if (folder / "commondir").is_file():
            folder /= (folder / "commondir").read_text(encoding="utf-8").strip()
    return (folder / "shallow").exists()


def _run_git(
    root: Path, environ: Mapping[str, str], *commands: tuple[str, ...]
) -> list[str]:
    """Run git's *commands* in *root* at once and return the output of each."""
    # The caller's GIT_DIR, GIT_TRACE and the like are for another repository.
    clean = {key: value for key, value in environ.items() if not key.startswith("GIT_")}
    clean |= _ENVIRONMENT
    try:
        # In CI, the user who builds is often not the one who owns the checkout. The
        # tree's own build backend is about to run as the caller anyway.
        trust = ("-c", f"safe.directory={_find_top(root)}")
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
    # Read each to its end before checking any, so that no process stays behind.
    outputs = [process.communicate() for process in processes]
    for process, (_, complaint) in zip(processes, outputs, strict=True):
        if process.returncode:
            lines = os.fsdecode(complaint).strip().splitlines() or ["no reason given"]
            raise NoGitFactsError(f"git says: {lines[0].removeprefix('fatal: ')}")
    return [os.fsdecode(output) for output, _ in outputs]
