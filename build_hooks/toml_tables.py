"""Reads TOML files, and the tables in them."""

from pathlib import Path
from typing import Any

from build_hooks.errors import ConfigurationError
from build_hooks.project_files import read_file
from build_hooks.text import as_clause


def read_toml(path: Path) -> dict[str, Any]:
    """Read the TOML file at *path*.

    Raises:
        ProjectFileError: If it cannot be read.
        ConfigurationError: If there is none, or it is not valid.
    """
    import tomllib  # noqa: PLC0415  # a build gets its table from hatchling

    content = read_file(path)
    if content is None:
        raise ConfigurationError(f"{path} does not exist.")
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{path} is not valid TOML: {as_clause(error)}."
        ) from error


def get_table(parent: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the table at *path* below *parent*; an empty one if there is none."""
    for key in path:
        child = parent.get(key)
        parent = child if isinstance(child, dict) else {}
    return parent
