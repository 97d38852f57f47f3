"""Defines the types of this package: facts, and the stamp decided from them. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from build_hooks.python_source import PythonSource
from build_hooks.tags import Channel, ReleaseTag
from build_hooks.values import Value

# "copy" is a tree that carries a stamp already and has no better source.
Source = Literal["environment", "sdist", "git", "git-archive", "copy", "none"]
Fact = Literal[
    "version",
    "channel",
    "commit",
    "build_date",
    "tag",
    "dirty",
    "report_url",
    "reporting",
]

# The two files of a package that carry a stamp.
VERSION = "version.py"
BUILD_INFO = "build_info.py"

# The names that a build_info.py binds.
NAMES = ("SOURCE_COMMIT", "BUILD_DATE", "CHANNEL", "REPORT_URL", "REPORTING")

# Turns reporting off for good. Alone, it is not a stamp (decision B5).
_SWITCH = {"REPORTING"}

# We shorten commits ourselves: the length of git's own abbreviation depends on the
# clone's depth and size (decision B1).
COMMIT_DIGITS = 9


def is_switch(build_info: PythonSource) -> bool:
    """Whether a `build_info.py` only turns reporting off, and states no fact."""
    return build_info.names & set(NAMES) == _SWITCH


class PackageFiles(Value):
    """The two files of a package that carry a stamp, as they are in the tree.

    Attributes:
        version_py: `version.py`, or None if the tree has none.
        build_info: `build_info.py`, or None if the tree has none.
    """

    version_py: PythonSource | None
    build_info: PythonSource | None

    @property
    def version(self) -> str | None:
        """The version that `version.py` states, or None."""
        return self.version_py.version if self.version_py else None

    @property
    def has_stamp(self) -> bool:
        """Whether there is a `build_info.py` that is more than a switch."""
        return self.build_info is not None and not is_switch(self.build_info)


class TreeVersion(Value):
    """The version that a build of a tree would have.

    Attributes:
        text: The version as the project writes it, "2.15.0"; None if it is unknown.
        place: Where it comes from, "src/shelf/__about__.py".
        problem: Why hatchling cannot say it here, or "".
        computed: Whether it comes from code, which may read the repository's tags.
    """

    text: str | None
    place: str
    problem: str = ""
    computed: bool = False


class Facts(Value):
    """What one source knows about a tree. None stands for a fact it does not know.

    Attributes:
        source: The source.
        commit: The SHA, as long as the source knows it.
        build_date: ISO 8601 in UTC, "2026-05-18T12:00:00Z".
        tag: The release tag at that commit.
        channel: A channel that the source states directly.
        report_url: A REPORT_URL that the source states.
        reporting: Whether the source turns reporting on or off.
        changed: The paths that differ from the commit.
        remark: A warning about this source, or "".
        unread_tags: The tags at that commit that are not read as releases.
        lower_tags: The other release tags at that commit.
        unchecked: Why the source could not compare the tree with the commit, or "".
    """

    source: Source
    commit: str | None = None
    build_date: str | None = None
    tag: ReleaseTag | None = None
    channel: Channel | None = None
    report_url: str | None = None
    reporting: bool | None = None
    changed: tuple[str, ...] = ()
    remark: str = ""
    unread_tags: tuple[str, ...] = ()
    lower_tags: tuple[ReleaseTag, ...] = ()
    unchecked: str = ""


class Known(Value):
    """Everything that the sources know about one tree.

    Attributes:
        version: The version that a build of the tree has.
        stated: The facts that the environment states.
        tree: The facts of the first source in the tree that has any.
        epoch: The date that SOURCE_DATE_EPOCH states, or None.
        stated_tag_commit: The commit of the stated tag, if git knows it.
    """

    version: TreeVersion
    stated: Facts
    tree: Facts
    epoch: str | None = None
    stated_tag_commit: str | None = None


class Stamp(Value):
    """What a build states about itself, and which source decided each fact.

    Attributes:
        version: The version of a build; the tag's if a tree that Hatch does not build
            computes it; None if it is unknown.
        channel: The channel it is published on (decision B3).
        commit: The first nine digits of the commit's SHA, or None.
        build_date: ISO 8601 in UTC, "2026-05-18T12:00:00Z", or None.
        tag: The release tag that decided the channel, or None.
        dirty: Whether the tree differs from the commit; None if that is unknown.
        source: The source of the commit; "none" if no source knows it.
        tag_version: The version in the tag's name, "2.15.0-beta.rc1".
        revision: The commit's SHA, as long as it is known.
        report_url: The URL reports go to, or None.
        reporting: Whether the package may report.
        untouched: Whether the tree carries exactly this stamp already.
        decided: The source that decided each known fact.
    """

    version: str | None
    channel: Channel
    commit: str | None
    build_date: str | None
    tag: str | None
    dirty: bool | None
    source: Source
    tag_version: str | None = None
    revision: str | None = None
    report_url: str | None = None
    reporting: bool = True
    untouched: bool = False
    decided: Mapping[Fact, str] = MappingProxyType({})


class Resolution(Value):
    """A stamp, and what the person who makes the build should know.

    Attributes:
        stamp: The stamp.
        known: What it was decided from.
        warnings: Sentences about what makes the stamp less than a release's, on which
            strict mode fails, and about a key that changes nothing.
        notes: Sentences about what made no difference.
        causes: The warnings that say why the channel is not that of a release.
    """

    stamp: Stamp
    known: Known
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
