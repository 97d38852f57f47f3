"""Plans a release: works out its tag, and gathers every reason not to make it. Pure."""

from dataclasses import dataclass, replace

from build_hooks import tags
from build_hooks.config import Config
from build_hooks.cut_checks import (
    check_commit,
    check_earlier_tags,
    check_tag,
    check_tree,
    check_version,
)
from build_hooks.cut_state import ReleaseChannel, State, find_final
from build_hooks.project import Project
from build_hooks.stamp import TreeVersion
from build_hooks.tags import ReleaseTag


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
    if channel == "beta" and (final := find_final(state, config)):
        # Any other reason would only lead to this one.
        reasons = [*check_tree(project, channel, state)]
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
        *check_tree(project, channel, state),
        *check_version(state.version, stated, version),
        *check_tag(config, channel, name, number, state.version),
        *check_earlier_tags(config, state, name, released),
        *(() if promote else check_commit(config, channel, state, name)),
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
