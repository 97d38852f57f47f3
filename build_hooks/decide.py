"""Decides a stamp, fact by fact, from what the sources know. Pure.

A changed tree becomes a dev build here.
"""

from typing import TypeVar

from build_hooks.config import Config
from build_hooks.errors import StrictError, VersionMismatchError, list_first
from build_hooks.stamp import (
    BUILD_INFO,
    COMMIT_DIGITS,
    Fact,
    Facts,
    Known,
    Resolution,
    Source,
    Stamp,
)
from build_hooks.tags import ReleaseTag
from build_hooks.unread_tags import Remarks, explain_all

_T = TypeVar("_T")
# The sources that are a stamp in the tree itself.
_OWN: tuple[Source, ...] = ("sdist", "copy")


def decide(config: Config, known: Known, *, strict: bool) -> Resolution:
    """Decide the stamp, and gather the warnings about it.

    Raises:
        VersionMismatchError: If the tag and the version disagree (decision B4).
        StrictError: If *strict* does not allow this build.
    """
    version, stated, tree = known.version, known.stated, known.tree
    # A stated tag wins. A tag from git does not describe a tree that may be changed.
    tag = stated.tag or (None if tree.changed or tree.unchecked else tree.tag)
    if tag and version.text and not tag.fits(version.text):
        raise VersionMismatchError(
            f"Tag {tag.name} means version {tag.version}, but {version.place} says "
            f"{version.text}. {_advise_on_mismatch(config, known)}"
        )
    url, by_url = _first(
        (stated.source, stated.report_url),
        # A variable may have set that of an sdist, which its own pyproject.toml does not name.
        (tree.source, tree.report_url),
        ("configuration", config.report_url),
    )
    stamp = _merge(known, tag)
    stamp = stamp._replace(untouched=stamp.untouched and url == tree.report_url)
    if url:
        decided = {**stamp.decided, "report_url": by_url}
        stamp = stamp._replace(report_url=url, decided=decided)
    stamp = _decide_reporting(stamp, config, known)
    unread = _explain_unread_tags(config, known)
    causes = (*_find_causes(stamp, known, config.env_prefix), *unread.warnings)
    warnings = (*causes, *_find_contradictions(stamp, known, config.env_prefix))
    if strict and (problems := (*warnings, *_find_missing_facts(config, known, stamp))):
        raise StrictError("Strict mode does not allow this build.", *problems)
    warnings = (*warnings, *_find_ignored_url(config, known))
    return Resolution(stamp, known, warnings, unread.notes, causes)


def _decide_reporting(stamp: Stamp, config: Config, known: Known) -> Stamp:
    """Turn reporting off if anything says so, unless a variable says otherwise.

    `true`, the default of the key, is not a statement: a tree that is off stays off.
    """
    stated, tree = known.stated, known.tree
    reporting, by_reporting = _first(
        (stated.source, stated.reporting),
        ("configuration", None if config.reporting else False),
        (BUILD_INFO, None if tree.reporting else tree.reporting),
    )
    if reporting is None:
        return stamp
    return stamp._replace(
        reporting=reporting,
        # The key may be newer than the stamp that an sdist or a copy carries.
        untouched=stamp.untouched and tree.reporting is False,
        decided={**stamp.decided, "reporting": by_reporting},
    )


def _find_ignored_url(config: Config, known: Known) -> list[str]:
    """Return that the key `report-url` changes nothing, if that is so, as a sentence.

    This is not for strict mode: the stamp of an sdist is as complete with either URL.
    """
    url, own = config.report_url, known.tree.report_url
    if known.stated.report_url or not own or not url or url == own:
        return []
    warning = (
        f"This {known.tree.source} sends reports to {own}, whatever its report-url says "
        f"({url}). To send them elsewhere, set {config.env_prefix}_REPORT_URL."
    )
    return [warning]


def _advise_on_mismatch(config: Config, known: Known) -> str:
    """Return how to fix a tag that does not fit the version."""
    for tag in known.tree.lower_tags:
        # A plugin that reads the version from git may choose another tag than we do.
        if not known.stated.tag and tag.is_version(known.version.text or ""):
            return (
                f"Tag {tag.name}, at the same commit, means that version. To build it, "
                f"set {config.env_prefix}_TAG={tag.name}, or remove one of the tags."
            )
    return (
        "Change the version and tag that commit instead, or remove the tag. If it is not "
        "a release, leave it out with tag-pattern in the hook's table."
    )


def _merge(known: Known, tag: ReleaseTag | None) -> Stamp:
    """Take each fact from the first source that knows it (decisions B2 and B3)."""
    stated, tree = known.stated, known.tree
    environment = stated.source
    own_date = tree.build_date if tree.source in _OWN else None
    commit, by_commit = _first((environment, stated.commit), (tree.source, tree.commit))
    _, by_tag = _first((environment, stated.tag), (tree.source, tag))
    build_date, by_date = _first(
        (environment, stated.build_date),
        (tree.source, own_date),
        # Without a commit or a tag, a date alone identifies nothing.
        ("SOURCE_DATE_EPOCH", known.epoch if commit or tag else None),
        (tree.source, tree.build_date),
    )
    _, by_channel = _first(
        (environment, stated.channel),
        (f"tag from {by_tag}", tag.channel if tag else None),
        (tree.source, tree.channel),
    )
    version, by_version = _first(
        (known.version.place, known.version.text),
        # A version that hatchling would compute is never guessed.
        (
            f"tag from {by_tag}",
            tag.release if tag and not known.version.problem else None,
        ),
    )
    decided: dict[Fact, str] = {
        "version": by_version,
        "channel": by_channel or "no release tag",
        "commit": by_commit,
        "build_date": by_date,
        "tag": by_tag,
        "dirty": "git" if tree.source == "git" and not tree.unchecked else "",
    }
    return Stamp(
        version,
        stated.channel or (tag.channel if tag else tree.channel) or "dev",
        commit[:COMMIT_DIGITS] if commit else None,
        build_date,
        tag.name if tag else None,
        dirty=None if tree.unchecked else bool(tree.changed),
        source=environment if stated.commit or stated.tag else tree.source,
        tag_version=tag.version if tag else None,
        revision=commit,
        untouched=tree.source in _OWN and stated == Facts(environment),
        decided={fact: by for fact, by in decided.items() if by},
    )


def _first(*candidates: tuple[str, _T | None]) -> tuple[_T | None, str]:
    """Return the first value that is not None, and its source."""
    return next(
        ((value, source) for source, value in candidates if value is not None),
        (None, ""),
    )


def _find_causes(stamp: Stamp, known: Known, prefix: str) -> list[str]:
    """Return what makes this build less than a release, as sentences."""
    stated, tree = known.stated, known.tree
    causes = []
    if stamp.source == "none":
        causes.append(
            f"The commit of this tree is unknown ({tree.remark}). The build gets no "
            f'commit and no date, and its channel is "{stamp.channel}". To state them, '
            f"set {prefix}_SOURCE_COMMIT, {prefix}_BUILD_DATE and {prefix}_TAG."
        )
    if stated.tag or stated.channel:
        return causes
    if tree.source == "git" and tree.remark:
        causes.append(tree.remark)
    if tree.unchecked:
        causes.append(
            f'The tree may be changed, so the channel is "{stamp.channel}": git could '
            f"not compare it with the commit ({tree.unchecked})."
        )
    if tree.changed:
        subject = (
            f"This is tag {tree.tag.name}, but the tree" if tree.tag else "The tree"
        )
        causes.append(
            f'{subject} is changed, so the channel is "{stamp.channel}". Commit or '
            f"remove: {list_first(tree.changed)}."
        )
    return causes


def _find_contradictions(stamp: Stamp, known: Known, prefix: str) -> list[str]:
    """Return where the variables and the tree do not agree, as sentences."""
    stated, tree = known.stated, known.tree
    warnings = []
    variable = f"{prefix}_CHANNEL" if stated.channel else f"{prefix}_TAG"
    if (stated.tag or stated.channel) and tree.unchecked:
        warnings.append(
            f"{variable} decides the channel, but the tree may be changed: git could not "
            f"compare it with the commit ({tree.unchecked})."
        )
    if (stated.tag or stated.channel) and tree.changed:
        warnings.append(
            f"{variable} decides the channel, but the tree is changed. Commit or remove: "
            f"{list_first(tree.changed)}."
        )
    commit = tree.commit
    if stated.commit and commit and not _is_same(stated.commit, commit):
        warnings.append(
            f"{prefix}_SOURCE_COMMIT states {stated.commit[:COMMIT_DIGITS]}, but "
            f"{tree.source} says {commit[:COMMIT_DIGITS]}. Build the stated commit."
        )
    tag_commit = known.stated_tag_commit
    if stated.tag and tag_commit and commit and tag_commit != commit:
        warnings.append(
            f"{prefix}_TAG states {stated.tag.name}, which is at "
            f"{tag_commit[:COMMIT_DIGITS]}, but HEAD is {commit[:COMMIT_DIGITS]}. Check "
            "out the tag."
        )
    if stated.tag and stated.channel and stated.tag.channel != stated.channel:
        warnings.append(
            f"{prefix}_CHANNEL states {stated.channel}, but tag {stated.tag.name} means "
            f"{stated.tag.channel}. Unset one of them."
        )
    if stamp.tag and stamp.commit is None:
        warnings.append(
            f"Tag {stamp.tag} is stated without its commit, so the build gets "
            f"none. Set {prefix}_SOURCE_COMMIT."
        )
    return warnings


def _is_same(first: str, second: str) -> bool:
    """Whether two SHAs, possibly shortened, can be of one commit."""
    return first.startswith(second) or second.startswith(first)


def _explain_unread_tags(config: Config, known: Known) -> Remarks:
    """Return what to say about the tags at HEAD that are not read as releases."""
    stated, tree = known.stated, known.tree
    if stated.tag or stated.channel or tree.changed:
        return Remarks()
    return explain_all(
        tree.unread_tags,
        config.tag_pattern,
        known.version.text,
        released=tree.tag is not None,
    )


def _find_missing_facts(config: Config, known: Known, stamp: Stamp) -> list[str]:
    """Return what strict mode requires and this build lacks (decision B5)."""
    missing = []
    prefix, tree = config.env_prefix, known.tree
    if stamp.source != "none":
        if stamp.commit is None:
            missing.append(f"The commit is unknown: set {prefix}_SOURCE_COMMIT.")
        if stamp.build_date is None:
            missing.append(f"The date is unknown: set {prefix}_BUILD_DATE.")
    is_explained = (
        stamp.source == "none" or _explain_unread_tags(config, known).warnings
    )
    if stamp.channel != "dev" or is_explained:
        return missing
    if known.stated.channel:
        missing.append(
            f"This is a dev build: {prefix}_CHANNEL states dev. If build-stamp show printed "
            "that, run it there without --format: it says why. If not, unset the variable."
        )
    elif stamp.tag:
        missing.append(
            f"This is a dev build: tag {stamp.tag} means dev. Tag a release, or set "
            f"{prefix}_CHANNEL."
        )
    elif tree.tag is None:
        others = ", ".join(sorted(tree.unread_tags))
        seen = f" (it has {others})" if others else ""
        missing.append(
            f"This is a dev build: its commit has no release tag{seen}. Tag the commit, "
            f"or set {prefix}_TAG or {prefix}_CHANNEL."
        )
    return missing
