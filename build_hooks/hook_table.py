"""Reads the hook's table from pyproject.toml or hatch.toml, where hatchling reads it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from build_hooks.config import HOOKS, PLUGIN_NAME
from build_hooks.project_files import has_file, read_file
from build_hooks.toml_tables import get_table, read_toml
from build_hooks.values import Value

_PYPROJECT, _HATCH = HOOKS.removesuffix(".hooks"), "build"
# A project that builds itself with its own copy of the plugin names this class.
_OWN_COPY = "BuildInfoHook"


class HookTable(Value):
    """The hook's table.

    Attributes:
        place: Its TOML path.
        keys: The parsed table.
    """

    place: str
    keys: dict[str, Any]


class ProjectTables(Value):
    """The tables of a project that matter to the hook.

    Attributes:
        name: The project's name.
        build: The TOML path of the table `build` that hatchling reads. One in hatch.toml
            hides the one in pyproject.toml.
        hook: The hook's table, if there is one.
        hidden: The TOML path of a table of the hook that hatchling does not see, or "".
    """

    name: str
    build: str
    hook: HookTable | None
    hidden: str = ""

    @property
    def line(self) -> str:
        """The line to add if the project has no table of the hook."""
        return f"[{self.build}.hooks.{PLUGIN_NAME}]"

    @property
    def file(self) -> str:
        """The name of the file that the line belongs in."""
        return "hatch.toml" if self.build == _HATCH else "pyproject.toml"


def read_tables(root: Path) -> ProjectTables:
    """Read the tables of the project at *root*.

    Raises:
        StampError: If a file cannot be read, or is not valid.
    """
    pyproject = read_toml(root / "pyproject.toml")
    name = get_table(pyproject, "project").get("name")
    name = name if isinstance(name, str) and name else root.name
    build = get_table(pyproject, "tool", "hatch", "build")
    table = _find_table(root, _PYPROJECT, build)
    if find_build_table(root) == _PYPROJECT:
        return ProjectTables(name, _PYPROJECT, table)
    build = get_table(read_toml(root / "hatch.toml"), _HATCH)
    hidden = table.place if table else ""
    table = _find_table(root, _HATCH, build)
    return ProjectTables(name, _HATCH, table, "" if table else hidden)


def find_build_table(root: Path) -> str:
    """Return the TOML path of the table `build` that hatchling reads at *root*.

    Raises:
        StampError: If hatch.toml cannot be read, or is not valid.
    """
    path = root / "hatch.toml"
    return _HATCH if has_file(path) and _HATCH in read_toml(path) else _PYPROJECT


def _find_table(root: Path, place: str, build: dict[str, Any]) -> HookTable | None:
    """Find the hook's table in a `build` table: the wheel's own first, as in a build."""
    hooks = dict(_list_hooks(place, build))
    for path, tables in hooks.items():
        if PLUGIN_NAME in tables:
            keys = get_table(tables, PLUGIN_NAME)
            return HookTable(f"{path}.{PLUGIN_NAME}", keys)
    for path, tables in hooks.items():
        custom = get_table(tables, "custom")
        if "custom" in tables and _is_own_copy(root, custom):
            return HookTable(f"{path}.custom", custom)
    return None


def _list_hooks(
    place: str, build: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each table `hooks`, by its TOML path."""
    targets = get_table(build, "targets")
    if "wheel" in targets:
        hooks = get_table(targets, "wheel", "hooks")
        yield f"{place}.targets.wheel.hooks", hooks
    yield f"{place}.hooks", get_table(build, "hooks")
    for target in targets:
        hooks = get_table(targets, target, "hooks")
        yield f"{place}.targets.{target}.hooks", hooks


def _is_own_copy(root: Path, custom: dict[str, Any]) -> bool:
    """Whether a table `custom` configures a copy of this hook, not a hook of its own."""
    script = custom.get("path", "hatch_build.py")
    if not isinstance(script, str) or "\0" in script:
        return False
    return _OWN_COPY.encode() in (read_file(root / script) or b"")
