"""Stamps one build target of Hatch: finds the package in it and replaces two files."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from build_hooks import hatch_layout, own_stamp
from build_hooks.discovery import load_project
from build_hooks.errors import ConfigurationError
from build_hooks.hatch_layout import ShippedFile
from build_hooks.package_choice import Module, choose_package
from build_hooks.resolve import resolve
from build_hooks.stamp import BUILD_INFO, VERSION, PackageFiles, Stamp
from build_hooks.stamped_files import render_files
from build_hooks.temporary import make_folder_outside

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[BuilderConfig]


class StampedTarget(NamedTuple):
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


def run_after_other_hooks(
    hook: "Hook", build_data: dict[str, Any], stamp: Callable[[], None]
) -> None:
    """Call *stamp* when every hook of this build has run.

    A hook that comes later may still write or force in a `version.py`. Hatchling has no
    order of hooks that a plugin can choose, so this waits until it collects their data.
    """
    names = build_data.get("build_hooks", ())
    if not names or names[-1] == hook.PLUGIN_NAME:
        stamp()
        return
    config = hook.build_config
    collect = config.set_build_data

    @contextlib.contextmanager
    def stamp_and_collect(build_data: dict[str, Any]) -> Iterator[None]:
        config.set_build_data = collect  # type: ignore[method-assign]  # see above
        stamp()
        with collect(build_data):
            yield

    config.set_build_data = stamp_and_collect  # type: ignore[method-assign]  # see above


def stamp_target(hook: "Hook", build_data: dict[str, Any]) -> StampedTarget:
    """Resolve the stamp, write the stamped files outside the tree, and force them in.

    Args:
        hook: The hook, as hatchling configured it for one target.
        build_data: Hatchling's data about this build.

    Raises:
        StampError: If the target cannot be stamped.
    """
    root, name = Path(hook.root), hook.metadata.core.raw_name
    place, config = _find_table(hook), hook.build_config
    target = f"tool.hatch.build.targets.{hook.target_name}"
    with config.set_build_data(build_data):

        def find_package() -> PurePosixPath:
            return choose_package(_list_wheel_modules(hook), name, place)

        project = load_project(root, name, hook.config, place, find_package)
        package = project.config.package
        destination = hatch_layout.find_destination(config, package)
        if destination is None:
            raise ConfigurationError(
                f'{target} leaves out {package}. Add "{package}" to its packages, or '
                "turn the hook off for this target."
            )
        version_py = hatch_layout.find_file(config, build_data, destination, VERSION)
        build_info = hatch_layout.find_file(config, build_data, destination, BUILD_INFO)
    if build_info and build_info.forced:
        raise ConfigurationError(
            f"{target} forces {package}/{BUILD_INFO} in, and so does this hook. Remove it "
            "from force-include, or from the hook that adds it."
        )
    files = own_stamp.read_package_files(project.package_dir)
    if version_py is None and files.version_py and files.version_py.takes_channel:
        raise ConfigurationError(
            f"{target} leaves out {package}/{VERSION}, which states the channel. Remove it "
            "from exclude, or, if git ignores it, add it to artifacts."
        )
    resolution = resolve(project, files, os.environ)
    rendered = render_files(
        files._replace(version_py=version_py and own_stamp.read_file(version_py.path)),
        resolution.stamp,
        generated=_is_generated(root, files, version_py),
    )
    if VERSION in rendered and version_py:
        version_py.release()
    folder = make_folder_outside(root)
    for file, content in rendered.items():
        path = Path(folder.name, file)
        path.write_bytes(content)
        path.chmod(0o644)
        build_data["force_include"][str(path)] = str(Path(destination, file))
    return StampedTarget(folder, resolution.stamp, resolution.warnings)


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
    root: Path, files: PackageFiles, version_py: ShippedFile | None
) -> bool:
    """Whether `version.py` may be written again by the build of the sdist.

    The files of an sdist keep what the build of the sdist decided.
    """
    if own_stamp.is_sdist(root, files) and files.build_info:
        return "CHANNEL" in files.build_info.literals
    return version_py is not None and version_py.generated


def _find_table(hook: "Hook") -> str:
    """Return the TOML path of the hook's table: for this target, or for all."""
    own = hook.build_config.target_config.get("hooks", {})
    target = f"targets.{hook.target_name}." if hook.PLUGIN_NAME in own else ""
    return f"tool.hatch.build.{target}hooks.{hook.PLUGIN_NAME}"
