"""Reads the repository of a release, and makes, pushes or removes its tag.

The only module that uses GitPython. Builds do not import it.
"""

import os

from git import GitCommandError, InvalidGitRepositoryError, Repo

from build_hooks import git as facts
from build_hooks import own_stamp
from build_hooks.cut_plan import Plan, ReleaseChannel, State, make_plan
from build_hooks.errors import CutError, NoGitFactsError
from build_hooks.project import Project
from build_hooks.project_version import read_version

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
    plan = make_plan(project, channel, state, version=version, promote=promote)
    if not plan.tag or _is_ref(_open(project), f"refs/tags/{plan.tag}"):
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
    repository = _open(project)
    try:
        head = facts.read_head(project.root, project.config.package, os.environ)
    except NoGitFactsError as reason:
        raise CutError(f"There is nothing to release: {reason}.") from reason
    branch = None if repository.head.is_detached else repository.active_branch.name
    name = remote or _find_remote(repository, branch)
    remote_branch = _find_remote_branch(repository, branch, name)
    heads, remote_tags = _list_refs(repository, name) if name else ({}, {})
    at_head = [tag for tag, commit in remote_tags.items() if commit == head.commit]
    return State(
        head.commit,
        branch,
        tuple(dict.fromkeys((*_list_tracked_changes(repository), *head.changed))),
        read_version(project, own_stamp.read_package_files(project.package_dir)),
        frozenset({str(tag.name) for tag in repository.tags} | set(remote_tags)),
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
    try:
        _run(_open(project), "tag", option, "--message", tag, "--", tag, commit)
    except GitCommandError as error:
        raise CutError(f"git did not make the tag: {_get_message(error)}") from error


def push_tag(project: Project, plan: Plan) -> None:
    """Push the tag of *plan* to its remote, and nothing else.

    Raises:
        CutError: If there is no remote, or git fails.
    """
    tag, remote = plan.tag, plan.state.remote
    if remote is None:
        raise CutError("There is no remote to push to.")
    ref = f"refs/tags/{tag}"
    try:
        _run(_open(project), "push", "--quiet", *_TAG_ONLY, "--", remote, ref)
    except GitCommandError as error:
        raise CutError(
            f"The tag is made, but not pushed: {_get_message(error)}\n"
            f"To push it: git push {remote} {ref}\n"
            f"To remove it: git tag --delete {tag}"
        ) from error


def delete_tag(project: Project, plan: Plan) -> None:
    """Delete the tag of *plan* from the local repository."""
    _run(_open(project), "tag", "--delete", "--", plan.tag)


def _list_refs(repository: Repo, remote: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the commits of the branches and of the tags of *remote*, by name."""
    heads, tags = {}, {}
    try:
        listing = _run(repository, "ls-remote", "--heads", "--tags", "--", remote)
    except GitCommandError as error:
        message = _get_message(error).rstrip(".")
        raise CutError(
            f"The remote {remote} does not answer: {message}. Select another "
            "with --remote."
        ) from error
    for line in listing.splitlines():
        commit, _, ref = line.partition("\t")
        if ref.startswith("refs/heads/"):
            heads[ref.removeprefix("refs/heads/")] = commit
        else:
            # The line of an annotated tag is followed by the line of its commit.
            tags[ref.removeprefix("refs/tags/").removesuffix("^{}")] = commit
    return heads, tags


def _list_tracked_changes(repository: Repo) -> list[str]:
    """List what differs from HEAD. Unlike in a build, every deletion counts."""
    listing = _run(repository, "status", "--porcelain", "-z", "-uno", "--no-renames")
    return [entry[3:] for entry in listing.split("\0") if entry]


def _find_remote(repository: Repo, branch: str | None) -> str | None:
    """Return the branch's own remote, else `origin`, else the only one.

    Raises:
        CutError: If there are several others.
    """
    names = [str(remote.name) for remote in repository.remotes]
    tracked = repository.active_branch.tracking_branch() if branch else None
    if tracked and tracked.remote_name in names:
        return str(tracked.remote_name)
    if "origin" in names:
        return "origin"
    if len(names) > 1:
        raise CutError(
            f"There are several remotes: select one of {', '.join(names)} with --remote."
        )
    return names[0] if names else None


def _find_remote_branch(
    repository: Repo, branch: str | None, remote: str | None
) -> str | None:
    """Return the name of *branch* on *remote*: it may track one of another name."""
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


def _open(project: Project) -> Repo:
    try:
        return Repo(project.root, search_parent_directories=True)
    except InvalidGitRepositoryError as error:
        raise CutError(f"{project.root} is not in a git repository.") from error


def _run(repository: Repo, *arguments: str) -> str:
    # See `git`: in CI, another user often owns the checkout.
    trust = ("-c", f"safe.directory={repository.working_dir}")
    return str(
        repository.git.execute(
            ["git", *trust, *arguments], strip_newline_in_stdout=False
        )
    )


def _get_message(error: GitCommandError) -> str:
    """Return git's message, without GitPython's own text around it."""
    return str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
