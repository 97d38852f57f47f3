"""Finds a project and reads its configuration from pyproject.toml or hatch.toml."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from build_hooks import hatchling_project, tags
from build_hooks.config import (
    HOOKS,
    PLUGIN_NAME,
    Config,
    find_problems,
    make_config,
    make_prefix,
)
from build_hooks.errors import ConfigurationError
from build_hooks.project import Project
from build_hooks.stamp import VERSION


def find_project(path: Path) -> Project:
    """Return the project at *path*: a project's root, or the folder of its package.

    The table is `[tool.hatch.build.hooks.build-info]`, or `hooks.custom` if that one
    names a package (a project that builds itself with its own copy of the plugin).
    `hatch.toml` has the same tables without `tool.hatch`.

    The folder of a package needs no table, and not even a pyproject.toml above it,
    because a copied tree has none. Its name then replaces the project's.

    Raises:
        ConfigurationError: If there is no project, or its table is wrong.
    """
    path = path.resolve()
    if not path.is_dir():
        raise ConfigurationError(f"The folder {path} does not exist.")
    if (path / "pyproject.toml").is_file():
        return _find_at_root(path)
    if not (path / VERSION).is_file():
        raise ConfigurationError(
            f"{path} is not a project: it has neither pyproject.toml nor {VERSION}."
        )
    for root in path.parents:
        if (root / "pyproject.toml").is_file():
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
    problems = find_problems(table, place)
    package = table.get("package")
    exists = isinstance(package, str) and (root / package).is_dir()
    # In an unpacked sdist, the package may lie elsewhere than in the tree.
    if package and not exists and not (root / "PKG-INFO").is_file():
        problems.append(
            f"{place}.package is {package!r}, which is not a folder in {root}."
        )
    if problems:
        raise ConfigurationError(*problems)
    folder = PurePosixPath(table["package"]) if exists else find_package()
    return Project(root, name, make_config(table, name, folder))


def read_tag_pattern(path: Path) -> str:
    """Return the pattern of release tags in the project at *path*, if there is one.

    Raises:
        ConfigurationError: If its table is wrong.
    """
    has_table = (path / "pyproject.toml").is_file() and _read(path)[1] is not None
    return find_project(path).config.tag_pattern if has_table else tags.DEFAULT_PATTERN


def _find_at_root(root: Path) -> Project:
    name, located = _read(root)
    if located is None:
        raise ConfigurationError(
            f"{root / 'pyproject.toml'} has no table [{HOOKS}.{PLUGIN_NAME}]. Add it "
            f"with the key package, the folder that contains {VERSION}; or pass that "
            f"folder instead of {root}."
        )
    place, table = located
    find = functools.partial(hatchling_project.find_package, root, name, place)
    return load_project(root, name, table, place, find)


def _find_at_package(root: Path, package: Path) -> Project:
    name, located = _read(root)
    if located is None:
        return _make_without_table(root, package, name)
    # A copy may lie elsewhere than the table says. The other keys apply to it too.
    place, table = located
    relative = PurePosixPath(package.relative_to(root).as_posix())
    moved = {**table, "package": str(relative)}
    return load_project(root, name, moved, place, lambda: relative)


def _make_without_table(root: Path, package: Path, name: str) -> Project:
    relative = PurePosixPath(package.relative_to(root).as_posix())
    return Project(root, name, Config(relative, make_prefix(name)))


def _read(root: Path) -> tuple[str, tuple[str, dict[str, Any]] | None]:
    """Return the project's name, and the hook's table with its TOML path, if any."""
    pyproject = _read_toml(root / "pyproject.toml")
    builds = {"tool.hatch.build": _get_table(pyproject, "tool", "hatch", "build")}
    if (root / "hatch.toml").is_file():
        hatch = _read_toml(root / "hatch.toml")
        builds = {"hatch.toml: build": _get_table(hatch, "build"), **builds}
    name = _get_table(pyproject, "project").get("name")
    tables = (_find_table(place, build) for place, build in builds.items())
    located = next(filter(None, tables), None)
    return name if isinstance(name, str) and name else root.name, located


def _find_table(place: str, build: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Find the hook's table in a `build` table: for all targets, or for one."""
    hooks = {f"{place}.hooks": _get_table(build, "hooks")}
    for target in _get_table(build, "targets"):
        hooks[f"{place}.targets.{target}.hooks"] = _get_table(
            build, "targets", target, "hooks"
        )
    for path, tables in hooks.items():
        if PLUGIN_NAME in tables:
            return f"{path}.{PLUGIN_NAME}", _get_table(tables, PLUGIN_NAME)
        custom = _get_table(tables, "custom")
        if "package" in custom:
            return f"{path}.custom", custom
    return None


def _get_table(parent: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the table at *path* below *parent*; an empty one if there is none."""
    for key in path:
        child = parent.get(key)
        parent = child if isinstance(child, dict) else {}
    return parent


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # a build gets its table from hatchling

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror or error}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error
