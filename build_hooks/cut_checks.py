"""Finds the reasons not to make a release. Pure."""

import re
from collections.abc import Iterator
from shlex import quote

from build_hooks import tags
from build_hooks.config import Config
from build_hooks.cut_state import ReleaseChannel, State, find_final
from build_hooks.errors import list_first
from build_hooks.git_output import UNTRACKED
from build_hooks.project import Project
from build_hooks.stamp import COMMIT_DIGITS, TreeVersion
from build_hooks.tags import ReleaseTag

# A pattern for the tags of one package, such as "shelf-v(?P<version>.+)".
_WORD_AND_VERSION = re.compile(r"([\w-]+)\(\?P<version>\.\+\)")


def check_tree(
    project: Project, channel: ReleaseChannel, state: State
) -> Iterator[str]:
    """Yield what is wrong with the tree, its branch and the remote."""
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


def check_version(
    version: TreeVersion, stated: str | None, passed: str | None
) -> Iterator[str]:
    """Yield whether the version that the user passed is not the tree's."""
    if passed and stated and not tags.is_same_version(passed, stated):
        yield (
            f"{version.place} says {stated}, not {passed}: change the version there and "
            "commit."
        )


def check_tag(
    config: Config,
    channel: ReleaseChannel,
    tag: str,
    number: str,
    version: TreeVersion,
) -> Iterator[str]:
    """Yield whether the tag does not say the channel and the version."""
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


def check_earlier_tags(
    config: Config, state: State, name: str, released: list[ReleaseTag]
) -> Iterator[str]:
    """Yield which tags make this release come too late."""
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


def check_commit(
    config: Config, channel: ReleaseChannel, state: State, name: str
) -> Iterator[str]:
    """Yield the releases that the commit has already."""
    pattern = config.tag_pattern
    at_head = sorted(it for it in state.tags_at_head if tags.parse(it, pattern))
    if not at_head or name in at_head:
        return
    ways = {
        "beta": "commit a change, or release it as stable: build-stamp cut stable "
        "--promote",
        "stable": "commit a change, or promote it with --promote.",
    }
    way = "commit a change." if find_final(state, config) else ways[channel]
    names = ", ".join(at_head)
    if absent := [it for it in at_head if it not in state.local_tags]:
        fetch = " ".join(f"tag {quote(it)}" for it in absent)
        names += f" (to build that, run git fetch {quote(state.remote or '')} {fetch})"
    yield f"This commit is already released as {names}: {way}"
