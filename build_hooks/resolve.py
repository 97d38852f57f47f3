"""One resolver for the plugin and the command line: from a tree to its stamp.

Fact by fact, first match wins: the environment's overrides, the sdist's own stamp,
git, an expanded `git archive`, a stamped copy's own stamp, none.
"""

from collections.abc import Mapping
from typing import TypeVar

from build_hooks import (
    dates,
    git,
    git_archive,
    overrides,
    own_stamp,
    python_source,
    tags,
)
from build_hooks.errors import StrictError, VersionMismatchError, some
from build_hooks.project import Project
from build_hooks.stamp import (
    BUILD_INFO,
    COMMIT_DIGITS,
    Fact,
    Facts,
    Resolution,
    Source,
    Stamp,
)
from build_hooks.tags import ReleaseTag

_T = TypeVar("_T")
# The sources that are the tree's own stamp.
_OWN: tuple[Source, ...] = ("sdist", "copy")


def resolve(project: Project, environ: Mapping[str, str]) -> Resolution:
    """Find the stamp of *project*.

    Raises:
        StampError: If the facts contradict each other, cannot be read, or are not
            enough for strict mode.
    """
    config = project.config
    version = python_source.read_version(project.version_py)
    given = overrides.read(environ, config.env_prefix, config.tag_pattern)
    epoch = overrides.source_date_epoch(environ)
    strict = config.strict or overrides.is_strict(environ, config.env_prefix)

    found = _found(project, environ)
    # An explicit tag wins; a tag that git found does not speak of a changed tree.
    tag = given.tag or (None if found.changed else found.tag)
    if tag and version and not tag.names(version):
        raise VersionMismatchError(
            f"Tag {tag.name} stands for version {tag.release}, but "
            f"{config.package}/version.py says {version}. Set __version__ there and "
            "tag that commit instead, or remove the tag."
        )
    url = given.report_url or config.report_url or found.report_url
    stamp = _merge(version, given, found, tag, epoch)._replace(report_url=url)
    at = None
    if given.tag and found.source == "git":
        at = git.commit_of_tag(project.root, given.tag.name, environ)
    warnings = tuple(_warnings(stamp, given, found, at, config.env_prefix))
    if strict and (problems := (*warnings, *_lacks(stamp, config.env_prefix))):
        raise StrictError("\n".join(("Strict mode allows no such build.", *problems)))
    return Resolution(stamp, warnings)


def _found(project: Project, environ: Mapping[str, str]) -> Facts:
    """The facts of the first source that has any, the environment aside."""
    if own_stamp.is_sdist(project.root, project.package_dir):
        return own_stamp.read(project.package_dir, "sdist")
    try:
        facts = git.read(project.root, project.config.package, environ)
    except git.NoGitFactsError as reason:
        if archived := git_archive.read(project.root):
            return archived
        if own_stamp.is_stamped(project.package_dir):
            return own_stamp.read(project.package_dir, "copy")
        return Facts("none", remark=str(reason))
    return Facts(
        "git",
        facts.commit,
        dates.from_seconds(facts.committed),
        tags.highest(facts.tags, project.config.tag_pattern),
        changed=facts.changed,
        remark=_NO_TAG if facts.shallow and not facts.tags else "",
    )


_NO_TAG = (
    "This clone is shallow and has no tag at its commit. If the commit has one, "
    "fetch it: git fetch --depth=1 --tags (actions/checkout: fetch-tags: true)."
)


def _merge(
    version: str | None,
    given: Facts,
    found: Facts,
    tag: ReleaseTag | None,
    epoch: str | None,
) -> Stamp:
    """Fact by fact, the first source that knows it (decisions B2 and B3)."""
    env = given.source
    own_date = found.build_date if found.source in _OWN else None
    commit, by_commit = _first((env, given.commit), (found.source, found.commit))
    _, by_tag = _first((env, given.tag), (found.source, tag))
    build_date, by_date = _first(
        (env, given.build_date),
        (found.source, own_date),
        # A date says nothing of a tree of which nothing else is known.
        ("SOURCE_DATE_EPOCH", epoch if commit or tag else None),
        (found.source, found.build_date),
    )
    _, by_channel = _first(
        (env, given.channel),
        (f"tag from {by_tag}", tag.channel if tag else None),
        (found.source, found.channel),
    )
    release, by_version = _first(
        ("version.py", version), (f"tag from {by_tag}", tag.release if tag else None)
    )
    decided: dict[Fact, str] = {
        "version": by_version,
        "channel": by_channel or "no release tag",
        "commit": by_commit,
        "build_date": by_date,
        "tag": by_tag,
        "dirty": "git" if found.source == "git" else "",
    }
    return Stamp(
        release,
        given.channel or (tag.channel if tag else found.channel) or "dev",
        commit[:COMMIT_DIGITS] if commit else None,
        build_date,
        tag.name if tag else None,
        dirty=bool(found.changed),
        source=env if given.commit or given.tag else found.source,
        tag_version=tag.version if tag else None,
        revision=commit,
        untouched=found.source in _OWN and given == Facts(env),
        decided={fact: by for fact, by in decided.items() if by},
    )


def _first(*candidates: tuple[str, _T | None]) -> tuple[_T | None, str]:
    """The first value that is one, and where it comes from."""
    return next(
        ((value, place) for place, value in candidates if value is not None), (None, "")
    )


def _warnings(
    stamp: Stamp, given: Facts, found: Facts, tag_at: str | None, prefix: str
) -> list[str]:
    """What the maker of a build ought to know, as sentences.

    Args:
        stamp: What came of the facts.
        given: What the environment states.
        found: What the tree tells.
        tag_at: The commit that git knows the stated tag at.
        prefix: The variables' prefix.
    """
    said = []
    if stamp.source == "none":
        said.append(
            f"Nothing says which commit this is ({found.remark}): no {BUILD_INFO} is "
            f'made, and the channel is "{stamp.channel}".'
        )
    elif found.source == "git" and found.remark and not (given.tag or given.channel):
        said.append(found.remark)
    if found.changed:
        tag = given.tag or found.tag
        where = f"Tag {tag.name} is here, but the tree" if tag else "The tree"
        said.append(
            f'{where} is changed: the channel is "{stamp.channel}". Commit or remove: '
            f"{some(found.changed)}."
        )
    at, place = found.commit, found.source
    if given.commit and at and not _same(given.commit, at):
        said.append(
            f"{prefix}_SOURCE_COMMIT states {given.commit[:COMMIT_DIGITS]}, but by {place} "
            f"this is {at[:COMMIT_DIGITS]}. Build the one that is stated."
        )
    if given.tag and tag_at and at and tag_at != at:
        said.append(
            f"{prefix}_TAG states {given.tag.name}, which is at "
            f"{tag_at[:COMMIT_DIGITS]}, but this is {at[:COMMIT_DIGITS]}. Check out the tag."
        )
    if given.tag and given.channel and given.tag.channel != given.channel:
        said.append(
            f"{prefix}_CHANNEL states {given.channel}, but tag {given.tag.name} means "
            f"{given.tag.channel}. Unset one of them."
        )
    if stamp.tag and stamp.commit is None:
        said.append(
            f"Tag {stamp.tag} is stated without its commit: no {BUILD_INFO} is made. Set "
            f"{prefix}_SOURCE_COMMIT."
        )
    return said


def _same(one: str, other: str) -> bool:
    """Whether two SHAs, of which either may be cut, are of one commit."""
    return one.startswith(other) or other.startswith(one)


def _lacks(stamp: Stamp, prefix: str) -> list[str]:
    """What strict mode misses (decision B5)."""
    said = []
    if stamp.source != "none":
        if stamp.commit is None:
            said.append(f"The commit is not known: set {prefix}_SOURCE_COMMIT.")
        if stamp.build_date is None:
            said.append(f"The date is not known: set {prefix}_BUILD_DATE.")
    if stamp.channel == "dev":
        said.append(
            "This is a dev build: there is no release tag at this commit. Tag it, or set "
            f"{prefix}_TAG or {prefix}_CHANNEL."
        )
    return said
