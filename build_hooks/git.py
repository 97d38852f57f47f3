"""Asks git about tags, tracked files and settings. `git_head` reads the facts of a build."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from build_hooks import git_output
from build_hooks.errors import NoGitFactsError
from build_hooks.git_process import GitProcess, find_top

_ANCESTORS = (
    *("log", "--simplify-by-decoration", "--format=%H%x00%D", "--encoding=UTF-8"),
    *("--no-color", "--decorate=full", "--decorate-refs=refs/tags/", "--no-follow"),
)
_BRANCHES = ("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes")
_TRACKED = ("ls-files", "-z", "--cached")
_UNTRACKED = ("ls-files", "-z", "--others")


def is_tracked(root: Path, package: PurePosixPath, environ: Mapping[str, str]) -> bool:
    """Whether git tracks any file of *package*.

    Raises:
        NoGitFactsError: If there is a repository that git cannot read.
    """
    folder = (root / package).resolve()
    if find_top(folder) is None:
        return False
    return _run(folder, environ, *_TRACKED, "--", ".") != ""


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
    tracked = _run(root, environ, *_TRACKED).split("\0")
    left_out = {""}
    if excluded:
        patterns = (f"--exclude={pattern}" for pattern in excluded)
        ignored = _run(root, environ, *_TRACKED, "--ignored", *patterns)
        left_out |= set(ignored.split("\0"))
    return [name for name in tracked if name not in left_out]


def list_untracked_files(
    root: Path, environ: Mapping[str, str], *, ignored: bool
) -> list[str]:
    """List the files below *root* that git does not track.

    Args:
        root: The project's root. The paths are relative to it.
        environ: The environment.
        ignored: Whether files that a .gitignore in the tree ignores are listed, too.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    rules = () if ignored else ("--exclude-per-directory=.gitignore",)
    return [it for it in _run(root, environ, *_UNTRACKED, *rules).split("\0") if it]


def list_changed_files(root: Path, environ: Mapping[str, str]) -> list[str]:
    """List the files below *root* that differ from HEAD, relative to it.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    folder = root.resolve()
    top = find_top(folder) or folder
    status = git_output.parse_status(_run(root, environ, *git_output.STATUS, "--", "."))
    return [Path(os.path.relpath(top / path, folder)).as_posix() for _, path in status]


def find_tag_commit(folder: Path, tag: str, environ: Mapping[str, str]) -> str | None:
    """Return the commit of *tag* in the repository of *folder*; None if unknown.

    Raises:
        NoGitFactsError: If there is no repository, or git refuses to read it.
    """
    name = f"refs/tags/{tag}^{{commit}}"
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    asked = GitProcess(folder.resolve(), environ, *words)
    if asked.wait():
        return asked.read().strip()
    if asked.is_silent:
        return None
    raise NoGitFactsError(asked.describe_failure())


def list_tagged_ancestors(
    root: Path, environ: Mapping[str, str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the commits up to HEAD that have tags, the newest first, with these tags.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    lines = (it.partition("\0") for it in _run(root, environ, *_ANCESTORS).splitlines())
    return [
        (commit, git_output.parse_decoration(decoration))
        for commit, _, decoration in lines
        if decoration
    ]


def count_commits(root: Path, since: str, environ: Mapping[str, str]) -> int:
    """Return the number of commits after *since*, up to HEAD.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    return int(_run(root, environ, "rev-list", "--count", f"{since}..HEAD"))


def list_branches(folder: Path, environ: Mapping[str, str]) -> set[str]:
    """Return the names of all branches, on remotes too, and of one without a commit.

    Raises:
        NoGitFactsError: If git does not answer.
    """
    refs = _run(folder, environ, *_BRANCHES).splitlines()
    names = {ref.split("/", 2)[2] for ref in refs if ref.startswith("refs/heads/")}
    names |= {ref.split("/", 3)[3] for ref in refs if ref.startswith("refs/remotes/")}
    head = GitProcess(folder.resolve(), environ, "symbolic-ref", "--quiet", "HEAD")
    if head.wait():
        names.add(head.read().strip().removeprefix("refs/heads/"))
    return names


def has_commit(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether HEAD is a commit: a new repository has none.

    Raises:
        NoGitFactsError: If there is no repository.
    """
    words = ("rev-parse", "--verify", "--quiet", "HEAD")
    return GitProcess(folder.resolve(), environ, *words).wait()


def read_settings(
    folder: Path, environ: Mapping[str, str], section: str
) -> dict[str, str]:
    """Read the settings of a *section* with subsections, such as "remote".

    Returns:
        Values by name, "remote.origin.url". If a name repeats, the last value.
    """
    process = GitProcess(
        folder, environ, "config", "-z", "--get-regexp", rf"^{section}\."
    )
    if not process.wait():  # it fails if there are none
        return {}
    settings = (entry.partition("\n") for entry in process.read().split("\0"))
    return {name: value for name, _, value in settings if name}


def _run(folder: Path, environ: Mapping[str, str], *arguments: str) -> str:
    return GitProcess(folder.resolve(), environ, *arguments).read()
