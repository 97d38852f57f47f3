"""Explains a stamp in words: why its channel is what it is, and how to change it. Pure."""

from collections.abc import Iterator, Sequence
from shlex import quote

from build_hooks import tags
from build_hooks.errors import list_first
from build_hooks.git_output import UNTRACKED
from build_hooks.nearest_release import Release
from build_hooks.stamp import Known, Resolution, Stamp
from build_hooks.tags import ReleaseTag


def explain(
    resolution: Resolution, prefix: str, path: str, nearest: Release | None
) -> list[str]:
    """Return the sentences that explain a stamp, each for a line of its own.

    Args:
        resolution: The stamp, and what it was decided from.
        prefix: The prefix of the project's variables.
        path: The project's path, as the user wrote it.
        nearest: The last release before HEAD, if it matters and there is one.
    """
    stamp, known = resolution.stamp, resolution.known
    reason = _explain_channel(resolution, prefix, nearest)
    return [
        f"{stamp.channel}, because {reason}.",
        *_advise(resolution, prefix, nearest, _Cut(path, stamp, known)),
    ]


class _Cut:
    """Writes the command that cuts a release of a project."""

    def __init__(self, path: str, stamp: Stamp, known: Known) -> None:
        is_computed = known.version.computed or known.version.text is None
        self._path = "" if path == "." else f" {quote(path)}"
        self._version = " --version X.Y.Z" if is_computed else ""
        self._final = tags.parse(stamp.tag) if stamp.tag else None

    def __call__(self, channel: str, *, promote: bool = False) -> str:
        version = self._version
        if promote and version and self._final:
            version = f" --version {self._final.release}"
        flag = " --promote" if promote else ""
        return f"build-stamp cut {channel}{self._path}{version}{flag}"


def _explain_channel(
    resolution: Resolution, prefix: str, nearest: Release | None
) -> str:
    """Return the reason of the channel, as a clause."""
    stamp, known = resolution.stamp, resolution.known
    stated, tree = known.stated, known.tree
    if stated.channel:
        return f"{prefix}_CHANNEL says so"
    if stated.tag:
        return f"{prefix}_TAG states {stated.tag.name}"
    if tree.unchecked:
        return f"git could not compare the tree with the commit ({tree.unchecked})"
    if tree.changed:
        though = f", though tag {tree.tag.name} is at HEAD" if tree.tag else ""
        return f"{_describe_changes(tree.changed)}{though}"
    if tree.source == "git":
        return _explain_tags(resolution, nearest)
    return {
        "none": f"the commit of this tree is unknown ({tree.remark})",
        "git-archive": "an archive of git does not name the tags of its commit",
        "sdist": f"it was {stamp.channel} when this sdist was built",
        "copy": f"it was {stamp.channel} when this copy was stamped",
    }.get(tree.source, "nothing says otherwise")


def _explain_tags(resolution: Resolution, nearest: Release | None) -> str:
    tree = resolution.known.tree
    if tree.tag:
        meaning = " is a development release and" if tree.tag.channel == "dev" else ""
        return f"tag {tree.tag.name}{meaning} is at HEAD"
    missing = "no release tag is at HEAD" if tree.unread_tags else "no tag is at HEAD"
    if nearest is None:
        return missing
    commits = "1 commit" if nearest.distance == 1 else f"{nearest.distance} commits"
    return f"{missing}; the nearest is {nearest.tag.name}, {commits} back"


def _describe_changes(changed: Sequence[str]) -> str:
    names = list_first(changed)
    if len(changed) > 1:
        return f"the tree is not what was committed ({names})"
    if names.endswith(UNTRACKED):
        return f"{names.removesuffix(UNTRACKED)} is new and not committed"
    return f"{names} is changed"


def _advise(
    resolution: Resolution, prefix: str, nearest: Release | None, cut: _Cut
) -> Iterator[str]:
    """Yield how to make it a beta or stable, as sentences."""
    stamp, known = resolution.stamp, resolution.known
    stated, tree = known.stated, known.tree
    if stated.channel or stated.tag:
        variable = f"{prefix}_CHANNEL" if stated.channel else f"{prefix}_TAG"
        yield f"Without the variable {variable}, the tree decides."
    elif tree.source == "none":
        yield (
            f"To state the commit, set {prefix}_SOURCE_COMMIT, {prefix}_BUILD_DATE and "
            f"{prefix}_TAG: with a tag such as v1.4.0rc1 it is beta, with v1.4.0 stable."
        )
    elif tree.source == "git-archive":
        yield (
            f"To state the tag, set {prefix}_TAG: with a tag such as v1.4.0rc1 it is "
            "beta, with v1.4.0 stable."
        )
    elif tree.source != "git":
        if stamp.channel == "dev":
            yield "To change that, make it again from a tagged, unchanged commit."
    elif tree.unchecked:
        yield "To change that, fix what git says."
    elif tree.changed:
        yield from _advise_on_changes(known, cut)
    elif stamp.channel == "dev":
        yield from resolution.causes
        last = nearest.tag if nearest else None
        yield from _advise_to_cut(known, cut, last)
        yield f"To build a beta without a tag, set {prefix}_CHANNEL=beta."
    elif stamp.channel == "beta":
        yield _advise_on_beta(known, cut)


def _advise_on_changes(known: Known, cut: _Cut) -> Iterator[str]:
    tag = known.tree.tag
    if tag:
        is_new = any(it.endswith(UNTRACKED) for it in known.tree.changed)
        stash = f"git stash{' --include-untracked' if is_new else ''}"
        yield f"To build {tag.name}, put the changes aside: {stash}"
    first = "commit the changes" if tag else "commit or remove the changes"
    yield from _advise_to_cut(known, cut, tag, first)


def _advise_to_cut(
    known: Known, cut: _Cut, last: ReleaseTag | None, *first: str
) -> Iterator[str]:
    """Yield the commands, and before each what must be done first."""
    steps = [*first]
    version = known.version
    parsed = tags.parse_version(version.text) if version.text else None
    if last and parsed and not version.computed and _is_released(parsed, last):
        steps = [f"raise the version in {version.place}", "commit"]
    start = f", {', '.join(steps)}, then run" if steps else ""
    yield f"To make it a beta{start}: {cut('beta')}"
    yield f"To make it stable{start}: {cut('stable')}"


def _is_released(version: ReleaseTag, last: ReleaseTag) -> bool:
    return last.channel == "stable" and version.order <= last.order


def _advise_on_beta(known: Known, cut: _Cut) -> str:
    version = known.version
    parsed = tags.parse_version(version.text) if version.text else None
    if parsed and parsed.channel != "stable" and not version.computed:
        return (
            f"To make it stable, set version {parsed.release} in {version.place}, commit, "
            f"then run: {cut('stable')}"
        )
    return f"To make it stable: {cut('stable', promote=True)}"
