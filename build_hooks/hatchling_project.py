"""Asks hatchling about a project, as a build of it would.

This runs the project's own build configuration: its version source and its plugins. A
plugin may print, exit or fail, and none of that may reach the caller.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from build_hooks import hatch_layout, package_choice
from build_hooks.errors import (
    ConfigurationError,
    HatchlingError,
    StampError,
    UnknownVersionError,
)
from build_hooks.project_files import has_file, read_file
from build_hooks.stamp import TreeVersion
from build_hooks.text import as_clause
from build_hooks.toml_tables import get_table, read_toml

if TYPE_CHECKING:
    from hatchling.metadata.core import ProjectMetadata
    from hatchling.plugin.manager import PluginManager

# The metadata of an unpacked sdist.
_PKG_INFO = "PKG-INFO"


def is_built_by_hatchling(root: Path) -> bool:
    """Whether the build backend is hatchling, or the project's own wrapper around it."""
    try:
        pyproject = _read_pyproject(root)
    except UnknownVersionError:
        return False
    system = get_table(pyproject, "build-system")
    backend, requires = system.get("build-backend"), system.get("requires")
    if isinstance(backend, str) and backend.partition(".")[0] == "hatchling":
        return True
    return "backend-path" in system and "hatchling" in str(requires)


def read_version(root: Path) -> TreeVersion:
    """Return the version that hatchling would build at *root*.

    Raises:
        UnknownVersionError: If hatchling or a plugin is missing, or fails.
    """
    pyproject = _read_pyproject(root)
    static = get_table(pyproject, "project").get("version")
    if isinstance(static, str):
        return TreeVersion(static.strip(), "pyproject.toml")
    if stated := _read_pkg_info(root):
        return TreeVersion(stated, _PKG_INFO)
    try:
        with _contained(root):
            return describe_version(_load_metadata(root))
    except (Exception, SystemExit) as error:
        raise UnknownVersionError(_explain(error, pyproject)) from error


def read_static(root: Path) -> str | None:
    """Return the version that `[project]` states; None if it does not."""
    try:
        version = get_table(_read_pyproject(root), "project").get("version")
    except UnknownVersionError:
        return None
    return version.strip() or None if isinstance(version, str) else None


def describe_version(metadata: "ProjectMetadata[PluginManager]") -> TreeVersion:
    """Return the version in hatchling's *metadata* as it is written, and its place.

    Since 1.32, hatchling normalizes `version` and keeps the original.
    """
    version = metadata.version
    text = str(getattr(metadata, "original_version", version))
    if "version" in get_table(metadata.config, "project"):
        return TreeVersion(text, "pyproject.toml")
    if has_file(Path(metadata.root, _PKG_INFO)):
        return TreeVersion(text, _PKG_INFO)
    options = get_table(metadata.hatch.config, "version")
    source = options.get("source", "regex")
    if source == "env":
        return TreeVersion(text, f"variable {options.get('variable')}")
    path = options.get("path") if source in ("code", "regex") else None
    place = path or (f"version source {source}" if options else "hatchling")
    return TreeVersion(text, place, computed=source != "regex" or not path)


def find_package(root: Path, project: str, place: str) -> PurePosixPath:
    """Return the folder of the one package that the wheel ships, as hatchling finds it.

    Args:
        root: The project's root.
        project: The project's name.
        place: The TOML path of the hook's table, for error messages.

    Raises:
        ConfigurationError: If there is no package or more than one, or hatchling is
            missing or fails.
    """
    try:
        modules = list_wheel_modules(root)
    except HatchlingError as error:
        advice = "Install hatchling here" if error.is_missing else f"{error} Fix that"
        raise ConfigurationError(
            f"[{place}] names no package, and hatchling cannot be asked which one the "
            f"wheel ships. {advice}, or add the line:",
            f'package = "src/{package_choice.normalize(project)}"',
        ) from error
    return package_choice.choose_package(modules, project, place)


def list_wheel_modules(root: Path) -> list[package_choice.Module]:
    """List the modules that the wheel of the project at *root* ships.

    Raises:
        ConfigurationError: If the configuration does not say which.
        HatchlingError: If hatchling is missing or fails.
    """
    try:
        with _contained(root):
            from hatchling.builders.wheel import WheelBuilder  # noqa: PLC0415  # optional

            builder = WheelBuilder(str(root), metadata=_load_metadata(root))
            return list(hatch_layout.list_modules(builder))
    except StampError:
        raise
    except (Exception, SystemExit) as error:
        is_missing = isinstance(error, ImportError)
        raise HatchlingError(f"{as_clause(error)}.", is_missing=is_missing) from error


def _load_metadata(root: Path) -> "ProjectMetadata[PluginManager]":
    from hatchling.metadata.core import ProjectMetadata  # noqa: PLC0415  # it is optional
    from hatchling.plugin.manager import PluginManager  # noqa: PLC0415  # the same

    return ProjectMetadata(str(root), PluginManager())


@contextlib.contextmanager
def _contained(root: Path) -> Iterator[None]:
    """Run the project's plugins as a build does: in *root*, without our standard output.

    The descriptor is redirected too, for the programs that a plugin starts.
    """
    path = list(sys.path)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(root))
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError):  # a closed descriptor
            _flush()
            saved = os.dup(1)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, 1)
            os.dup2(2, 1)
        try:
            yield
        finally:
            sys.path[:] = path
            _flush()


def _flush() -> None:
    """Write what the standard output holds back, to where it belongs."""
    if sys.__stdout__ is not None:
        with contextlib.suppress(OSError, ValueError):  # closed
            sys.__stdout__.flush()


def _explain(error: BaseException, pyproject: dict[str, Any]) -> str:
    """Return why there is no version, and which packages to install if that helps."""
    reason = as_clause(error)
    if not isinstance(error, ImportError) and "Unknown version source" not in reason:
        return f"hatchling cannot say it here: {reason}."
    requires = get_table(pyproject, "build-system").get("requires")
    packages = map(str, requires) if isinstance(requires, list) else ["hatchling"]
    others = [it for it in packages if not it.startswith("paperless-report")]
    return f"{reason}. Install {', '.join(others)} here."


def _read_pyproject(root: Path) -> dict[str, Any]:
    try:
        return read_toml(root / "pyproject.toml")
    except ConfigurationError as error:
        raise UnknownVersionError(str(error)) from error


def _read_pkg_info(root: Path) -> str | None:
    """Return the version of an unpacked sdist, which hatchling takes from this file."""
    from email.parser import BytesParser  # noqa: PLC0415  # only an sdist needs it

    content = read_file(root / _PKG_INFO)
    if content is None:
        return None
    version = BytesParser().parsebytes(content, headersonly=True)["Version"]
    return str(version).strip() if version else None
