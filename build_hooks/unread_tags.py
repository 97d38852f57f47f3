"""Explains why a tag that looks like a release is not read as one. Pure."""

import re
from collections.abc import Iterable

from build_hooks import tags
from build_hooks.values import Value

# A number with a point, "v6", or a number after "release".
_LOOKS_LIKE_A_RELEASE = (
    r"(?i)[0-9]+[._][0-9]+|(?:^|[^a-z0-9])v[._-]?[0-9]|rel(?:ease)?[-_/.]?v?[0-9]"
)


class Remarks(Value):
    """Sentences about tags.

    Attributes:
        warnings: About those that are meant as a release of this tree, it seems.
        notes: About other tags that look like releases.
    """

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def explain_all(
    names: Iterable[str], pattern: str, version: str | None, *, released: bool
) -> Remarks:
    """Return a sentence about each of *names* that looks like a release.

    Args:
        names: The tags at a commit that are not read as releases.
        pattern: A regular expression for release tags, with a group `version`.
        version: The version of the tree, or None if it is unknown.
        released: Whether another tag at the commit is read.
    """
    warnings: list[str] = []
    notes: list[str] = []
    own = pattern != tags.DEFAULT_PATTERN
    for name in sorted(it for it in names if len(it) <= tags.MAX_LENGTH):
        if own and not tags.find_version(name, pattern):
            # The pattern leaves the tags of other packages out.
            if not released and tags.parse(name):
                warnings.append(
                    f"Tag {name} is not read as a release: it does not match tag-pattern "
                    "in the hook's table. If it is a release, change the pattern."
                )
        elif own or re.search(_LOOKS_LIKE_A_RELEASE, name):
            is_note = released or _is_older(name, version)
            (notes if is_note else warnings).append(_explain(name, pattern))
    return Remarks(tuple(warnings), tuple(notes))


def _is_older(name: str, version: str | None) -> bool:
    """Whether a tag has a word and an older version than the tree.

    It is the tag of another package, then, or of a former name of the project.
    """
    prefix, rest = _split(name)
    number = re.match(r"[0-9]+(?:[._][0-9]+)*", rest)
    if prefix.lower() in ("", "v") or number is None or version is None:
        return False
    tagged = tags.parse_version(number[0].replace("_", "."))
    tree = tags.parse_version(version)
    return bool(tagged and tree and tagged.order.base < tree.order.base)


def _explain(name: str, pattern: str) -> str:
    version = tags.find_version(name, pattern)
    if tags.parse_version(version):
        public = name.replace(version, version.partition("+")[0])
        return (
            f"Tag {name} is not read as a release: {version} has a local part, which only "
            f"builds have. Tag the commit {public} instead, or leave the tag out with "
            "tag-pattern in the hook's table."
        )
    prefix, rest = _split(name)
    if prefix and "+" not in rest and tags.parse_version(rest):
        return (
            f"Tag {name} is not read as a release. If it is one, add this line to the "
            f"hook's table: tag-pattern = '{_escape(prefix)}(?P<version>.+)'. If it "
            "is not, set tag-pattern to the form of your release tags."
        )
    return (
        f"Tag {name} is not read as a release: its version is not written as PEP 440 "
        "says. Rename the tag, or set tag-pattern in the hook's table to the form of "
        "your release tags."
    )


def _split(name: str) -> tuple[str, str]:
    """Split a tag's name before its version, or before its first digit.

    The name of a project may contain digits: "2to4-1.4.0".
    """
    numbers = re.finditer(r"(?:^[^0-9]*|[-/]v?)(?=[0-9])", name)
    ends = [number.end() for number in numbers] or [len(name)]
    for end in ends:
        if re.match(r"[0-9]+\.[0-9]", name[end:]):
            return name[:end], name[end:]
    return name[: ends[0]], name[ends[0] :]


def _escape(text: str) -> str:
    """Escape what a regular expression reads as an operator; `re.escape` takes more."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)
