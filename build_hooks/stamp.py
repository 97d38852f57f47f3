"""The stamp: what a build says of itself. The vocabulary of this package."""

from dataclasses import dataclass
from typing import Literal

from build_hooks.tags import Channel

Source = Literal["sdist", "git", "none"]

# The two files of a package that carry it.
VERSION = "version.py"
BUILD_INFO = "build_info.py"

# Cut by us: git's own abbreviation depends on the clone's depth and size
# (decision B1).
COMMIT_DIGITS = 9


@dataclass(frozen=True)
class Stamp:
    """What a build says of itself, and where that was found.

    Attributes:
        version: The literal `__version__` of `version.py`, as "X.Y.Z"; None if
            it is computed there.
        channel: What it is published as (decision B3).
        commit: The first nine digits of the commit's SHA, or None.
        build_date: ISO 8601 in UTC, "2026-05-18T12:00:00Z", or None.
        tag: The release tag that decided the channel, or None.
        dirty: Whether the tree differs from the commit.
        source: What the facts come from.
    """

    version: str | None
    channel: Channel
    commit: str | None
    build_date: str | None
    tag: str | None
    dirty: bool
    source: Source


@dataclass(frozen=True)
class Resolution:
    """A stamp, and what its maker ought to know about how it came to be."""

    stamp: Stamp
    warnings: tuple[str, ...] = ()
