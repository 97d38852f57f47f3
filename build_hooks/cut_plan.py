"""Plans a release: works out its tag, and every reason not to make it. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from shlex import quote
from typing import Literal

from build_hooks import tags
from build_hooks.config import Config
from build_hooks.errors import list_first
from build_hooks.git_output import UNTRACKED
from build_hooks.project import Project
from build_hooks.stamp import COMMIT_DIGITS, TreeVersion
from build_hooks.tags import ReleaseTag

ReleaseChannel = Literal["beta", "stable"]
# A pattern for the tags of one package, such as "shelf-v(?P<version>.+)".
_WORD_AND_VERSION = re.compile(r"([\w-]+)\(\?P<version>\.\+\)")


@dataclass(frozen=True)
class State:
    """A repository before a release.

    Attributes:
        commit: HEAD's SHA.
        branch: The branch that is checked out, or None.
        changed: The paths that make the tree dirty.
        version: The version that a build of the tree has.
        tags: Every tag, local or on the remote, with its commit.
        local_tags: The tags that this clone has.
        remote_tags: The tags that the remote has.
        tags_at_head: The tags at HEAD, local or on the remote.
        remote: The remote's name, or None.
        remote_branch: The name of the branch on the remote.
        remote_commit: The commit of the branch on the remote, or None.
    """

    commit: str
    branch: str | None
    changed: tuple[str, ...]
    version: TreeVersion
    tags: Mapping[str, str]
    local_tags: frozenset[str]
    remote_tags: frozenset[str]
    tags_at_head: frozenset[str]
    remote: str | None
    remote_branch: str | None
    remote_commit: str | None


@dataclass(frozen=True)
class Plan:
    """A release that can be cut, or the reasons why it cannot."""

    tag: str
    state: State
    refusals: tuple[str, ...]

    def refuse(self, reason: str) -> "Plan":
        """Return this plan with one more *reason* against it."""
        return replace(self, refusals=(*self.refusals, reason))


def make_plan(
    project: Project,
    channel: ReleaseChannel,
    state: State,
    *,
    version: str | None,
    promote: bool,
) -> Plan:
    """Work out the tag, and gather every refusal.

    Args:
        project: The project to release.
        channel: The channel of the release.
        state: The repository.
        version: The version, for a project that computes it.
        promote: Whether the commit may already have another release tag.
    """
    config = project.config
    stated = _find_stated_version(state, config)
    if channel == "beta" and (final := _find_final(state, config)):
        # Any other reason would only lead to this one.
        reasons = [*_check_tree(project, channel, state)]
        if not (state.changed and _is_raised(state.version, final)):
            reasons.append(_explain_stable(final.name, state.version))
        return Plan("", state, tuple(reasons))
    number = version or stated
    if number is None and promote and channel == "stable":
        number = _find_candidate(state, config)
    base = tags.parse_version(number) if number else None
    if number is None or base is None:
        return Plan("", state, (_ask_for_version(state.version),))
    released = [
        tag
        for name in state.tags
        if (tag := tags.parse(name, config.tag_pattern))
        and tag.order.base == base.order.base
    ]
    name = _make_name(config, channel, base, released)
    refusals = (
        *_check_tree(project, channel, state),
        *_check_version(state.version, stated, version),
        *_check_tag(config, channel, name, number, state.version),
        *_check_earlier_tags(config, state, name, released),
        *(() if promote else _check_commit(config, channel, state, name)),
    )
    return Plan(name, state, refusals)


def _find_stated_version(state: State, config: Config) -> str | None:
    """Return the version that the tree itself states; None if it follows from the tags.

    A computed version is a development version between two tags, and the version of the
    last tag at that tag's commit.
    """
    text, computed = state.version.text, state.version.computed
    parsed = tags.parse_version(text) if text else None
    if parsed is None or not computed:
        return text
    at_head = (tags.parse(it, config.tag_pattern) for it in state.tags_at_head)
    is_tagged = any(tag and tag.order == parsed.order for tag in at_head)
    return (
        None if parsed.channel == "dev" or "+" in parsed.version or is_tagged else text
    )


def _find_final(state: State, config: Config) -> ReleaseTag | None:
    """Return the highest stable tag at HEAD, if there is one."""
    at_head = tags.find_releases(state.tags_at_head, config.tag_pattern)
    return next((tag for tag in at_head if tag.channel == "stable"), None)


def _find_candidate(state: State, config: Config) -> str | None:
    """Return the final version of the highest beta at HEAD, if there is one."""
    at_head = tags.find_releases(state.tags_at_head, config.tag_pattern)
    return next((tag.release for tag in at_head if tag.channel == "beta"), None)


def _is_raised(version: TreeVersion, final: ReleaseTag) -> bool:
    """Whether the tree states a later version than that of the tag at HEAD."""
    parsed = tags.parse_version(version.text) if version.text else None
    return not version.computed and parsed is not None and parsed.order > final.order


def _explain_stable(final: str, version: TreeVersion) -> str:
    """Return the way from a commit with a stable tag to a beta of the next version."""
    if version.computed or version.text is None:
        advice = "commit a change, then run build-stamp cut beta --version X.Y.Z."
    else:
        advice = (
            f"raise the version in {version.place}, commit, and run build-stamp cut beta "
            "again."
        )
    return (
        f"This commit is already stable, as {final}, and a beta comes before the stable "
        f"release of its version: {advice}"
    )


def _ask_for_version(version: TreeVersion) -> str:
    if version.problem:
        problem = f"The version is unknown: {version.problem} Or"
    elif version.text and not version.computed:
        return (
            f"{version.place} says {version.text}, which is not a version that PEP 440 "
            "allows: set another and commit, or pass --version X.Y.Z."
        )
    else:
        problem = f"{version.place} computes the version:"
    return f"{problem} pass --version X.Y.Z."


def _make_name(
    config: Config,
    channel: ReleaseChannel,
    base: ReleaseTag,
    released: list[ReleaseTag],
) -> str:
    """Return the name of the tag.

    A prerelease that the version names is cut as this one: by the form of `beta-tag` if
    that form can say it, else by the form of `stable-tag`.
    """
    if channel == "stable":
        return config.stable_tag.replace("{version}", base.release)
    next_number = 1 + max(
        (it.number for it in released if it.channel == "beta"), default=0
    )
    is_named = base.channel == "beta"
    number = str(base.number if is_named else next_number)
    name = config.beta_tag.replace("{version}", base.release).replace("{n}", number)
    parsed = tags.parse(name, config.tag_pattern)
    if is_named and parsed and parsed.order != base.order:
        return config.stable_tag.replace("{version}", base.version.lstrip("vV"))
    return name


def _check_tree(
    project: Project, channel: ReleaseChannel, state: State
) -> Iterator[str]:
    config = project.config
    if state.changed:
        yield f"The tree is changed: commit or remove {list_first(state.changed)}.{_explain_new(state)}"
    branch = config.beta_branch if channel == "beta" else config.stable_branch
    if state.branch != branch:
        current = f"on {state.branch}" if state.branch else "not on a branch"
        yield (
            f"A {channel} release is cut from {branch}, but HEAD is {current}: run git "
            f"switch {branch} (or set {channel}-branch in the hook's table)."
        )
    elif state.remote and state.remote_commit != state.commit:
        remote_branch = state.remote_branch
        same_name = branch == remote_branch
        refspec = branch if same_name else f"{branch}:{remote_branch}"
        push = f"git push {state.remote} {refspec}"
        if state.remote_commit is None:
            yield f"{state.remote} has no branch {remote_branch}: run {push}"
        else:
            yield (
                f"{branch} is at {state.commit[:COMMIT_DIGITS]}, but at {state.remote_commit[:COMMIT_DIGITS]} on "
                f"{state.remote}: run git pull --ff-only {state.remote} {remote_branch}, "
                f"then {push}."
            )


def _explain_new(state: State) -> str:
    """Return what else to do about new files, which a build may have written."""
    if not any(it.endswith(UNTRACKED) for it in state.changed):
        return ""
    return " If a build writes the untracked file, add it to .gitignore."


def _check_version(
    version: TreeVersion, stated: str | None, passed: str | None
) -> Iterator[str]:
    if passed and stated and not tags.is_same_version(passed, stated):
        yield (
            f"{version.place} says {stated}, not {passed}: change the version there and "
            "commit."
        )


def _check_tag(
    config: Config,
    channel: ReleaseChannel,
    tag: str,
    number: str,
    version: TreeVersion,
) -> Iterator[str]:
    parsed = tags.parse(tag, config.tag_pattern)
    base = tags.parse_version(number)
    if base and base.order.post >= 0 and channel == "beta":
        yield f"Version {number} is a post release, which has no betas: cut stable."
    elif parsed is None or parsed.channel != channel:
        problem = f"means {parsed.channel}" if parsed else "is not a release"
        yield (
            f"The tag {tag} {problem} according to tag-pattern: "
            f"{_fix_form(config, channel)} in the hook's table."
        )
    elif not parsed.fits(number):
        yield (
            f"The tag {tag} does not fit version {number} of {version.place}: change the "
            "version and commit."
        )


def _fix_form(config: Config, channel: ReleaseChannel) -> str:
    """Return how to make tags that the pattern reads."""
    word = _WORD_AND_VERSION.fullmatch(config.tag_pattern)
    if not word:
        return f"fix {channel}-tag or tag-pattern"
    return (
        f'set beta-tag = "{word[1]}{{version}}rc{{n}}" and stable-tag = '
        f'"{word[1]}{{version}}"'
    )


def _check_earlier_tags(
    config: Config, state: State, name: str, released: list[ReleaseTag]
) -> Iterator[str]:
    bump = f"raise the version in {state.version.place}."
    tag = tags.parse(name, config.tag_pattern)
    if tag is None:
        return
    if name in state.tags:
        yield f"The tag {name} already exists{_explain_place(state, name)}: {bump}"
        if name not in state.tags_at_head and name not in state.remote_tags:
            yield (
                f"If {name} is a mistake that nobody else has, delete it: git tag "
                f"--delete {quote(name)}"
            )
    elif finals := sorted(
        it.name for it in released if it.channel == "stable" and it.order >= tag.order
    ):
        yield f"{', '.join(finals)} is already released: {bump}"


def _explain_place(state: State, name: str) -> str:
    """Return where the tag *name* is, if it is not at HEAD."""
    if name in state.tags_at_head:
        return ""
    return f", at {state.tags[name][:COMMIT_DIGITS]}"


def _check_commit(
    config: Config, channel: ReleaseChannel, state: State, name: str
) -> Iterator[str]:
    pattern = config.tag_pattern
    at_head = sorted(it for it in state.tags_at_head if tags.parse(it, pattern))
    if not at_head or name in at_head:
        return
    ways = {
        "beta": "commit a change, or release it as stable: build-stamp cut stable "
        "--promote",
        "stable": "commit a change, or promote it with --promote.",
    }
    way = "commit a change." if _find_final(state, config) else ways[channel]
    names = ", ".join(at_head)
    if absent := [it for it in at_head if it not in state.local_tags]:
        fetch = " ".join(f"tag {quote(it)}" for it in absent)
        names += f" (to build that, run git fetch {quote(state.remote or '')} {fetch})"
    yield f"This commit is already released as {names}: {way}"
