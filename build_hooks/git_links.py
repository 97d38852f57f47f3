"""Looks for changes behind the symbolic links and submodules that a package ships.

Hatchling follows links and ships the content of submodules, so that both can be anywhere
in the repository. Builds import this module only if the package has any.
"""

import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from build_hooks import git_attributes, git_output
from build_hooks.git_output import LISTING, STATUS, Listing
from build_hooks.git_process import GitProcess, find_top

_MOST_LINKS = 40  # more are a circle, as in Linux


def find_changes(
    top: Path, folder: Path, listing: Listing | None, environ: Mapping[str, str]
) -> list[str]:
    """Find what differs from the commit, behind links and in submodules too.

    Args:
        top: The top of the project's work tree.
        folder: The folder of the package.
        listing: The files in the folder, if git has already compared them.
        environ: The caller's environment.

    Raises:
        NoGitFactsError: If git cannot compare something.
    """
    search = _Search(top, environ)
    if listing is None:
        search.follow(folder)
    else:
        search.skip(folder)
        search.expand(top, listing)
    while search.pending:
        search.look(*search.pending.popitem())
    return list(search.changed)


def resolve_links(path: Path) -> tuple[list[Path], Path]:
    """Resolve *path*. Return each symbolic link on the way, and where it ends."""
    links: list[Path] = []
    place, parts = Path(path.anchor), deque(path.parts[1:])
    while parts:
        part = parts.popleft()
        if part == "..":
            place = place.parent
        elif (place / part).is_symlink() and len(links) < _MOST_LINKS:
            links.append(place / part)
            target = Path(os.readlink(place / part))  # noqa: PTH115  # bytes stay
            place = Path(target.anchor) if target.is_absolute() else place
            parts.extendleft(reversed(target.parts[target.is_absolute() :]))
        else:
            place /= part
    return links, place


class _Search:
    """The changes that were found, and the places where git has yet to look."""

    def __init__(self, top: Path, environ: Mapping[str, str]) -> None:
        self.changed: dict[str, None] = {}
        self.pending: dict[Path, list[Path]] = {}
        self._top, self._environ = top, environ
        self._planned: set[tuple[Path, Path]] = set()

    def skip(self, place: Path) -> None:
        """Do not look at *place*."""
        self._planned.add((self._top, place))

    def expand(self, top: Path, listing: Listing) -> None:
        """Plan to look at everything that the files in *listing* lead to."""
        for submodule in listing.submodules:
            if (top / submodule / ".git").exists():  # else it is not checked out
                self._plan(top / submodule, top / submodule)
        for link in listing.links:
            self.follow(top / link)

    def look(self, top: Path, places: list[Path]) -> None:
        """Look at *places* in the work tree with this *top*."""
        paths = [place.relative_to(top).as_posix() for place in places]
        status = GitProcess(
            top,
            self._environ,
            *STATUS,
            "--",
            *paths,
            reported=git_attributes.SETTINGS,
        )
        listed = self._run(top, *LISTING, "--", *paths)
        changes = git_output.parse_status(status.read())
        listing = git_output.parse_listing(listed.read())
        if (
            listing.converts
            or status.has_reported
            or any(
                git_attributes.has_conversions(top, place, self._environ)
                for place in places
            )
        ):
            hidden = git_attributes.find_hidden_changes(top, paths, self._environ)
            changes += [(git_output.MODIFIED, path) for path in hidden]
        for path in git_output.select_changes(changes, listing.untracked, paths, "."):
            self._add(top / path)
        # A submodule is a place itself if only its commit matters: see _is_recorded.
        inner = tuple(it for it in listing.submodules if it not in paths)
        self.expand(top, listing._replace(submodules=inner))

    def follow(self, path: Path) -> None:
        """Plan to look at the links on *path*, and where it ends."""
        links, target = resolve_links(path)
        tops = {place: find_top(place.parent) for place in links}
        tops[target] = find_top(target if target.is_dir() else target.parent)
        if not self._is_recorded(tops[target]):
            self._add(path, " (outside the repository)")
        for place, top in tops.items():
            if top and self._is_recorded(top):
                self._plan(top, place)

    def _is_recorded(self, top: Path | None) -> bool:
        """Whether *top* is the project's work tree or one of its submodules."""
        while top and top != self._top:
            parent = find_top(top.parent)
            if parent is None:
                return False
            path = top.relative_to(parent).as_posix()
            listed = self._run(parent, *LISTING, "--", path)
            if path not in git_output.parse_listing(listed.read()).submodules:
                return False
            self._plan(parent, top)  # another commit may be checked out
            top = parent
        return top is not None

    def _plan(self, top: Path, place: Path) -> None:
        known = any(
            place == other or other in place.parents
            for known_top, other in self._planned
            if known_top == top
        )
        if not known:
            self._planned.add((top, place))
            self.pending.setdefault(top, []).append(place)

    def _add(self, path: Path, remark: str = "") -> None:
        shown = path.relative_to(self._top) if path.is_relative_to(self._top) else path
        self.changed[f"{shown}{remark}"] = None

    def _run(self, top: Path, *arguments: str) -> GitProcess:
        return GitProcess(top, self._environ, *arguments)
