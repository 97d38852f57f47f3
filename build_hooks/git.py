"""Asks git about tags, tracked files and settings. `git_head` reads the facts of a build."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from build_hooks.errors import NoGitFactsError
from build_hooks.git_process import GitProcess, find_top

_TRACKED = ("ls-files", "-z", "--cached")


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


def find_tag_commit(folder: Path, tag: str, environ: Mapping[str, str]) -> str | None:
    """Return the commit of *tag* in the repository of *folder*; None if unknown."""
    name = f"refs/tags/{tag}^{{commit}}"
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    try:
        return _run(folder, environ, *arguments).strip()
    except NoGitFactsError:
        return None


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
