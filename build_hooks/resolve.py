"""Reads the facts about a tree from their sources, and returns the stamp.

The environment comes first, then the first of these that has facts: the sdist's own
stamp, git, an expanded `git archive`, a stamped copy's own stamp, the `git archive` of a
repository that contains the project.
"""

import contextlib
from collections.abc import Mapping

from build_hooks import (
    dates,
    decide,
    git,
    git_archive,
    git_head,
    overrides,
    own_stamp,
    tags,
)
from build_hooks.errors import FactError, NoGitFactsError
from build_hooks.project import Project
from build_hooks.stamp import Facts, Known, PackageFiles, Resolution, TreeVersion
from build_hooks.text import is_word
from build_hooks.time_limit import limit_time

_FETCH = "If the commit has a tag, fetch it: git fetch"
_MISSING_TAGS: dict[git_head.MissingTags, str] = {
    "": "",
    "shallow": "This clone is shallow and has no tag at its commit. "
    f"{_FETCH} --depth=1 --tags (actions/checkout: fetch-tags: true).",
    "none": f"This clone has no tags at all. {_FETCH} --tags.",
    "skipped": "This clone fetches no tags (remote.*.tagOpt is --no-tags), and has none "
    f"at its commit. {_FETCH} --tags.",
}


def resolve(
    project: Project,
    files: PackageFiles,
    version: TreeVersion,
    environ: Mapping[str, str],
    head: git_head.HeadReader | None = None,
) -> Resolution:
    """Resolve the stamp of *project*, whose package has these *files*.

    Args:
        project: The project.
        files: The files of its package.
        version: The version that a build of it has.
        environ: The environment.
        head: The reader of the facts from git, if it has started already.

    Raises:
        StampError: If facts cannot be read, contradict each other, or are not enough
            for strict mode.
    """
    config = project.config
    if version.text and not is_word(version.text):
        raise FactError(
            f"{version.place} says version {version.text!r}. A version has no white space "
            "and no control characters."
        )
    with limit_time(config.tag_pattern):
        stated = overrides.read_facts(environ, config.env_prefix, config.tag_pattern)
    epoch = overrides.read_source_date_epoch(environ)
    strict = config.strict or overrides.is_strict(environ, config.env_prefix)

    tree = _read_tree(project, files, environ, head)
    tree = tree._replace(reporting=own_stamp.read_reporting(files))
    commit = None
    if stated.tag and tree.source == "git":
        with contextlib.suppress(NoGitFactsError):  # a tag of something else
            commit = git.find_tag_commit(project.root, stated.tag.name, environ)
    known = Known(version, stated, tree, epoch, commit)
    with limit_time(config.tag_pattern):
        return decide.decide(config, known, strict=strict)


def _read_tree(
    project: Project,
    files: PackageFiles,
    environ: Mapping[str, str],
    head_reader: git_head.HeadReader | None,
) -> Facts:
    """Return the facts of the first source in the tree that has any."""
    if own_stamp.is_sdist(project.root, files):
        return own_stamp.read_facts(files, "sdist")
    try:
        package = project.config.package
        if head_reader:
            head = head_reader.read(package)
        else:
            head = git_head.read_head(project.root, package, environ)
    except NoGitFactsError as reason:
        # A copy's own stamp is closer than the archive of a whole repository.
        if archived := git_archive.read_facts(project.root):
            return archived
        if files.has_stamp:
            return own_stamp.read_facts(files, "copy")
        return git_archive.find_facts(project.root) or Facts("none", remark=str(reason))
    pattern = project.config.tag_pattern
    with limit_time(pattern):
        releases = tags.find_releases(head.tags, pattern)
    read = {tag.name for tag in releases}
    return Facts(
        "git",
        head.commit,
        dates.format_seconds(head.committed),
        releases[0] if releases else None,
        changed=head.changed,
        remark=_MISSING_TAGS[head.missing_tags],
        unread_tags=tuple(name for name in head.tags if name not in read),
        lower_tags=tuple(releases[1:]),
        unchecked=head.unchecked,
    )
