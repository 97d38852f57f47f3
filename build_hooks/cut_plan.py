"""Plans a release: works out its tag, and every reason not to make it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from build_hooks import tags
from build_hooks.errors import list_first
from build_hooks.project import Project
from build_hooks.stamp import COMMIT_DIGITS, VERSION
from build_hooks.tags import ReleaseTag

ReleaseChannel = Literal["beta", "stable"]


@dataclass(frozen=True)
class State:
    """A repository before a release.

    Attributes:
        commit: HEAD's SHA.
        branch: The branch that is checked out, or None.
        changed: The paths that make the tree dirty.
        version: The version in `version.py`, or None if it computes it.
        tags: Every tag, local or on the remote.
        tags_at_head: The tags at HEAD, local or on the remote.
        remote: The remote's name, or None.
        remote_branch: The name of the branch on the remote.
        remote_commit: The commit of the branch on the remote, or None.
    """

    commit: str
    branch: str | None
    changed: tuple[str, ...]
    version: str | None
    tags: frozenset[str]
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
        version: "X.Y.Z", for a project whose `version.py` computes it.
        promote: Whether the commit may already have another release tag.
    """
    config = project.config
    number = version or state.version
    base = tags.parse(number) if number else None
    version_py = project.package_dir / VERSION
    if base is None:
        problem = f"says {number}" if number else "computes its version"
        return Plan("", state, (f"{version_py} {problem}: pass --version X.Y.Z.",))
    released = [
        tag
        for name in state.tags
        if (tag := tags.parse(name, config.tag_pattern)) and tag.release == base.release
    ]
    # If version.py names a candidate, cut that candidate.
    named = base.number if base.channel == "beta" and not version else 0
    candidate = named or 1 + max(
        (tag.number for tag in released if tag.channel == "beta"), default=0
    )
    form = config.beta_tag if channel == "beta" else config.stable_tag
    name = form.replace("{version}", base.release).replace("{n}", str(candidate))
    refusals = (
        *_check_tree(project, channel, state),
        *_check_version(project, state, version),
        *_check_tag(project, channel, state, name),
        *_check_earlier_tags(project, state, name, released, promote=promote),
    )
    return Plan(name, state, refusals)


def _check_tree(
    project: Project, channel: ReleaseChannel, state: State
) -> Iterator[str]:
    config = project.config
    if state.changed:
        yield f"The tree is changed: commit or remove {list_first(state.changed)}."
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


def _check_version(
    project: Project, state: State, version: str | None
) -> Iterator[str]:
    if version and state.version and version != state.version:
        yield (
            f"{project.package_dir / VERSION} says {state.version}, not {version}: set "
            "__version__ there and commit."
        )


def _check_tag(
    project: Project, channel: ReleaseChannel, state: State, tag: str
) -> Iterator[str]:
    parsed = tags.parse(tag, project.config.tag_pattern)
    if parsed is None or parsed.channel != channel:
        problem = f"means {parsed.channel}" if parsed else "is not a release"
        yield (
            f"The tag {tag} {problem} according to tag-pattern: fix {channel}-tag or "
            "tag-pattern in the hook's table."
        )
    elif state.version and not parsed.fits(state.version):
        yield (
            f"The tag {tag} does not fit __version__ {state.version} in "
            f"{project.package_dir / VERSION}: set it and commit."
        )


def _check_earlier_tags(
    project: Project,
    state: State,
    tag: str,
    released: list[ReleaseTag],
    *,
    promote: bool,
) -> Iterator[str]:
    bump = f"bump __version__ in {project.package_dir / VERSION}."
    if tag in state.tags:
        yield f"The tag {tag} already exists: {bump}"
    elif finals := sorted(it.name for it in released if it.channel == "stable"):
        yield f"{', '.join(finals)} is already released: {bump}"
    pattern = project.config.tag_pattern
    at_head = sorted(it for it in state.tags_at_head if tags.parse(it, pattern))
    if at_head and not promote and tag not in at_head:
        yield (
            f"This commit is already released as {', '.join(at_head)}: commit a change, "
            "or promote it with --promote."
        )
