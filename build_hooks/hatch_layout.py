"""Asks hatchling which modules a target ships, and where it puts a folder of the tree."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from build_hooks.errors import ConfigurationError
from build_hooks.package_choice import Module
from build_hooks.project_files import has_file
from build_hooks.stamp import BUILD_INFO
from build_hooks.text import as_clause
from build_hooks.values import Value

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.plugin.interface import BuilderInterface, IncludedFile

    Builder = BuilderInterface[Any, Any]

_INIT = "__init__.py"


def list_modules(builder: "Builder") -> Iterator[Module]:
    """Yield the modules that the target of *builder* ships; none below a package's own.

    Inside a build, call it with the data of the other hooks in place
    (`config.set_build_data`).

    Raises:
        ConfigurationError: If hatchling cannot tell what the target ships.
    """
    config = builder.config
    try:
        selected = config.only_include
    except (ValueError, TypeError) as error:  # hatchling's complaints about its tables
        if not _adds_files(config):
            raise ConfigurationError(_explain(error)) from error
        selected = None
    if selected:
        for source, target in selected.items():
            yield from _list_selected(builder, source, target)
    elif selected is not None:
        yield from _to_modules(builder.recurse_project_files(), config.root)
    for source, target in config.get_force_include().items():
        yield from _list_forced(builder, source, target)


def find_destination(config: "BuilderConfig", folder: PurePosixPath) -> str | None:
    """Return where the target ships *folder*, as a key of `force_include` needs it.

    Args:
        config: The target's configuration, with the data of the other hooks in place.
        folder: A folder, relative to the project's root.

    Returns:
        A path that hatchling maps to the one in the target, or None if the target
        leaves the folder out.
    """
    full = os.path.normpath(os.path.join(config.root, folder))
    relative = os.path.relpath(full, config.root)
    if _is_selected(config, full, relative):
        return "" if relative == os.curdir else relative
    for source, destination in config.get_force_include().items():
        if _is_inside(full, source):
            return os.path.normpath(
                os.path.join(destination, os.path.relpath(full, source))
            )
    return None


class ShippedFile(Value):
    """A file that a target ships.

    Attributes:
        path: Its path on disk.
        forced: The map that forces this one file in, and its key there; or None.
    """

    path: Path
    forced: tuple[dict[str, str], str] | None = None

    def release(self) -> None:
        """Leave the file's place in the target to another file."""
        if self.forced:
            inclusion, source = self.forced
            del inclusion[source]


def find_file(
    config: "BuilderConfig", build_data: Mapping[str, Any], folder: str, name: str
) -> ShippedFile | None:
    """Return the file that the target ships as *name* in *folder*, if there is one.

    Args:
        config: The target's configuration, with the data of the other hooks in place.
        build_data: That data.
        folder: A folder as `find_destination` returns it.
        name: The file's name.
    """
    wanted = config.get_distribution_path(os.path.join(folder, name))
    for inclusion in (build_data["force_include"], config.force_include):
        for key, destination in inclusion.items():
            source = os.path.join(config.root, os.path.expanduser(key))
            place = config.get_distribution_path(os.path.normpath(destination))
            inside = os.path.relpath(wanted, place)
            path = Path(os.path.normpath(os.path.join(source, inside)))
            if not _is_inside(wanted, place) or not has_file(path):
                continue
            if wanted == place:
                return ShippedFile(path, (inclusion, key))
            return ShippedFile(path)
    for relative in (os.path.join(folder, name), *_invert(config, wanted)):
        path = Path(config.root, relative)
        if has_file(path) and config.include_path(
            relative, explicit=bool(config.only_include)
        ):
            return ShippedFile(path)
    return None


def is_generated(config: "BuilderConfig", path: PurePosixPath) -> bool:
    """Whether a build may write a file of the tree again."""
    relative = str(path)
    return (
        config.path_is_build_artifact(relative)
        or config.path_is_artifact(relative)
        or is_ignored(config, path)
    )


def is_ignored(config: "BuilderConfig", path: PurePosixPath) -> bool:
    """Whether git ignores a file of the tree, as far as hatchling knows."""
    excluded = config.exclude_spec
    if excluded is None or not excluded.match_file(str(path)):
        return False
    patterns = config.load_vcs_exclusion_patterns()
    return not config.ignore_vcs and excluded.from_lines(patterns).match_file(str(path))


def _invert(config: "BuilderConfig", wanted: str) -> Iterator[str]:
    """Yield the paths in the tree that `sources` may turn into *wanted*."""
    for source, replacement in config.sources.items():
        if wanted.startswith(replacement):
            yield source + wanted.removeprefix(replacement)


def _explain(error: Exception) -> str:
    reason = as_clause(error)
    if not reason.startswith("Unable to determine"):
        return f"hatchling says: {reason}."
    return (
        "hatchling finds no package with the project's name, so it cannot choose what the "
        "wheel ships. Name the packages in [tool.hatch.build.targets.wheel], such as "
        'packages = ["src/shelf"].'
    )


def _adds_files(config: "BuilderConfig") -> bool:
    """Whether hooks or forced files add to a selection that hatchling cannot guess."""
    return config.build_artifact_spec is not None or bool(config.get_force_include())


def _list_selected(builder: "Builder", source: str, target: str) -> Iterator[Module]:
    config = builder.config
    init = os.path.join(target, _INIT)
    if os.path.isfile(os.path.join(source, _INIT)) and config.include_path(
        init, explicit=True
    ):
        # Nothing below a package matters, and a walk of a big one is slow.
        yield Module(init, config.get_distribution_path(init))
    else:
        files = builder.recurse_explicit_files({source: target})
        yield from _to_modules(files, config.root)


def _list_forced(builder: "Builder", source: str, target: str) -> Iterator[Module]:
    config = builder.config
    init = os.path.join(source, _INIT)
    if os.path.isfile(init):
        path = os.path.relpath(init, config.root)
        yield Module(path, config.get_distribution_path(os.path.join(target, _INIT)))
    elif os.path.exists(source):
        files = builder.recurse_forced_files({source: target})
        yield from _to_modules(files, config.root)


def _to_modules(files: Iterable["IncludedFile"], root: str) -> Iterator[Module]:
    for file in files:
        if file.distribution_path.endswith(".py"):
            yield Module(os.path.relpath(file.path, root), file.distribution_path)


def _is_selected(config: "BuilderConfig", folder: str, relative: str) -> bool:
    if PurePosixPath(relative).parts[:1] == (os.pardir,):
        return False
    parents = (relative, *map(str, PurePosixPath(relative).parents))
    if not config.build_reserved_paths.isdisjoint(parents):
        return False  # forced in at another path
    try:
        selected = config.only_include
    except (ValueError, TypeError):
        return False
    path = os.path.normpath(os.path.join(relative, _find_module(folder)))
    full = os.path.join(config.root, path)
    return config.include_path(path, explicit=bool(selected)) and (
        not selected or any(_is_inside(full, it) for it in selected)
    )


def _find_module(folder: str) -> str:
    """Return the name of a module in *folder*, which stands for all of the folder."""
    names = os.listdir(folder)
    modules = sorted(it for it in names if it.endswith(".py") and it != BUILD_INFO)
    return _INIT if _INIT in names or not modules else modules[0]


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
