"""Parses versions, and the names of release tags, by PEP 440. Pure."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from build_hooks.text import is_word

Channel = Literal["stable", "beta", "dev"]

# A release tag, unless the key `tag-pattern` says otherwise. The group `version` is
# parsed below.
DEFAULT_PATTERN = r"v?(?P<version>.+)"

# Paperless-ngx writes 1.2.3-beta.rc1, which PEP 440 does not know.
_PAPERLESS = r"(.+(?:alpha|beta|a|b|rc))\.rc([-.]?[0-9].*)?"
# The release as it is written, with its zeros: 1!2026.05.0.
_RELEASE = r"v?((?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*)"
_PHASES = {"a": 0, "b": 1, "rc": 2}
_BEFORE_PHASES, _FINAL = -1, 3
_NO_POST = -1
MAX_LENGTH = 255  # the longest file name; a longer tag would be slow to parse


class Order(NamedTuple):
    """The sort key of a version, the same as in PEP 440."""

    epoch: int
    release: tuple[int, ...]  # without zeros at the end
    phase: int
    sub: bool  # 1.2.3-beta.rc1 is above 1.2.3-beta.9
    number: int
    post: int
    is_not_dev: bool
    dev: int

    @property
    def base(self) -> tuple[int, tuple[int, ...]]:
        """The part that a release shares with its candidates and post releases."""
        return self.epoch, self.release


class ReleaseTag(NamedTuple):
    """A tag that names a release. Ordered by version: a final is above its candidates.

    Attributes:
        order: The sort key.
        name: The tag as git knows it, "v2.15.0-beta.rc1".
        version: The version in its name, "2.15.0-beta.rc1".
        release: The version of the release that it belongs to, "2.15.0". A post release
            is a release of its own, "2.15.0.post1".
        channel: The channel that it releases on (decision B3).
        number: The candidate's number, or 0.
    """

    order: Order
    name: str
    version: str
    release: str
    channel: Channel
    number: int

    def fits(self, version: str) -> bool:
        """Whether it may tag a tree of this *version*.

        A final version also fits its candidates: a beta of paperless-ngx carries the
        version of the coming release (decision P7). A local part, "+cu128", does not
        count: it marks another build of the same release.
        """
        if self.is_version(version):
            return True
        other = parse_version(version)
        if other is None:
            return False
        order = other.order
        return (
            order.phase == _FINAL
            and order.is_not_dev
            and order.base == self.order.base
            and order.post in {_NO_POST, self.order.post}
        )

    def is_version(self, version: str) -> bool:
        """Whether *version* is its own version, however it is written."""
        if version in {self.version, self.name}:
            return True
        other = parse_version(version)
        return other is not None and other.order == self.order


def parse(name: str, pattern: str = DEFAULT_PATTERN) -> ReleaseTag | None:
    """Parse a tag's *name*; None if it is not a release tag.

    A version with a local part is not one: only builds have local parts.

    Args:
        name: The tag.
        pattern: A regular expression for release tags, with a group `version`.
    """
    version = find_version(name, pattern) if is_word(name) else ""
    parsed = parse_version(version) if "+" not in version else None
    return parsed._replace(name=name) if parsed else None


def find_version(name: str, pattern: str) -> str:
    """Return the part of a tag's *name* that *pattern* calls the version, or ""."""
    matched = re.fullmatch(pattern, name) if len(name) <= MAX_LENGTH else None
    return (matched["version"] or "") if matched else ""


def parse_version(version: str) -> ReleaseTag | None:
    """Parse a *version* like the tag of the same name, without its local part.

    None if neither PEP 440 nor paperless-ngx writes versions like this.
    """
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415  # only tags need it

    text = version.strip()
    written = re.match(_RELEASE, text, re.IGNORECASE)
    if written is None or not text.isascii() or len(text) > MAX_LENGTH:
        return None
    paperless = re.fullmatch(_PAPERLESS, text, re.IGNORECASE)
    if paperless:
        text = f"{paperless[1]}{paperless[2] or ''}"
    try:
        parsed = Version(text)
    except InvalidVersion:
        return None
    phase, number = parsed.pre or ("", 0)
    is_dev, post = parsed.dev is not None, parsed.post
    if phase:
        rank = _PHASES[phase]
    else:
        # PEP 440: 1.0.dev1 < 1.0a1, but 1.0.post1.dev1 > 1.0.
        rank = _BEFORE_PHASES if is_dev and post is None else _FINAL
    order = Order(
        parsed.epoch,
        _strip_zeros(parsed.release),
        rank,
        bool(paperless),
        number,
        _NO_POST if post is None else post,
        not is_dev,
        parsed.dev or 0,
    )
    channel: Channel = "dev" if is_dev else "beta" if phase else "stable"
    release = written[1] if post is None else f"{written[1]}.post{post}"
    return ReleaseTag(order, version, version, release, channel, number)


def find_releases(
    names: Iterable[str], pattern: str = DEFAULT_PATTERN
) -> list[ReleaseTag]:
    """Return the release tags among *names*, the highest version first."""
    parsed = (parse(name, pattern) for name in names)
    return sorted((tag for tag in parsed if tag), reverse=True)


def is_same_version(first: str, second: str) -> bool:
    """Whether two versions are equal by PEP 440, local parts included."""
    if first == second:
        return True
    one, other = parse_version(first), parse_version(second)
    return (
        one is not None
        and other is not None
        and (one.order, _get_local(first)) == (other.order, _get_local(second))
    )


def _get_local(version: str) -> str:
    return re.sub("[-_.]", ".", version.partition("+")[2].strip().lower())


def _strip_zeros(release: tuple[int, ...]) -> tuple[int, ...]:
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    return release
