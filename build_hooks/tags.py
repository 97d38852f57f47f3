"""What a tag's name says: is it a release, and on which channel? Pure."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Channel = Literal["stable", "beta", "dev"]

# What a tag looks like around its version, unless the key `tag-pattern` says
# otherwise. The group `version` holds what is parsed below.
DEFAULT_PATTERN = r"v?(?P<version>.+)"

# PEP 440 (1.2.3rc1, 1.2.3.post1, 1.2.3.dev4), SemVer (1.2.3-beta.1) and the
# form of paperless-ngx (1.2.3-beta.rc1). Anything else is no release of today.
# Compiled when a tag is read: most commits have none.
_VERSION = r"""
    (?P<release>[0-9]+\.[0-9]+\.[0-9]+)
    (?:[-.]?(?P<phase>alpha|beta|a|b|rc)(?P<sub>\.rc)?(?:[-.]?(?P<number>[0-9]+))?)?
    (?:\.post(?P<post>[0-9]+))?
    (?:[-.]?dev[-.]?(?P<dev>[0-9]+)?(?P<is_dev>))?
    """
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "rc": 2}
_BEFORE_PHASES, _FINAL = -1, 3
_MOST_CHARACTERS = 255  # as long as a file's name: more is no tag, and slow to parse


class ReleaseTag(NamedTuple):
    """A tag that names a release. Ordered by version: a final is above its candidates.

    Attributes:
        order: What it is ordered by first.
        name: The tag as git knows it, "v2.15.0-beta.rc1".
        version: What of it is the version, "2.15.0-beta.rc1".
        release: Its X.Y.Z, "2.15.0".
        channel: What it is published as (decision B3).
        number: The candidate's number, or 0.
    """

    order: tuple[tuple[int, ...], int, bool, int, int, bool, int]
    name: str
    version: str
    release: str
    channel: Channel
    number: int

    def names(self, version: str) -> bool:
        """Whether it may stand on a tree whose `version.py` says *version*.

        A plain X.Y.Z also fits its candidates: betas of paperless-ngx carry the
        number they lead to (decision P7).
        """
        if version == self.release:
            return True
        literal = parse(version)
        return literal is not None and literal.order == self.order


def parse(name: str, pattern: str = DEFAULT_PATTERN) -> ReleaseTag | None:
    """Read one tag's *name*; None if it does not look like a release.

    Args:
        name: The tag.
        pattern: What it looks like, with a group `version`.
    """
    if len(name) > _MOST_CHARACTERS:
        return None
    around = re.fullmatch(pattern, name)
    match = (
        re.fullmatch(_VERSION, around["version"] or "", re.VERBOSE) if around else None
    )
    if around is None or match is None:
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
    return ReleaseTag(order, name, around["version"], release, channel, number)


def highest(names: Iterable[str], pattern: str = DEFAULT_PATTERN) -> ReleaseTag | None:
    """The release tag with the highest version among *names*, if there is one."""
    parsed = (parse(name, pattern) for name in names)
    return max((tag for tag in parsed if tag), default=None)
