"""Reads TOML files, and the tables in them."""

from pathlib import Path
from typing import Any

from build_hooks.errors import ConfigurationError


def read_toml(path: Path) -> dict[str, Any]:
    """Read the TOML file at *path*.

    Raises:
        ConfigurationError: If it cannot be read, or is not valid.
    """
    import tomllib  # noqa: PLC0415  # a build gets its table from hatchling

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror or error}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error


def get_table(parent: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the table at *path* below *parent*; an empty one if there is none."""
    for key in path:
        child = parent.get(key)
        parent = child if isinstance(child, dict) else {}
    return parent
