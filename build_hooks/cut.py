"""Cuts a release: judges the repository, and makes one annotated tag.

The release engineer's own tool, on GitPython; no build imports it. Reading the
repository (`look`), judging what was read (`plan`), tagging (`make`) and publishing
(`push`) are apart.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from git import GitCommandError, InvalidGitRepositoryError, Repo

from build_hooks import git as facts
from build_hooks import python_source, tags
from build_hooks.errors import StampError, some
from build_hooks.project import Project
from build_hooks.tags import ReleaseTag

Kind = Literal["beta", "stable"]
# Whatever the user's settings push along with a tag.
_ALONE = ("--no-follow-tags", "--no-recurse-submodules")


class CutError(StampError):
    """A release that cannot be cut, with every reason and its mend."""


@dataclass(frozen=True)
class State:
    """What a repository is like before a release.

    Attributes:
        commit: HEAD's SHA.
        branch: The branch that is checked out, or None.
        changed: What makes the tree dirty.
        version: What `version.py` says, or None where it is computed.
        tags: Every tag, here and on the remote.
        tags_here: The tags at HEAD.
        remote: The remote's name, or None.
        remote_branch: What the branch is called there.
        remote_commit: Where it is there, or None.
    """

    commit: str
    branch: str | None
    changed: tuple[str, ...]
    version: str | None
    tags: frozenset[str]
    tags_here: frozenset[str]
    remote: str | None
    remote_branch: str | None
    remote_commit: str | None


@dataclass(frozen=True)
class Plan:
    """A release that may be cut, or the reasons why not."""

    tag: str
    state: State
    refusals: tuple[str, ...]


def prepare(
    project: Project,
    kind: Kind,
    *,
    remote: str | None = None,
    version: str | None = None,
    promote: bool = False,
) -> Plan:
    """Look at *project* and judge it: what `cut` would do, or why not.

    The arguments are those of `look` and `plan`.

    Raises:
        CutError: If there is no repository, or its remote does not answer.
    """
    planned = plan(
        project, kind, look(project, remote), version=version, promote=promote
    )
    if not planned.tag or _is_ref(_repository(project), f"refs/tags/{planned.tag}"):
        return planned
    wrong = (
        f"{planned.tag!r} can be no tag in git: mend {kind}-tag in the hook's table."
    )
    return replace(planned, refusals=(*planned.refusals, wrong))


def look(project: Project, remote: str | None) -> State:
    """Read the repository of *project*, and its remote.

    Args:
        project: What is released.
        remote: The remote's name; None takes the branch's own, `origin`, or the only one.

    Raises:
        CutError: If there is no repository, or its remote does not answer.
    """
    repository = _repository(project)
    try:
        found = facts.read(project.root, project.config.package, os.environ)
    except facts.NoGitFactsError as reason:
        raise CutError(f"There is nothing to release here: {reason}.") from reason
    branch = None if repository.head.is_detached else repository.active_branch.name
    name = remote or _remote_of(repository, branch)
    there = _name_there(repository, branch, name)
    heads, remote_tags = _listing(repository, name) if name else ({}, {})
    return State(
        found.commit,
        branch,
        tuple(dict.fromkeys((*_tracked_changes(repository), *found.changed))),
        python_source.read_version(project.version_py),
        frozenset({str(tag.name) for tag in repository.tags} | set(remote_tags)),
        frozenset({*found.tags, *_names_at(found.commit, remote_tags)}),
        name,
        there,
        heads.get(there or ""),
    )


def _listing(repository: Repo, remote: str) -> tuple[dict[str, str], dict[str, str]]:
    """Where the branches and the tags of *remote* are, by name."""
    heads, remote_tags = {}, {}
    try:
        listing = _run(repository, "ls-remote", "--heads", "--tags", "--", remote)
    except GitCommandError as error:
        raise CutError(
            f"The remote {remote} does not answer: {_said(error)}. Name another with "
            "--remote."
        ) from error
    for line in listing.splitlines():
        commit, _, ref = line.partition("\t")
        if ref.startswith("refs/heads/"):
            heads[ref.removeprefix("refs/heads/")] = commit
        else:
            # An annotated tag's own line is followed by that of its commit.
            remote_tags[ref.removeprefix("refs/tags/").removesuffix("^{}")] = commit
    return heads, remote_tags


def _names_at(commit: str, places: dict[str, str]) -> list[str]:
    return [name for name, place in places.items() if place == commit]


def _tracked_changes(repository: Repo) -> list[str]:
    """What differs from HEAD, deletions anywhere included: no `.dockerignore` here."""
    listing = _run(repository, "status", "--porcelain", "-z", "-uno", "--no-renames")
    return [entry[3:] for entry in listing.split("\0") if entry]


def plan(
    project: Project, kind: Kind, state: State, *, version: str | None, promote: bool
) -> Plan:
    """Judge *state*: work the tag out, and gather every refusal. Pure.

    Args:
        project: What is released.
        kind: What its tag is to mean.
        state: The repository.
        version: "X.Y.Z" for a project whose `version.py` computes it.
        promote: Whether the commit may carry another release tag already.
    """
    config = project.config
    wanted = version or state.version
    base = tags.parse(wanted) if wanted else None
    if base is None:
        said = f"says {wanted}" if wanted else "computes its version"
        refusal = f"{project.version_py} {said}: name one with --version X.Y.Z."
        return Plan("", state, (refusal,))
    known = [
        tag for name in state.tags if (tag := tags.parse(name, config.tag_pattern))
    ]
    same = [tag for tag in known if tag.release == base.release]
    # A version.py that names its candidate is taken at its word.
    own = base.number if base.channel == "beta" and not version else 0
    number = own or 1 + max(
        (it.number for it in same if it.channel == "beta"), default=0
    )
    form = config.beta_tag if kind == "beta" else config.stable_tag
    name = form.replace("{version}", base.release).replace("{n}", str(number))
    refusals = (
        *_about_tree(project, kind, state),
        *_about_version(project, state, version),
        *_about_tag(project, kind, state, name, same, promote=promote),
    )
    return Plan(name, state, refusals)


def make(project: Project, planned: Plan, *, sign: bool) -> None:
    """Make the annotated tag of *planned*, here alone.

    Raises:
        CutError: If git refuses.
    """
    how = "--sign" if sign else "--annotate"
    tag, commit = planned.tag, planned.state.commit
    try:
        _run(_repository(project), "tag", how, "--message", tag, "--", tag, commit)
    except GitCommandError as error:
        raise CutError(f"git made no tag: {_said(error)}") from error


def push(project: Project, planned: Plan) -> None:
    """Push the tag of *planned* to its remote, and nothing else.

    Raises:
        CutError: If there is no remote, or git refuses.
    """
    tag, remote = planned.tag, planned.state.remote
    if remote is None:
        raise CutError("There is no remote to push to.")
    try:
        _run(
            _repository(project),
            *("push", "--quiet", *_ALONE, "--", remote, f"refs/tags/{tag}"),
        )
    except GitCommandError as error:
        raise CutError(
            f"The tag is made, but not pushed: {_said(error)}\n"
            f"Push it: git push {remote} refs/tags/{tag}\n"
            f"Or remove it: git tag --delete {tag}"
        ) from error


def withdraw(project: Project, planned: Plan) -> None:
    """Remove the tag of *planned* again, here alone."""
    _run(_repository(project), "tag", "--delete", "--", planned.tag)


def _about_tree(project: Project, kind: Kind, state: State) -> Iterator[str]:
    config = project.config
    if state.changed:
        yield f"The tree is changed: commit or remove {some(state.changed)}."
    branch = config.beta_branch if kind == "beta" else config.stable_branch
    if state.branch != branch:
        where = f"on {state.branch}" if state.branch else "on no branch"
        yield (
            f"A {kind} release is cut from {branch}, and this is {where}: git switch "
            f"{branch} (or set {kind}-branch in the hook's table)."
        )
    elif state.remote and state.remote_commit != state.commit:
        there = state.remote_branch
        what = branch if there == branch else f"{branch}:{there}"
        if state.remote_commit is None:
            yield f"{state.remote} has no branch {there}: git push {state.remote} {what}"
        else:
            yield (
                f"{branch} is at {state.commit[:9]} here and at "
                f"{state.remote_commit[:9]} on {state.remote}: git pull --ff-only "
                f"{state.remote} {there}, and git push {state.remote} {what}."
            )


def _about_version(
    project: Project, state: State, version: str | None
) -> Iterator[str]:
    if version and state.version and version != state.version:
        yield (
            f"{project.version_py} says {state.version}, not {version}: set __version__ "
            "there and commit."
        )


def _about_tag(  # noqa: PLR0913  # what it judges
    project: Project,
    kind: Kind,
    state: State,
    tag: str,
    same: list[ReleaseTag],
    *,
    promote: bool,
) -> Iterator[str]:
    pattern = project.config.tag_pattern
    parsed = tags.parse(tag, pattern)
    if parsed is None or parsed.channel != kind:
        means = f"means {parsed.channel}" if parsed else "is no release"
        yield (
            f"The tag {tag} {means} by tag-pattern: mend {kind}-tag or tag-pattern in "
            "the hook's table."
        )
    elif state.version and not parsed.names(state.version):
        yield (
            f"The tag {tag} does not fit __version__ {state.version} of "
            f"{project.version_py}: set it and commit."
        )
    if tag in state.tags:
        yield f"There is a tag {tag} already: bump __version__ in {project.version_py}."
    elif out := [it.name for it in same if it.channel == "stable"]:
        yield f"{', '.join(sorted(out))} is out: bump __version__ in {project.version_py}."
    here = [name for name in state.tags_here if tags.parse(name, pattern)]
    if here and not promote and tag not in here:
        yield (
            f"This commit is released as {', '.join(sorted(here))}: commit something, or "
            "promote it with --promote."
        )


def _remote_of(repository: Repo, branch: str | None) -> str | None:
    """The branch's own remote, else `origin`, else the only one.

    Raises:
        CutError: If there are several, and none of them stands out.
    """
    names = [str(remote.name) for remote in repository.remotes]
    tracked = repository.active_branch.tracking_branch() if branch else None
    if tracked and tracked.remote_name in names:
        return str(tracked.remote_name)
    if "origin" in names:
        return "origin"
    if len(names) > 1:
        raise CutError(
            f"Several remotes are known: name one of {', '.join(names)} with --remote."
        )
    return names[0] if names else None


def _name_there(repository: Repo, branch: str | None, remote: str | None) -> str | None:
    """What *branch* is called on *remote*: it may track one of another name."""
    tracked = repository.active_branch.tracking_branch() if branch else None
    if tracked and tracked.remote_name == remote:
        return str(tracked.remote_head)
    return branch


def _is_ref(repository: Repo, name: str) -> bool:
    try:
        _run(repository, "check-ref-format", name)
    except GitCommandError:
        return False
    return True


def _repository(project: Project) -> Repo:
    try:
        return Repo(project.root, search_parent_directories=True)
    except InvalidGitRepositoryError as error:
        raise CutError(f"{project.root} lies in no git repository.") from error


def _run(repository: Repo, *words: str) -> str:
    # As in `build_hooks.git`: CI checks out as another user.
    trust = ("-c", f"safe.directory={repository.working_dir}")
    return str(
        repository.git.execute(["git", *trust, *words], strip_newline_in_stdout=False)
    )


def _said(error: GitCommandError) -> str:
    """What git printed, without GitPython's own words around it."""
    return str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
