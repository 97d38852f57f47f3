"""The vocabulary of this package: facts, and the stamp that they become.

Named tuples, here and in the modules around: to define a dataclass costs a build
five times as much, and hatchling imports these in every one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from build_hooks.tags import Channel, ReleaseTag

# "copy" is a tree that carries a stamp already, with nothing else to tell of it.
Source = Literal["environment", "sdist", "git", "git-archive", "copy", "none"]
Fact = Literal["version", "channel", "commit", "build_date", "tag", "dirty"]

# The two files of a package that carry a stamp.
VERSION = "version.py"
BUILD_INFO = "build_info.py"

# Cut by us: git's own abbreviation depends on the clone's depth and size
# (decision B1).
COMMIT_DIGITS = 9


class Facts(NamedTuple):
    """What one source knows of a tree. None stands for what it does not know.

    Attributes:
        source: Which source it is.
        commit: The SHA, as long as the source knows it.
        build_date: ISO 8601 in UTC, "2026-05-18T12:00:00Z".
        tag: The release tag at that commit.
        channel: A channel that the source states by itself.
        report_url: A REPORT_URL that the source states.
        changed: What makes the tree differ from the commit.
        remark: What the maker of a build ought to know about this source.
    """

    source: Source
    commit: str | None = None
    build_date: str | None = None
    tag: ReleaseTag | None = None
    channel: Channel | None = None
    report_url: str | None = None
    changed: tuple[str, ...] = ()
    remark: str = ""


class Stamp(NamedTuple):
    """What a build says of itself, and where each fact was found.

    Attributes:
        version: "X.Y.Z" of `version.py`; of the tag where it is computed there;
            None without either.
        channel: What it is published as (decision B3).
        commit: The first nine digits of the commit's SHA, or None.
        build_date: ISO 8601 in UTC, "2026-05-18T12:00:00Z", or None.
        tag: The release tag that decided the channel, or None.
        dirty: Whether the tree differs from the commit.
        source: What the commit was found by; "none" if nothing knows it.
        tag_version: What of the tag is the version, "2.15.0-beta.rc1".
        revision: The commit's SHA as long as it is known.
        report_url: Where reports go, or None.
        untouched: Whether the tree carries this very stamp already.
        decided: Which source decided each fact that is known.
    """

    version: str | None
    channel: Channel
    commit: str | None
    build_date: str | None
    tag: str | None
    dirty: bool
    source: Source
    tag_version: str | None = None
    revision: str | None = None
    report_url: str | None = None
    untouched: bool = False
    decided: Mapping[Fact, str] = MappingProxyType({})


class Resolution(NamedTuple):
    """A stamp, and what its maker ought to know about how it came to be."""

    stamp: Stamp
    warnings: tuple[str, ...] = ()
