"""Finds a project: its root, and the hook's configuration there."""

from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from build_hooks import config, overrides, tags
from build_hooks.config import HOOKS, PLUGIN_NAME, Config
from build_hooks.errors import ConfigurationError
from build_hooks.stamp import VERSION


class Project(NamedTuple):
    """A tree that can be stamped.

    Attributes:
        root: Its folder, absolute.
        name: Its name, "paperless-ngx".
        config: What its table says, or the defaults.
    """

    root: Path
    name: str
    config: Config

    @property
    def package_dir(self) -> Path:
        """The folder of the stamped package."""
        return self.root / self.config.package

    @property
    def version_py(self) -> Path:
        """Its `version.py`."""
        return self.package_dir / VERSION


def locate(path: Path) -> Project:
    """The project at *path*: a project's root, or the folder of its package.

    The table is `[tool.hatch.build.hooks.build-info]`, or `hooks.custom` where
    that one names a package (a project that builds itself with its own copy of
    the plugin). `hatch.toml` holds the same tables without `tool.hatch`.

    A package's folder needs no table, and not even a pyproject.toml above it: a
    copied tree has none. Its name then stands in for the project's.

    Raises:
        ConfigurationError: If there is no project, or its table is wrong.
    """
    path = path.resolve()
    if not path.is_dir():
        raise ConfigurationError(f"There is no folder {path}.")
    if (path / "pyproject.toml").is_file():
        return _at_root(path)
    if not (path / VERSION).is_file():
        raise ConfigurationError(
            f"{path} is no project: it has neither pyproject.toml nor {VERSION}."
        )
    for root in path.parents:
        if (root / "pyproject.toml").is_file():
            return _at_package(root, path)
    return _alone(path.parent, path, path.name)


def tag_pattern(path: Path) -> str:
    """What a release tag looks like in the project at *path*, if there is one.

    Raises:
        ConfigurationError: If its table is wrong.
    """
    has_table = (path / "pyproject.toml").is_file() and _read(path)[1] is not None
    return locate(path).config.tag_pattern if has_table else tags.DEFAULT_PATTERN


def _at_root(root: Path) -> Project:
    name, found = _read(root)
    if found is None:
        raise ConfigurationError(
            f"{root / 'pyproject.toml'} has no table [{HOOKS}.{PLUGIN_NAME}]. Add it, "
            f"with package = the folder that holds {VERSION}, or name that folder "
            f"instead of {root}."
        )
    place, table = found
    return Project(root, name, config.load(table, root, name, place))


def _at_package(root: Path, package: Path) -> Project:
    name, found = _read(root)
    if found is None:
        return _alone(root, package, name)
    # The copy may lie elsewhere than the table says; its other keys hold there too.
    place, table = found
    here = {**table, "package": package.relative_to(root).as_posix()}
    return Project(root, name, config.load(here, root, name, place))


def _alone(root: Path, package: Path, name: str) -> Project:
    relative = PurePosixPath(package.relative_to(root).as_posix())
    return Project(root, name, Config(relative, overrides.prefix_for(name)))


def _read(root: Path) -> tuple[str, tuple[str, dict[str, Any]] | None]:
    """The project's name; and the hook's table with its TOML path, if there is one."""
    pyproject = _toml(root / "pyproject.toml")
    builds = {"tool.hatch.build": _table(pyproject, "tool", "hatch", "build")}
    if (root / "hatch.toml").is_file():
        builds = {
            "hatch.toml: build": _table(_toml(root / "hatch.toml"), "build"),
            **builds,
        }
    name = _table(pyproject, "project").get("name")
    found = next(filter(None, (_find(place, it) for place, it in builds.items())), None)
    return name if isinstance(name, str) and name else root.name, found


def _find(place: str, build: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The hook's table in a `build` table: for all targets, or for one."""
    hooks = {f"{place}.hooks": _table(build, "hooks")}
    for target in _table(build, "targets"):
        hooks[f"{place}.targets.{target}.hooks"] = _table(
            build, "targets", target, "hooks"
        )
    for path, tables in hooks.items():
        if PLUGIN_NAME in tables:
            return f"{path}.{PLUGIN_NAME}", _table(tables, PLUGIN_NAME)
        custom = _table(tables, "custom")
        if "package" in custom:
            return f"{path}.custom", custom
    return None


def _table(parent: dict[str, Any], *path: str) -> dict[str, Any]:
    """The table at *path* below *parent*; an empty one if there is none."""
    for key in path:
        child = parent.get(key)
        parent = child if isinstance(child, dict) else {}
    return parent


def _toml(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # a build has its table already

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror or error}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error
