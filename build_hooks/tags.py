"""Parses the name of a tag: its version and its channel, if it is a release. Pure."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Channel = Literal["stable", "beta", "dev"]

# A release tag, unless the key `tag-pattern` says otherwise. The group `version` is
# parsed below.
DEFAULT_PATTERN = r"v?(?P<version>.+)"

# PEP 440 (1.2.3rc1, 1.2.3.post1, 1.2.3.dev4), SemVer (1.2.3-beta.1) and the
# form of paperless-ngx (1.2.3-beta.rc1). Anything else is not a release.
# Compiled when the first tag is parsed: most commits have none.
_VERSION = r"""
    (?P<release>[0-9]+\.[0-9]+\.[0-9]+)
    (?:[-.]?(?P<phase>alpha|beta|a|b|rc)(?P<sub>\.rc)?(?:[-.]?(?P<number>[0-9]+))?)?
    (?:\.post(?P<post>[0-9]+))?
    (?:[-.]?dev[-.]?(?P<dev>[0-9]+)?(?P<is_dev>))?
    """
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "rc": 2}
_BEFORE_PHASES, _FINAL = -1, 3
_MAX_LENGTH = 255  # the longest file name; a longer tag would be slow to parse


class ReleaseTag(NamedTuple):
    """A tag that names a release. Ordered by version: a final is above its candidates.

    Attributes:
        order: The sort key.
        name: The tag as git knows it, "v2.15.0-beta.rc1".
        version: The version in its name, "2.15.0-beta.rc1".
        release: The X.Y.Z of the version, "2.15.0".
        channel: The channel that it releases on (decision B3).
        number: The candidate's number, or 0.
    """

    order: tuple[tuple[int, ...], int, bool, int, int, bool, int]
    name: str
    version: str
    release: str
    channel: Channel
    number: int

    def fits(self, version: str) -> bool:
        """Whether it may tag a tree whose `version.py` says *version*.

        A plain X.Y.Z also fits its candidates: a beta of paperless-ngx carries the
        version of the coming release (decision P7).
        """
        return version == self.release or self.is_version(version)

    def is_version(self, version: str) -> bool:
        """Whether *version* is its own version, however it is written."""
        literal = parse(version)
        return literal is not None and literal.order == self.order


def parse(name: str, pattern: str = DEFAULT_PATTERN) -> ReleaseTag | None:
    """Parse a tag's *name*; None if it is not a release tag.

    Args:
        name: The tag.
        pattern: A regular expression for release tags, with a group `version`.
    """
    if len(name) > _MAX_LENGTH:
        return None
    matched = re.fullmatch(pattern, name)
    version = (matched["version"] or "") if matched else ""
    match = re.fullmatch(_VERSION, version, re.VERBOSE)
    if match is None:
        return None
    release, phase = match["release"], match["phase"]
    is_dev = match["is_dev"] is not None
    post = match["post"]
    number = int(match["number"] or 0)
    if phase:
        rank = _PHASES[phase]
    else:
        # PEP 440: 1.0.dev1 < 1.0a1, but 1.0.post1.dev1 > 1.0.
        rank = _BEFORE_PHASES if is_dev and post is None else _FINAL
    order = (
        tuple(map(int, release.split("."))),
        rank,
        bool(match["sub"]),
        number,
        -1 if post is None else int(post),
        not is_dev,
        int(match["dev"] or 0),
    )
    channel: Channel = "dev" if is_dev else "beta" if phase else "stable"
    return ReleaseTag(order, name, version, release, channel, number)


def find_highest(
    names: Iterable[str], pattern: str = DEFAULT_PATTERN
) -> ReleaseTag | None:
    """Return the release tag with the highest version among *names*, if any."""
    parsed = (parse(name, pattern) for name in names)
    return max((tag for tag in parsed if tag), default=None)


def is_release_number(text: str) -> bool:
    """Whether *text* is X.Y.Z and nothing else."""
    return re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", text) is not None
