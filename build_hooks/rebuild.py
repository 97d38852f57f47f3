"""Builds a project a second time and compares the artifacts byte for byte.

With a tag, the second build is of a clean checkout of it, so that a file which only the
work tree has cannot be in both.
"""

import contextlib
import filecmp
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

from build_hooks import archive_comparison, git
from build_hooks.artifact import Artifact
from build_hooks.build_run import find_statement, run_build
from build_hooks.errors import CheckoutError, NoGitFactsError, list_first
from build_hooks.git_checkout import Checkout, check_out
from build_hooks.git_process import find_top
from build_hooks.temporary import make_folder_outside
from build_hooks.values import Value
from build_hooks.verdicts import Check

_MAX_LINES = 5
_ABSENT = (
    ", which the tag does not hold: commit what the build needs, and add everything else to "
    ".gitignore, or move it out of the project's folder"
)
# These make a build's own git read another repository than the one that is checked out.
_OTHER_REPOSITORY = (
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR"),
    *("GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"),
    *("GIT_SHALLOW_FILE", "GIT_WORK_TREE"),
)


class Original(Value):
    """What the second build is made from.

    Attributes:
        project: The project's root.
        tag: The tag that the artifacts were built from, or "".
        commit: The tag's commit, if a repository has it.
        no_commit: Why the project's repository does not have it, or "". Without a
            repository, the project's folder is built as it is.
    """

    project: Path
    tag: str = ""
    commit: str | None = None
    no_commit: str = ""


class _Built(Value):
    """A second build.

    Attributes:
        tree: The folder that was built.
        artifacts: The folder of the artifacts.
        problem: Why there are none, or "".
        checkout: The checkout that *tree* lies in, if there is one.
    """

    tree: Path
    artifacts: Path
    problem: str = ""
    checkout: Checkout | None = None


@contextlib.contextmanager
def second_build(
    original: Original,
    options: Sequence[str],
    environ: Mapping[str, str],
    report: Callable[[str], None],
) -> Iterator[Callable[[Artifact], Check]]:
    """Return a function that compares an artifact with a second build.

    The first wheel or sdist builds the project once. Other kinds are skipped.

    Args:
        original: What is built.
        options: More arguments for `python -m build`.
        environ: The environment.
        report: Gets a line about each step that takes its time.
    """
    with contextlib.ExitStack() as stack:

        @functools.cache
        def build() -> _Built:
            if original.no_commit:
                return _Built(original.project, Path(), original.no_commit)
            outside = make_folder_outside(original.project)
            folder = Path(stack.enter_context(outside))
            if original.commit:
                return _build_tag(original, folder, options, environ, report)
            return _build_folder(original.project, folder, options, environ, report)

        def compare(artifact: Artifact) -> Check:
            if artifact.kind not in ("wheel", "sdist"):
                reason = f"no backend builds a {artifact.kind}"
                return Check("rebuild", "skip", reason)
            built = build()
            if built.problem:
                return Check("rebuild", "FAIL", built.problem)
            if built.checkout:
                return _compare_with_tag(artifact.path, original.tag, built)
            return _compare_with_folder(artifact.path, original, built, environ)

        yield compare


def _build_folder(
    project: Path,
    folder: Path,
    options: Sequence[str],
    environ: Mapping[str, str],
    report: Callable[[str], None],
) -> _Built:
    """Build *project* as it is."""
    report("building the project a second time ...")
    problem = ""
    if not _is_project(project):
        problem = (
            f"{project.resolve()} is not a project: pass the one to build with --from"
        )
    elif output := run_build(project, folder / "dist", options, environ):
        problem = " | ".join(("the build failed", *output[-_MAX_LINES:]))
    return _Built(project, folder / "dist", problem)


def _build_tag(
    original: Original,
    folder: Path,
    options: Sequence[str],
    environ: Mapping[str, str],
    report: Callable[[str], None],
) -> _Built:
    """Build the tag of *original*, from a checkout that has nothing else."""
    tag, project = original.tag, Path(os.path.realpath(original.project))
    source = find_top(project) or project
    # A build may use the name of the folder.
    top = folder / "checkout" / source.name
    inside = project.relative_to(source)
    tree, artifacts = top / inside, folder / "dist"
    report(f"checking out tag {tag} in a clean folder ...")
    try:
        checkout = check_out(source, original.commit or "", top, environ)
    except CheckoutError as error:
        reason = " ".join(error.lines)
        problem = (
            f"tag {tag} cannot be checked out in a clean folder: {reason} To fetch what is "
            f"missing: git checkout --recurse-submodules {quote(tag)}"
        )
        return _Built(tree, artifacts, problem)
    built = _Built(tree, artifacts, checkout=checkout)
    if not _is_project(tree):
        problem = (
            f"tag {tag} has no {inside / 'pyproject.toml'}: pass the folder that the "
            "project has there with --from"
        )
        return built._replace(problem=problem)
    report(f"building tag {tag} ...")
    kept = {name: it for name, it in environ.items() if name not in _OTHER_REPOSITORY}
    output = run_build(tree, artifacts, options, kept)
    if output:
        return built._replace(
            problem=_explain_failure(original, built, output, environ)
        )
    return built


def _is_project(folder: Path) -> bool:
    return any((folder / it).is_file() for it in ("pyproject.toml", "setup.py"))


def _explain_failure(
    original: Original, built: _Built, output: list[str], environ: Mapping[str, str]
) -> str:
    """Say why the build of a tag failed, and which files only the work tree has."""
    text = "\n".join(output)
    missing: list[str] = []
    with contextlib.suppress(NoGitFactsError):
        listed = git.list_untracked_files(original.project, environ, ignored=True)
        missing = [it for it in listed if str(built.tree / it) in text]
    if missing:
        reason = f"it needs {list_first(missing)}{_ABSENT}"
    else:
        reason = "the tag may lack a file that your folder has"
    stated = find_statement(output)
    if stated and not missing:
        made = f"the build of tag {original.tag} in a clean folder failed"
        return f"{made}: {' '.join(stated)}"
    lines = (it.replace(f"{built.tree}/", "") for it in output[-_MAX_LINES:])
    first = f"the build of tag {original.tag} in a clean folder failed: {reason}"
    return " | ".join((_add_submodules(first, built), *lines))


def _compare_with_tag(path: Path, tag: str, built: _Built) -> Check:
    made = f"a clean build of tag {tag}"
    members = archive_comparison.hash_members(path)
    if difference := _find_difference(path, members, built, made, _ABSENT):
        return Check("rebuild", "FAIL", _add_submodules(difference, built))
    if followed := _find_followed(members, built):
        return Check(
            "rebuild",
            "FAIL",
            f"{made} is the same bytes, but the tag has a link {list_first(followed)} to "
            "files outside the repository, which may be in both: commit the files instead",
        )
    return Check("rebuild", "ok", f"{made} is the same bytes")


def _compare_with_folder(
    path: Path, original: Original, built: _Built, environ: Mapping[str, str]
) -> Check:
    """Compare with a build of a folder that may contain anything."""
    project = original.project
    made = f"a second build of {project.resolve()}"
    members = archive_comparison.hash_members(path)
    if difference := _find_difference(path, members, built, made):
        return Check("rebuild", "FAIL", difference)
    same = "a second build is the same bytes"
    if original.tag:
        return Check(
            "rebuild",
            "warn",
            f"{same}, but it was made from {project.resolve()} as it is: no repository there "
            f"has tag {original.tag}",
        )
    local: list[str] = []
    with contextlib.suppress(NoGitFactsError):
        names = [
            *git.list_changed_files(project, environ),
            *git.list_untracked_files(project, environ, ignored=False),
        ]
        local = list(archive_comparison.find_copies(names, project, members))
    if local:
        return Check(
            "rebuild",
            "warn",
            f"{same}, but git does not have all of it: commit or remove "
            f"{list_first(local)}. With --tag, the second build is of the tag alone",
        )
    return Check("rebuild", "ok", same)


def _find_difference(
    path: Path, members: Mapping[str, str], built: _Built, made: str, absent: str = ""
) -> str:
    """Say how the artifact at *path* differs from its second build, if it does.

    The other arguments are its members and those of `archive_comparison.describe`.
    """
    second = built.artifacts / path.name
    if not second.is_file():
        names = ", ".join(sorted(it.name for it in built.artifacts.iterdir()))
        return f"the second build made {names or 'no file'}"
    if filecmp.cmp(second, path, shallow=False):
        return ""
    again = archive_comparison.hash_members(second)
    difference = archive_comparison.compare(members, again)
    return archive_comparison.describe(difference, made, absent)


def _find_followed(members: Mapping[str, str], built: _Built) -> list[str]:
    """Return the links out of the checkout that a build may have followed."""
    links = built.checkout.links if built.checkout else ()
    parts = {part for name in members for part in name.split("/")} if links else set()
    return [it for it in links if it.rpartition("/")[2] in parts]


def _add_submodules(detail: str, built: _Built) -> str:
    """Name the submodules that were empty in the second build."""
    missing = built.checkout.missing if built.checkout else ()
    if not missing:
        return detail
    return (
        f"{detail}; the submodule {list_first(missing)} is not checked out here: git "
        "submodule update --init --recursive"
    )
