"""Reads a project, and writes what it needs for the hook into its files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from build_hooks import git, hatchling_project, setup_plan
from build_hooks.discovery import find_packages
from build_hooks.errors import (
    ConfigurationError,
    HatchlingError,
    NoGitFactsError,
    SetupError,
)
from build_hooks.file_replacement import replace_files
from build_hooks.git_process import find_top
from build_hooks.hook_table import read_tables
from build_hooks.own_stamp import read_file
from build_hooks.package_choice import Module
from build_hooks.project_files import has_file
from build_hooks.project_files import read_file as read_bytes
from build_hooks.setup_plan import PYPROJECT, Missing
from build_hooks.stamp import VERSION
from build_hooks.toml_tables import get_table, read_toml
from build_hooks.values import Value

# Where `python -m build` and hatch put what they make.
ARTIFACTS = "dist"


class Setup(Value):
    """What a project needs for the hook.

    Attributes:
        root: The project's root.
        missing: What it lacks.
        requires: Its build requirements.
        package: The package that gets the stamp; None if nothing is added to it, or
            hatchling is not installed.
        has_channel: Whether `version.py` of that package keeps the channel.
        is_computed: Whether a plugin or code computes the project's version.
        has_commit: Whether git has a commit of the project; None without a repository.
        requires_python: The versions of Python that the project allows, or None.
        python_to_build: Those that its build needs with the hook, if that is fewer.
        to_ignore: What builds write and no .gitignore names, as lines for it.
    """

    root: Path
    missing: Missing
    requires: Sequence[str]
    package: Module | None
    has_channel: bool
    is_computed: bool
    has_commit: bool | None
    requires_python: str | None
    python_to_build: str | None
    to_ignore: Sequence[str]


class Change(Value):
    """A file and its new content."""

    path: Path
    before: bytes
    after: bytes


def read_setup(root: Path, wanted: PurePosixPath | None) -> Setup:
    """Read the project at *root*, and find what it lacks.

    Args:
        root: The project's root.
        wanted: The folder of the package that the user chose, or None.

    Raises:
        SetupError: If the hook cannot be added.
        StampError: If a file cannot be read.
    """
    if not has_file(root / PYPROJECT):
        raise SetupError(
            f"{root} has no {PYPROJECT}. Run this in the folder of a project. hatch new "
            "NAME makes a new one, and hatch new --init converts a setup.py."
        )
    pyproject = read_toml(root / PYPROJECT)
    package = next(iter(find_packages(root)), "PACKAGE")
    if problem := setup_plan.find_backend_problem(pyproject, package):
        raise SetupError(f"The hook cannot be added to {root}. {problem}")
    tables = read_tables(root)
    missing = setup_plan.find_missing(pyproject, tables)
    module = None
    if missing.table:
        module, is_named = _choose_package(root, tables.name, wanted)
        keys = {"package": module.path} if module and is_named else {}
        missing = missing._replace(keys={**keys, **_choose_branches(root)})
    requires_python = get_table(pyproject, "project").get("requires-python")
    allowed = requires_python if isinstance(requires_python, str) else None
    # `verify` runs without packaging.
    from build_hooks.python_versions import find_build_limit  # noqa: PLC0415

    return Setup(
        root,
        missing,
        pyproject["build-system"]["requires"],
        module,
        module is not None and _keeps_channel(root, module, pyproject),
        _is_computed(root, pyproject),
        _has_commit(root),
        allowed,
        find_build_limit(allowed, setup_plan.REQUIREMENT),
        _list_to_ignore(root, pyproject),
    )


def make_changes(setup: Setup) -> list[Change]:
    """Make the changes that add what is missing.

    Raises:
        ImportError: If tomlkit is not installed.
        UneditableError: If a file cannot take the addition without more changes.
        SourceFileError: If `version.py` cannot be changed.
    """
    names = dict.fromkeys((PYPROJECT, setup.missing.file))
    before = {name: read_bytes(setup.root / name) or b"" for name in names}
    texts = {name: content.decode() for name, content in before.items()}
    edited = setup_plan.edit_files(texts, setup.missing)
    changes = [
        Change(setup.root / name, before[name], text.encode())
        for name, text in edited.items()
    ]
    if setup.package and setup.has_channel:
        path = setup.root / setup.package.path / VERSION
        source = read_file(path)
        if source and "__channel__" not in source.names:
            after = source.with_value("__channel__", "dev")
            changes.append(Change(path, source.content, after))
    return changes


def write_changes(changes: Sequence[Change]) -> None:
    """Write *changes*, all or none.

    Raises:
        SetupError: If a file has changed since it was read.
    """
    # A link stays a link.
    files = {change.path.resolve(): change for change in changes}
    for path, change in files.items():
        if read_bytes(path) != change.before:
            raise SetupError(
                f"{path} has changed in the meantime, so nothing is written. Run this again."
            )
    replace_files({path: it.after for path, it in files.items()}, like=changes[0].path)


def _choose_package(
    root: Path, project: str, wanted: PurePosixPath | None
) -> tuple[Module | None, bool]:
    try:
        modules = hatchling_project.list_wheel_modules(root)
    except ConfigurationError as error:
        raise SetupError(
            f"The hook cannot be added to {root}.", *error.lines
        ) from error
    except HatchlingError as error:
        if not error.is_missing:
            raise SetupError(
                f"hatchling cannot read the project in {root}: {error} Fix that first."
            ) from error
        # The first build finds the package.
        return (Module(str(wanted), wanted.name), True) if wanted else (None, False)
    return setup_plan.choose_package(modules, project, wanted)


def _choose_branches(root: Path) -> dict[str, str]:
    """Return the keys of the branches that releases are cut from, if it is not main."""
    try:
        branches = git.list_branches(root, os.environ)
    except NoGitFactsError:
        return {}
    usual = ("main", "master", "trunk")
    name = next((it for it in usual if it in branches), "main")
    return {} if name == "main" else {"beta-branch": name, "stable-branch": name}


def _has_commit(root: Path) -> bool | None:
    if find_top(root) is None:
        return None
    try:
        return git.has_commit(root, os.environ)
    except NoGitFactsError:
        return None


def _list_to_ignore(root: Path, pyproject: Mapping[str, Any]) -> tuple[str, ...]:
    """List what builds write into the tree, unless a .gitignore of the repository names it."""
    top = find_top(root) or root
    folders = [it for it in (root, *root.parents) if it.is_relative_to(top)]
    texts = (read_bytes(it / ".gitignore") or b"" for it in folders)
    lines = [it.strip() for text in texts for it in text.decode("latin-1").split("\n")]
    patterns = [it.removeprefix("**/").strip("/") for it in lines]
    written = sorted(_list_written_files(root, pyproject))
    files = [
        it
        for it in written
        if not any(map(PurePosixPath(it).match, filter(None, patterns)))
    ]
    folder = [] if ARTIFACTS in patterns else [f"/{ARTIFACTS}/"]
    return (*folder, *(f"/{it}" for it in files))


def _keeps_channel(root: Path, package: Module, pyproject: Mapping[str, Any]) -> bool:
    """Whether `version.py` of *package* keeps the channel, and no build writes it."""
    place = PurePosixPath(package.path, VERSION)
    source = read_file(root / place)
    written = _list_written_files(root, pyproject)
    return bool(source and source.version) and str(place) not in written


def _list_written_files(root: Path, pyproject: Mapping[str, Any]) -> set[str]:
    """List the files that hooks such as that of hatch-vcs write into the tree."""
    hooks = [*get_table(dict(pyproject), "tool", "hatch", "build", "hooks").values()]
    if has_file(root / "hatch.toml"):
        build = get_table(read_toml(root / "hatch.toml"), "build", "hooks")
        hooks += build.values()
    names = (it.get("version-file") for it in hooks if isinstance(it, dict))
    return {it for it in names if isinstance(it, str)}


def _is_computed(root: Path, pyproject: Mapping[str, Any]) -> bool:
    """Whether a plugin or code computes the version, so that `cut` cannot read it."""
    if "version" in get_table(dict(pyproject), "project"):
        return False
    version = get_table(dict(pyproject), "tool", "hatch", "version")
    if not version and has_file(root / "hatch.toml"):
        version = get_table(read_toml(root / "hatch.toml"), "version")
    return version.get("source", "regex") != "regex" or "path" not in version
