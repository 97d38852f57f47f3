"""Finds the last release before HEAD, for people who wonder why it is not HEAD."""

from collections.abc import Mapping
from pathlib import Path

from build_hooks import git, tags
from build_hooks.errors import NoGitFactsError
from build_hooks.tags import ReleaseTag
from build_hooks.time_limit import limit_time
from build_hooks.values import Value


class Release(Value):
    """A release before HEAD.

    Attributes:
        tag: Its tag.
        distance: The number of commits since.
    """

    tag: ReleaseTag
    distance: int


def find_nearest_release(
    root: Path, pattern: str, environ: Mapping[str, str]
) -> Release | None:
    """Return the last release before HEAD; None if there is none, or git cannot say.

    Args:
        root: The project's root.
        pattern: A regular expression for release tags.
        environ: The environment.
    """
    try:
        for commit, names in git.list_tagged_ancestors(root, environ):
            with limit_time(pattern):
                releases = tags.find_releases(names, pattern)
            if releases:
                distance = git.count_commits(root, commit, environ)
                return Release(releases[0], distance)
    except NoGitFactsError:
        pass
    return None
