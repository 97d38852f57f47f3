"""Reads the facts about HEAD from git.

Three of git's commands run at once: one for HEAD and its tags, one for tracked files, and
one for the links and the untracked files of the package.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from build_hooks import git, git_attributes, git_output
from build_hooks.errors import NoGitFactsError, StampError
from build_hooks.git_output import LISTING, STATUS, Listing
from build_hooks.git_process import GitProcess, find_top
from build_hooks.values import Value

# A ref's name cannot contain NUL.
_LOG = (
    *("log", "-1", "--format=%H%x00%ct%x00%D", "--encoding=UTF-8", "--no-color"),
    *("--decorate=full", "--decorate-refs=refs/tags/"),
)
# Why a clone may lack the tags of its commit.
MissingTags = Literal["", "shallow", "none", "skipped"]


class GitFacts(Value):
    """HEAD as git sees it.

    Attributes:
        commit: The full SHA.
        committed: Committer time, in seconds since 1970.
        tags: The tags exactly at HEAD, in no particular order.
        changed: The paths that make the tree dirty (decision B3), relative to the top
            of the repository.
        unchecked: Why git could not compare the tree with HEAD, or "".
        missing_tags: Why this clone may lack a tag at HEAD: it is shallow, it has no
            tags at all, or its remotes skip them.
    """

    commit: str
    committed: int
    tags: tuple[str, ...]
    changed: tuple[str, ...]
    unchecked: str = ""
    missing_tags: MissingTags = ""


class HeadReader:
    """Reads the facts about HEAD. Git starts at once, and `read` waits for it.

    Attributes:
        is_generated: Whether this build itself writes a file, whose path is relative to
            the project's root. Such a file makes no tree dirty.
    """

    is_generated: Callable[[str], bool] | None = None

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        """Start git for the project at *root*."""
        self._root, self._environ = Path(os.path.realpath(root)), environ
        self._started: list[GitProcess] = []
        self._failure: NoGitFactsError | StampError | None = None
        self._package: PurePosixPath | None = None
        try:
            self._top = find_top(self._root) or self._root
            self._log = self._start(*_LOG)
            self._status = self._start(
                *STATUS, "--", ".", reported=git_attributes.SETTINGS
            )
        except (NoGitFactsError, StampError) as failure:
            self._failure = failure

    def start_listing(self, package: PurePosixPath) -> None:
        """Start to list the files of *package*, so that `read` waits for less."""
        if self._failure:
            return
        folder = self._root / package
        try:
            # Few packages are behind a symbolic link or in a submodule.
            self._plain = (
                os.path.realpath(folder) == str(folder)
                and find_top(folder) == self._top
            )
            tracked = self._find_tracked(folder, plain=self._plain)
            self._path = os.path.relpath(tracked, self._root)
            self._package = package
            self._listed = self._start(*LISTING, "--", self._path)
        except (NoGitFactsError, StampError) as failure:
            self._failure = failure

    def close(self) -> None:
        """End git, so that no process stays behind."""
        for process in self._started:
            process.stop()

    def read(self, package: PurePosixPath) -> GitFacts:
        """Read the facts about *package*, a folder relative to the project's root.

        Raises:
            NoGitFactsError: If there is no git, no repository or no commit, or the
                project only lies inside another project's repository.
            StampError: If git would wait for something, such as a FIFO.
        """
        if package != self._package:
            self.start_listing(package)
        if self._failure:
            raise self._failure
        folder, path, listed = self._root / package, self._path, self._listed
        converts = git_attributes.has_conversions(self._top, folder, self._environ)
        for process in self._started:
            process.wait()
        commit, committed, decoration = self._log.read().rstrip("\n").split("\0")
        tags = git_output.parse_decoration(decoration)
        if listed.wait():
            listing = git_output.parse_listing(listed.read())
            converts |= listing.converts or self._status.has_reported
        else:
            listing = Listing(bool(self._start("ls-tree", "HEAD", "--", path).read()))
        if not listing.tracked:
            raise NoGitFactsError(f"git does not track {package} in {self._root}")
        changed, unchecked = [], ""
        try:
            listed.read()
            changed = self._find_changes(
                folder, listing if self._plain else None, converts=converts
            )
            if changed and self.is_generated:
                changed = [
                    it for it in changed if not self.is_generated(self._locate(it))
                ]
        except NoGitFactsError as reason:
            unchecked = str(reason)
        return GitFacts(
            commit,
            int(committed),
            tags,
            tuple(changed),
            unchecked,
            "" if tags else _find_missing_tags(self._root, self._environ),
        )

    def _start(self, *arguments: str, reported: Sequence[str] = ()) -> GitProcess:
        process = GitProcess(self._root, self._environ, *arguments, reported=reported)
        self._started.append(process)
        return process

    def _locate(self, change: str) -> str:
        """Return the path of a changed file, relative to the project's root."""
        path = self._top / change.removesuffix(git_output.UNTRACKED)
        return Path(os.path.relpath(path, self._root)).as_posix()

    def _find_tracked(self, folder: Path, *, plain: bool) -> Path:
        """Return the path that git must track, if the project is in its own repository."""
        if plain:
            return folder
        from build_hooks import git_links  # noqa: PLC0415  # few packages need it

        links, target = git_links.resolve_links(folder)
        if links:
            return links[0]
        top = find_top(target)
        return target if top in (None, self._top) else top

    def _find_changes(
        self, folder: Path, listing: Listing | None, *, converts: bool
    ) -> list[str]:
        """Find what differs from HEAD.

        Args:
            folder: The folder of the package.
            listing: The files in it; None if git has yet to look.
            converts: Whether git may convert a file before it compares it.
        """
        root = self._root.relative_to(self._top).as_posix()
        status = git_output.parse_status(self._status.read())
        if converts:
            hidden = git_attributes.find_hidden_changes(
                self._top, [root], self._environ
            )
            status += [(git_output.MODIFIED, path) for path in hidden]
        untracked = listing.untracked if listing else ()
        shipped = [folder.relative_to(self._top).as_posix()] if listing else []
        changed = list(git_output.select_changes(status, untracked, shipped, root))
        if listing is None or listing.leads_elsewhere:
            from build_hooks import git_links  # noqa: PLC0415  # few packages need it

            changed += git_links.find_changes(self._top, folder, listing, self._environ)
        return list(dict.fromkeys(changed))


def start_reading(root: str, package: object) -> HeadReader:
    """Start to read HEAD for a build of the project at *root*.

    Args:
        root: The project's root.
        package: The key `package`, not checked yet, or None.
    """
    reader = HeadReader(Path(root), os.environ)
    if isinstance(package, str) and Path(root, package).is_dir():
        reader.start_listing(PurePosixPath(package))
    return reader


def read_head(
    root: Path, package: PurePosixPath, environ: Mapping[str, str]
) -> GitFacts:
    """Read the facts about the project at *root*.

    Raises:
        NoGitFactsError: If there is no git, no repository or no commit, or the project
            only lies inside another project's repository.
    """
    reader = HeadReader(root, environ)
    try:
        return reader.read(package)
    finally:
        reader.close()


def _find_missing_tags(root: Path, environ: Mapping[str, str]) -> MissingTags:
    shallow = GitProcess(root, environ, "rev-parse", "--is-shallow-repository")
    tags = GitProcess(root, environ, "for-each-ref", "--count=1", "refs/tags")
    settings = git.read_settings(root, environ, "remote")
    shallow.wait()
    tags.wait()
    if shallow.wait() and shallow.read().strip() == "true":
        return "shallow"
    remotes = {name.removesuffix(".url") for name in settings if name.endswith(".url")}
    if remotes and tags.wait() and not tags.read():
        return "none"
    skipping = {it for it in remotes if settings.get(f"{it}.tagopt") == "--no-tags"}
    return "skipped" if remotes and skipping == remotes else ""
