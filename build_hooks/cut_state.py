"""Describes the repository of a release. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from build_hooks import tags
from build_hooks.config import Config
from build_hooks.stamp import TreeVersion
from build_hooks.tags import ReleaseTag

ReleaseChannel = Literal["beta", "stable"]


@dataclass(frozen=True)
class State:
    """A repository before a release.

    Attributes:
        commit: HEAD's SHA.
        branch: The branch that is checked out, or None.
        changed: The paths that make the tree dirty.
        version: The version that a build of the tree has.
        tags: Every tag, local or on the remote, with its commit.
        local_tags: The tags that this clone has.
        remote_tags: The tags that the remote has.
        tags_at_head: The tags at HEAD, local or on the remote.
        remote: The remote's name, or None.
        remote_branch: The name of the branch on the remote.
        remote_commit: The commit of the branch on the remote, or None.
    """

    commit: str
    branch: str | None
    changed: tuple[str, ...]
    version: TreeVersion
    tags: Mapping[str, str]
    local_tags: frozenset[str]
    remote_tags: frozenset[str]
    tags_at_head: frozenset[str]
    remote: str | None
    remote_branch: str | None
    remote_commit: str | None


def find_final(state: State, config: Config) -> ReleaseTag | None:
    """Return the highest stable tag at HEAD, if there is one."""
    at_head = tags.find_releases(state.tags_at_head, config.tag_pattern)
    return next((tag for tag in at_head if tag.channel == "stable"), None)
