"""What a tag's name says: is it a release, and on which channel? Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Channel = Literal["stable", "beta", "dev"]

# PEP 440 (1.2.3rc1, 1.2.3.post1, 1.2.3.dev4), SemVer (1.2.3-beta.1) and the
# form of paperless-ngx (v1.2.3-beta.rc1). Anything else is no release of today.
_RELEASE_TAG = re.compile(
    r"""
    v?(?P<release>[0-9]+\.[0-9]+\.[0-9]+)
    (?:[-.]?(?P<phase>alpha|beta|a|b|rc)(?P<sub>\.rc)?(?:[-.]?(?P<number>[0-9]+))?)?
    (?:\.post(?P<post>[0-9]+))?
    (?:[-.]?dev[-.]?(?P<dev>[0-9]+)?(?P<is_dev>))?
    """,
    re.VERBOSE,
)
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "rc": 2}
_BEFORE_PHASES, _FINAL = -1, 3


@dataclass(frozen=True, order=True)
class ReleaseTag:
    """A tag that names a release. Ordered by version: a final is above its candidates.

    Attributes:
        name: The tag as git knows it, "v2.15.0-beta.rc1".
        release: Its X.Y.Z, "2.15.0".
        channel: What it is published as (decision B3).
    """

    _order: tuple[object, ...] = field(repr=False)
    name: str
    release: str = field(compare=False)
    channel: Channel = field(compare=False)


def parse(name: str) -> ReleaseTag | None:
    """Read one tag's *name*; None if it does not look like a release."""
    match = _RELEASE_TAG.fullmatch(name)
    if match is None:
        return None
    release, phase = match["release"], match["phase"]
    is_dev = match["is_dev"] is not None
    post = match["post"]
    if phase:
        rank = _PHASES[phase]
    else:
        # PEP 440: 1.0.dev1 < 1.0a1, but 1.0.post1.dev1 > 1.0.
        rank = _BEFORE_PHASES if is_dev and post is None else _FINAL
    order = (
        tuple(map(int, release.split("."))),
        rank,
        bool(match["sub"]),
        int(match["number"] or 0),
        -1 if post is None else int(post),
        not is_dev,
        int(match["dev"] or 0),
    )
    channel: Channel = "dev" if is_dev else "beta" if phase else "stable"
    return ReleaseTag(order, name, release, channel)


def highest(names: Iterable[str]) -> ReleaseTag | None:
    """The release tag with the highest version among *names*, if there is one."""
    return max(filter(None, map(parse, names)), default=None)


def names_version(tag: ReleaseTag, version: str) -> bool:
    """Whether *tag* may stand on a tree whose `version.py` says *version*.

    A plain X.Y.Z also fits its candidates: betas of paperless-ngx carry the
    number they lead to (decision P7).
    """
    if version == tag.release:
        return True
    literal = parse(version)
    return literal is not None and literal._order == tag._order  # noqa: SLF001  # this module's own class
