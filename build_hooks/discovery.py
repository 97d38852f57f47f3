"""Finds a project and reads its configuration from pyproject.toml or hatch.toml."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from build_hooks import hatchling_project
from build_hooks.config import Config, find_problems, make_config, make_prefix
from build_hooks.errors import ConfigurationError, list_first
from build_hooks.hook_table import read_tables
from build_hooks.project import Project
from build_hooks.project_files import has_file
from build_hooks.stamp import VERSION
from build_hooks.time_limit import limit_time

# Either file makes a folder a package, the first more surely.
_SIGNS = (VERSION, "__init__.py")


def find_project(path: Path) -> Project:
    """Return the project at *path*: a project's root, or the folder of its package.

    The table is `[tool.hatch.build.hooks.build-info]`, or `hooks.custom` of a project
    that builds itself with its own copy of the plugin. `hatch.toml` has the same tables
    without `tool.hatch`.

    The folder of a package needs no table, and not even a pyproject.toml above it,
    because a copied tree has none. Its name then replaces the project's.

    Raises:
        ConfigurationError: If there is no project, or its table is wrong.
    """
    path = path.resolve()
    if not path.is_dir():
        raise ConfigurationError(f"The folder {path} does not exist.")
    if has_file(path / "pyproject.toml"):
        return _find_at_root(path)
    if not _is_package(path):
        raise ConfigurationError(
            f"{path} is not a project: it has neither pyproject.toml nor a package's "
            f"{' or '.join(_SIGNS)}. Pass the folder of the package{_list_packages(path)}."
        )
    for root in path.parents:
        if has_file(root / "pyproject.toml"):
            return _find_at_package(root, path)
    return _make_without_table(path.parent, path, path.name)


def load_project(
    root: Path,
    name: str,
    table: Mapping[str, Any],
    place: str,
    find_package: Callable[[], PurePosixPath],
) -> Project:
    """Check the hook's *table*, against the tree too, and make the project.

    Args:
        root: The project's root.
        name: The project's name.
        table: The parsed table.
        place: The table's TOML path, for error messages.
        find_package: Finds the package that the wheel ships, if the table names none.

    Raises:
        ConfigurationError: With every error in the table.
    """
    problems = _find_problems(table, place)
    package = table.get("package")
    exists = isinstance(package, str) and (root / package).is_dir()
    # In an unpacked sdist, the package may lie elsewhere than in the tree.
    if package and not exists and not has_file(root / "PKG-INFO"):
        problems.append(
            f"{place}.package is {package!r}, which is not a folder in {root}."
        )
    if problems:
        raise ConfigurationError(*problems)
    folder = PurePosixPath(table["package"]) if exists else find_package()
    return Project(root, name, make_config(table, name, folder))


def read_keys(path: Path) -> Mapping[str, Any]:
    """Return the keys of the hook's table in the project at *path*, if there is one.

    This reads the table alone: it neither runs nor imports anything.

    Raises:
        ConfigurationError: If its table is wrong.
    """
    if not has_file(path / "pyproject.toml"):
        return {}
    table = read_tables(path).hook
    if table is None:
        return {}
    if problems := _find_problems(table.keys, table.place):
        raise ConfigurationError(*problems)
    return table.keys


def find_packages(root: Path) -> list[str]:
    """Find the folders below *root* that look like a package, in the usual places."""
    for sign in _SIGNS:
        paths = sorted((*root.glob(f"*/{sign}"), *root.glob(f"src/*/{sign}")))
        if paths:
            return [it.parent.relative_to(root).as_posix() for it in paths]
    return []


def _find_problems(table: Mapping[str, Any], place: str) -> list[str]:
    with limit_time(table.get("tag-pattern")):  # to compile it may take long, too
        return find_problems(table, place)


def _find_at_root(root: Path) -> Project:
    tables = read_tables(root)
    if tables.hidden:
        raise ConfigurationError(
            f"{root / 'hatch.toml'} has a table [build], so hatchling ignores "
            f"[{tables.hidden}] in pyproject.toml. Move it to hatch.toml, as {tables.line}."
        )
    if tables.hook is None:
        raise ConfigurationError(
            f"{root / tables.file} has no table {tables.line}. If hatchling builds this "
            "project, run build-stamp init, which adds it. If not, pass the folder of the "
            f"package{_list_packages(root)}."
        )
    place, keys = tables.hook.place, tables.hook.keys
    find = functools.partial(hatchling_project.find_package, root, tables.name, place)
    return load_project(root, tables.name, keys, place, find)


def _find_at_package(root: Path, package: Path) -> Project:
    tables = read_tables(root)
    if tables.hook is None:
        return _make_without_table(root, package, tables.name)
    # A copy may lie elsewhere than the table says. The other keys apply to it too.
    place, keys = tables.hook.place, tables.hook.keys
    relative = PurePosixPath(package.relative_to(root).as_posix())
    moved = {**keys, "package": str(relative)}
    return load_project(root, tables.name, moved, place, lambda: relative)


def _make_without_table(root: Path, package: Path, name: str) -> Project:
    relative = PurePosixPath(package.relative_to(root).as_posix())
    return Project(root, name, Config(relative, make_prefix(name)))


def _is_package(folder: Path) -> bool:
    return any(has_file(folder / name) for name in _SIGNS)


def _list_packages(root: Path) -> str:
    """List the packages below *root* for an error message, as one passes them here."""
    here = Path.cwd()
    shown = root.relative_to(here) if root.is_relative_to(here) else root
    folders = [str(shown / it) for it in find_packages(root)]
    return f": {list_first(folders)}" if folders else ""
