"""Stamps one build target of Hatch: finds the package in it and replaces two files."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from build_hooks.config import PLUGIN_NAME
from build_hooks.discovery import load_project
from build_hooks.errors import ConfigurationError
from build_hooks.own_stamp import read_package_files
from build_hooks.project import Project
from build_hooks.resolve import resolve
from build_hooks.stamp import VERSION
from build_hooks.stamped_files import render_files

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[BuilderConfig]


class StampedTarget(NamedTuple):
    """The stamped files of a target, and what hatchling does with them.

    Attributes:
        folder: The folder outside the tree that contains them. It is removed with this
            object, too, if a failed build does not clean it up.
        force_include: Their paths in the target, by path on disk.
        warnings: What the person who makes the build should know.
    """

    folder: "TemporaryDirectory[str]"
    force_include: dict[str, str]
    warnings: tuple[str, ...]


def stamp_target(hook: "Hook", build_data: dict[str, Any]) -> StampedTarget:
    """Resolve the stamp, and write the stamped files outside the tree.

    Args:
        hook: The hook, as hatchling configured it for one target.
        build_data: Hatchling's data about this build.

    Raises:
        StampError: If the target cannot be stamped.
    """
    root, name = Path(hook.root), hook.metadata.core.raw_name
    project = load_project(root, name, hook.config, _find_table(hook))
    package = _find_shipped_package(hook, project, build_data)
    files = read_package_files(project.package_dir)
    resolution = resolve(project, files, os.environ)
    rendered = render_files(files, resolution.stamp)
    # Inside the tree, a forced file next to a selected one of the same path is an error
    # ("second file", pypa/hatch#2301).
    folder = TemporaryDirectory(prefix="build-info-")
    force_include = {}
    for file, content in rendered.items():
        path = Path(folder.name, file)
        path.write_bytes(content)
        path.chmod(0o644)
        force_include[str(path)] = f"{package}/{file}"
    return StampedTarget(folder, force_include, resolution.warnings)


def _find_table(hook: "Hook") -> str:
    """Return the TOML path of the hook's table: for this target, or for all."""
    own = hook.build_config.target_config.get("hooks", {})
    target = f"targets.{hook.target_name}." if PLUGIN_NAME in own else ""
    return f"tool.hatch.build.{target}hooks.{PLUGIN_NAME}"


def _find_shipped_package(
    hook: "Hook", project: Project, build_data: dict[str, Any]
) -> str:
    """Return the folder that the target ships the package from, as hatchling maps it.

    If the target leaves the package out, forcing our files in would ship a package with
    a stamp and without code.

    Raises:
        ConfigurationError: If the target's file selection leaves the package out, or
            forces in a `version.py` itself.
    """
    package = project.config.package
    version_py = str(package / VERSION)
    path = project.package_dir / VERSION
    target = f"tool.hatch.build.targets.{hook.target_name}"
    forced = {**hook.build_config.get_force_include(), **build_data["force_include"]}
    if str(path) in forced or version_py in forced.values():
        raise ConfigurationError(
            f"{target} forces {version_py} in, and so does this hook. Remove it from "
            "force-include."
        )
    artifacts = build_data["artifacts"]
    if (
        _is_selected(hook, version_py)
        or version_py in artifacts
        or f"/{version_py}" in artifacts
    ):
        return str(package)
    for source, destination in forced.items():
        if path.is_relative_to(source):
            return str(Path(destination, path.parent.relative_to(source)))
    raise ConfigurationError(
        f'{target} leaves out {version_py}. Add "{package}" to its packages, or turn the '
        "hook off for this target."
    )


def _is_selected(hook: "Hook", path: str) -> bool:
    config = hook.build_config
    folders = config.only_include
    full = Path(hook.root, path)
    return config.include_path(path, explicit=bool(folders)) and (
        not folders or any(full.is_relative_to(folder) for folder in folders)
    )
