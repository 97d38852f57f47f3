"""The hook's table in `pyproject.toml`, checked as a whole."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from build_hooks.errors import ConfigurationError

PLUGIN_NAME = "build-info"
HOOKS = "tool.hatch.build.hooks"

KEYS = ("package", "report-url")
# Hatchling reads these itself from any hook's table.
HATCHLING_KEYS = (
    "dependencies",
    "enable-by-default",
    "path",
    "require-runtime-dependencies",
    "require-runtime-features",
)
# Where http may stand: a report to this machine crosses no network.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Config:
    """What the hook's table says.

    Attributes:
        package: The stamped package, relative to the project's root.
        report_url: Where reports go, for `build_info.py`, or None.
    """

    package: PurePosixPath
    report_url: str | None = None


def load(table: Mapping[str, Any], root: Path, name: str = PLUGIN_NAME) -> Config:
    """Check the hook's *table* against the tree at *root*.

    Args:
        table: The parsed table.
        root: The project's root.
        name: The last part of the table's TOML path.

    Raises:
        ConfigurationError: With every error in the table.
    """
    prefix = f"{HOOKS}.{name}"
    errors = [
        f"{prefix}.{key} is not a key of this hook{_did_you_mean(key)}"
        for key in table
        if key not in (*KEYS, *HATCHLING_KEYS)
    ]
    for key, problem in (
        ("package", _package_problem(table.get("package"), root)),
        ("report-url", _url_problem(table.get("report-url"))),
    ):
        if problem:
            errors.append(f"{prefix}.{key} {problem}")
    if errors:
        raise ConfigurationError(*errors)
    return Config(PurePosixPath(table["package"]), table.get("report-url"))


def find(root: Path) -> Config:
    """Read the hook's configuration from the project at *root*.

    The table is `[tool.hatch.build.hooks.build-info]`, or `hooks.custom` where
    that one names a package (a project that builds itself with its own copy of
    the plugin). `hatch.toml` holds the same tables without `tool.hatch`.

    Raises:
        ConfigurationError: If there is no such table, or it is wrong.
    """
    hooks = _hooks(root)
    for name in (PLUGIN_NAME, "custom"):
        table = hooks.get(name)
        if isinstance(table, dict) and (name == PLUGIN_NAME or "package" in table):
            return load(table, root, name)
    raise ConfigurationError(
        f"{root / 'pyproject.toml'} has no table [{HOOKS}.{PLUGIN_NAME}]. "
        'Add it, with package = "the folder that holds version.py".'
    )


def _hooks(root: Path) -> dict[str, Any]:
    hatch = _table(_read_toml(root / "pyproject.toml"), "tool", "hatch")
    if (root / "hatch.toml").is_file():
        hatch = {**hatch, **_read_toml(root / "hatch.toml")}
    return _table(hatch, "build", "hooks")


def _table(parent: dict[str, Any], *path: str) -> dict[str, Any]:
    """The table at *path* below *parent*; an empty one if there is none."""
    for key in path:
        child = parent.get(key)
        parent = child if isinstance(child, dict) else {}
    return parent


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError(f"{path} cannot be read: {reason}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error


def _did_you_mean(key: str) -> str:
    close = difflib.get_close_matches(key, KEYS, n=1)
    if close:
        return f'. Did you mean "{close[0]}"?'
    return f"; it knows {' and '.join(KEYS)}."


def _package_problem(value: object, root: Path) -> str | None:
    if value is None:
        return 'is missing. Name the folder that holds version.py: "src/paperless".'
    if not isinstance(value, str):
        return f"must be a string, not {type(value).__name__}."
    path = PurePosixPath(value)
    if not value or path.is_absolute() or ".." in path.parts or path == PurePosixPath():
        return f"must be a folder below the project's root, not {value!r}."
    if not (root / path).is_dir():
        return f"names {value!r}, which is no folder in {root}."
    if not (root / path / "version.py").is_file():
        return f"names {value!r}, which holds no version.py."
    return None


def _url_problem(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        return f"must be a string, not {type(value).__name__}."
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError:
        return f"is not a URL: {value!r}."
    if not host or not value.isprintable() or " " in value:
        return f"is not a URL: {value!r}."
    if url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK):
        return None
    return f"must begin with https:// (http:// only for this machine), not {value!r}."
