"""Stamps one build target of Hatch: finds the package in it and replaces two files."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from build_hooks import hatch_hooks, hatch_layout, own_stamp
from build_hooks.discovery import load_project
from build_hooks.errors import ConfigurationError
from build_hooks.git_head import HeadReader
from build_hooks.hatch_layout import ShippedFile
from build_hooks.hatchling_project import describe_version
from build_hooks.package_choice import Module, choose_package
from build_hooks.project import Project
from build_hooks.python_source import PythonSource
from build_hooks.resolve import resolve
from build_hooks.stamp import BUILD_INFO, VERSION, PackageFiles, Stamp
from build_hooks.stamped_files import render_files
from build_hooks.temporary import make_folder_outside
from build_hooks.values import Value

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[BuilderConfig]


class StampedTarget(Value):
    """The stamped files of a target, and what hatchling does with them.

    Attributes:
        folder: The folder outside the tree that contains them. It is removed with this
            object, too, if a failed build does not clean it up.
        stamp: The stamp.
        warnings: What the person who makes the build should know.
    """

    folder: "TemporaryDirectory[str]"
    stamp: Stamp
    warnings: tuple[str, ...]


def stamp_target(
    hook: "Hook", build_data: dict[str, Any], head: HeadReader
) -> StampedTarget:
    """Resolve the stamp, write the stamped files outside the tree, and force them in.

    Args:
        hook: The hook, as hatchling configured it for one target.
        build_data: Hatchling's data about this build.
        head: The reader of the facts from git, which has started already.

    Raises:
        StampError: If the target cannot be stamped.
    """
    hatch_hooks.check_wheel_gets_stamp(hook)
    root, config = Path(hook.root), hook.build_config
    with config.set_build_data(build_data):
        project = _load_project(hook)
        shipped = _find_shipped_files(hook, build_data, project.config.package)
        files = own_stamp.read_package_files(project.package_dir)
        if shipped.version_py is None:
            files = files._replace(version_py=None)
        generated = _is_generated(config, project.config.package, files)
        version = describe_version(hook.metadata)
        # Hatchling calls the files that hooks write "build artifacts".
        head.is_generated = config.path_is_build_artifact
        resolution = resolve(project, files, version, os.environ, head)
    if resolution.stamp.source == "none":
        hatch_hooks.check_sdist_has_stamp(hook)
    rendered = render_files(
        files._replace(version_py=shipped.read_version_py()),
        resolution.stamp,
        generated=generated,
    )
    if VERSION in rendered and shipped.version_py:
        shipped.version_py.release()
    folder = make_folder_outside(root)
    for file, content in rendered.items():
        path = Path(folder.name, file)
        path.write_bytes(content)
        path.chmod(0o644)
        build_data["force_include"][str(path)] = str(Path(shipped.folder, file))
    return StampedTarget(folder, resolution.stamp, resolution.warnings)


class ShippedFiles(Value):
    """What a target ships in the place of the stamped files.

    Attributes:
        folder: The folder of the package, as a key of `force_include` needs it.
        version_py: Its `version.py`, or None.
    """

    folder: str
    version_py: ShippedFile | None

    def read_version_py(self) -> PythonSource | None:
        """Read the `version.py` that the target would ship without a stamp."""
        return own_stamp.read_file(self.version_py.path) if self.version_py else None


def _load_project(hook: "Hook") -> Project:
    name, place = hook.metadata.core.raw_name, hatch_hooks.find_table(hook)

    def find_package() -> PurePosixPath:
        return choose_package(_list_wheel_modules(hook), name, place)

    return load_project(Path(hook.root), name, hook.config, place, find_package)


def _find_shipped_files(
    hook: "Hook", build_data: dict[str, Any], package: PurePosixPath
) -> ShippedFiles:
    """Find the package in the target.

    If the target leaves the package out, forcing our files in would ship a package with
    a stamp and without code.

    Raises:
        ConfigurationError: If the target leaves the package or its `version.py` out, or
            another hook or a table forces a `build_info.py` in.
    """
    config = hook.build_config
    target = f"tool.hatch.build.targets.{hook.target_name}"
    folder = hatch_layout.find_destination(config, package)
    if folder is None:
        raise ConfigurationError(
            f'{target} leaves out {package}. Add "{package}" to its packages, or turn the '
            "hook off for this target."
        )
    build_info = hatch_layout.find_file(config, build_data, folder, BUILD_INFO)
    if build_info and build_info.forced:
        raise ConfigurationError(
            f"{target} forces {package}/{BUILD_INFO} in, and so does this hook. Remove it "
            "from force-include, or from the hook that adds it."
        )
    version_py = hatch_layout.find_file(config, build_data, folder, VERSION)
    in_tree = (
        None if version_py else own_stamp.read_file(Path(config.root, package, VERSION))
    )
    if (
        in_tree
        and in_tree.takes_channel
        and not hatch_layout.is_ignored(config, package / VERSION)
    ):
        raise ConfigurationError(
            f"{target} leaves out {package}/{VERSION}. Remove it from exclude, or turn the "
            "hook off for this target."
        )
    return ShippedFiles(folder, version_py)


def _list_wheel_modules(hook: "Hook") -> Iterator[Module]:
    """List the modules of the wheel, also while another target is built."""
    builder = hook.build_config.builder
    if hook.target_name != "wheel":
        from hatchling.builders.wheel import WheelBuilder  # noqa: PLC0415  # only here

        builder = WheelBuilder(
            builder.root, builder.plugin_manager, None, builder.metadata, builder.app
        )
    return hatch_layout.list_modules(builder)


def _is_generated(
    config: "BuilderConfig", package: PurePosixPath, files: PackageFiles
) -> bool:
    """Whether a build may write the `version.py` of the tree again.

    An sdist keeps what its own build decided. A file that another hook forces in does
    not count if the tree has its own, which an sdist keeps.
    """
    if own_stamp.is_sdist(Path(config.root), files) and files.build_info:
        return "CHANNEL" in files.build_info.names
    return files.version_py is None or hatch_layout.is_generated(
        config, package / VERSION
    )
