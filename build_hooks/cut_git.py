"""Reads the repository of a release, and makes, pushes or removes its tag."""

import os
from shlex import quote

from build_hooks import git, git_head, git_output, own_stamp
from build_hooks.cut_plan import Plan, make_plan
from build_hooks.cut_state import ReleaseChannel, State
from build_hooks.errors import CutError, NoGitFactsError
from build_hooks.git_process import GitProcess, join_lines
from build_hooks.project import Project
from build_hooks.project_version import read_version
from build_hooks.time_limit import limit_time

# The user's settings may add other tags and submodules to a push.
_TAG_ONLY = ("--no-follow-tags", "--no-recurse-submodules")


def prepare(
    project: Project,
    channel: ReleaseChannel,
    *,
    remote: str | None = None,
    version: str | None = None,
    promote: bool = False,
) -> Plan:
    """Read the repository of *project* and plan the release.

    The arguments are those of `read_state` and `make_plan`.

    Raises:
        CutError: If there is no repository, or its remote does not answer.
    """
    state = read_state(project, remote)
    with limit_time(project.config.tag_pattern):
        plan = make_plan(project, channel, state, version=version, promote=promote)
    if (
        not plan.tag
        or _start(project, "check-ref-format", f"refs/tags/{plan.tag}").wait()
    ):
        return plan
    return plan.refuse(
        f"{plan.tag!r} is not a valid tag name in git: fix {channel}-tag in the hook's table."
    )


def read_state(project: Project, remote: str | None) -> State:
    """Read the repository of *project*, and its remote.

    Args:
        project: The project to release.
        remote: The remote's name; None for the branch's own, `origin`, or the only one.

    Raises:
        CutError: If there is no repository, or its remote does not answer.
    """
    try:
        head = git_head.read_head(project.root, project.config.package, os.environ)
        tags = _list_local_tags(project)
        changed = (*_list_tracked_changes(project), *head.changed)
        branch = _read_branch(project)
        name = remote or _find_remote(project, branch)
    except NoGitFactsError as reason:
        raise CutError(f"There is nothing to release: {reason}.") from reason
    remote_branch = _find_remote_branch(project, branch, name)
    heads, remote_tags = _list_refs(project, name) if name else ({}, {})
    at_head = [tag for tag, commit in remote_tags.items() if commit == head.commit]
    return State(
        head.commit,
        branch,
        tuple(dict.fromkeys(changed)),
        read_version(project, own_stamp.read_package_files(project.package_dir)),
        {**remote_tags, **tags},
        frozenset(tags),
        frozenset(remote_tags),
        frozenset({*head.tags, *at_head}),
        name,
        remote_branch,
        heads.get(remote_branch or ""),
    )


def make_tag(project: Project, plan: Plan, *, sign: bool) -> None:
    """Make the annotated tag of *plan*, in the local repository only.

    Raises:
        CutError: If git fails.
    """
    option = "--sign" if sign else "--annotate"
    tag, commit = plan.tag, plan.state.commit
    words = ("tag", option, "--message", tag, "--", tag, commit)
    made = _start(project, *words, online=True)  # it may ask for a passphrase
    if not made.wait():
        raise CutError(*f"git did not make the tag: {made.complaint}".splitlines())


def push_tag(project: Project, plan: Plan) -> None:
    """Push the tag of *plan* to its remote, and nothing else.

    Raises:
        CutError: If there is no remote, or git fails.
    """
    tag, remote = plan.tag, plan.state.remote
    if remote is None:
        raise CutError("There is no remote to push to.")
    ref = f"refs/tags/{tag}"
    words = ("push", "--quiet", *_TAG_ONLY, "--", remote, ref)
    pushed = _start(project, *words, online=True)
    if not pushed.wait():
        raise CutError(
            *f"The tag is made, but not pushed: {pushed.complaint}".splitlines(),
            f"To push it: git push {quote(remote)} {quote(ref)}",
            f"To remove it: git tag --delete {quote(tag)}",
        )


def delete_tag(project: Project, plan: Plan) -> None:
    """Delete the tag of *plan* from the local repository.

    Raises:
        CutError: If git fails.
    """
    deleted = _start(project, "tag", "--delete", "--", plan.tag)
    if not deleted.wait():
        complaint = f"git did not delete the tag {plan.tag}: {deleted.complaint}"
        raise CutError(*complaint.splitlines())


def _list_refs(project: Project, remote: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the commits of the branches and of the tags of *remote*, by name."""
    words = ("ls-remote", "--heads", "--tags", "--", remote)
    listing = _start(project, *words, online=True)
    if not listing.wait():
        raise CutError(
            f"The remote {remote} does not answer: {join_lines(listing.complaint or '')}. "
            "Select another with --remote."
        )
    heads, tags = {}, {}
    for line in listing.read().splitlines():
        commit, _, ref = line.partition("\t")
        if ref.startswith("refs/heads/"):
            heads[ref.removeprefix("refs/heads/")] = commit
        else:
            # The line of an annotated tag is followed by the line of its commit.
            tags[ref.removeprefix("refs/tags/").removesuffix("^{}")] = commit
    return heads, tags


def _list_local_tags(project: Project) -> dict[str, str]:
    """Return the commit of each tag by the tag's name."""
    # The second is that of the tagged commit, or empty if the tag is not annotated.
    form = "--format=%(refname) %(objectname) %(*objectname)"
    lines = _start(project, "for-each-ref", form, "refs/tags").read().splitlines()
    refs = (line.split() for line in lines)
    return {ref.removeprefix("refs/tags/"): ids[-1] for ref, *ids in refs}


def _list_tracked_changes(project: Project) -> list[str]:
    """List what differs from HEAD. Unlike in a build, every deletion counts."""
    status = git_output.parse_status(_start(project, *git_output.STATUS).read())
    return [path for _, path in status]


def _read_branch(project: Project) -> str | None:
    """Return the branch that is checked out, if any."""
    head = _start(project, "symbolic-ref", "--quiet", "HEAD")
    return head.read().strip().removeprefix("refs/heads/") if head.wait() else None


def _find_remote(project: Project, branch: str | None) -> str | None:
    """Return the branch's own remote, else `origin`, else the only one.

    Raises:
        CutError: If there are several others.
    """
    names = _start(project, "remote").read().splitlines()
    own = _read_upstream(project, branch)[0]
    if own in names:
        return own
    if "origin" in names:
        return "origin"
    if len(names) > 1:
        raise CutError(
            f"There are several remotes: select one of {', '.join(names)} with --remote."
        )
    return names[0] if names else None


def _find_remote_branch(
    project: Project, branch: str | None, remote: str | None
) -> str | None:
    """Return the name of *branch* on *remote*: it may track one of another name."""
    own, name = _read_upstream(project, branch)
    return name if name and own == remote else branch


def _read_upstream(
    project: Project, branch: str | None
) -> tuple[str | None, str | None]:
    """Return the remote and the branch there that *branch* tracks."""
    settings = git.read_settings(project.root, os.environ, "branch")
    merge = settings.get(f"branch.{branch}.merge")
    return (
        settings.get(f"branch.{branch}.remote"),
        merge.removeprefix("refs/heads/") if merge else None,
    )


def _start(project: Project, *arguments: str, online: bool = False) -> GitProcess:
    return GitProcess(project.root, os.environ, *arguments, online=online)
