"""Reads a project's wrangler.jsonc, and the operator's own deployment.jsonc beside it."""

import json
import re
from pathlib import Path
from typing import Any

from usage_receiver import tree

PAPERLESS_NGX = (tree.TREE / "projects" / "paperless-ngx").resolve()

# In wrangler.jsonc, every comment has its own line. `//` after other text is part of a URL.
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
# The keys that a named environment does not inherit.
_NOT_INHERITED = ("vars", "d1_databases", "ratelimits")
# What names an entry of a list: a database, a rate limit.
_NAMES = ("binding", "name")


class ConfigurationError(Exception):
    """A file cannot be read; `str()` of the error says which one, and why."""


def wrangler_file(project: Path = PAPERLESS_NGX) -> Path:
    """Return the path of the configuration of *project*, a folder."""
    return project / "wrangler.jsonc"


def deployment_file(project: Path) -> Path:
    """Return the path of what belongs to the operator of *project*, such as an account."""
    return project / "deployment.jsonc"


def read_all(project: Path) -> dict[str, Any]:
    """Read the configuration of all environments, with the operator's own settings.

    Raises:
        ConfigurationError: If a file is not valid.
    """
    own = deployment_file(project)
    configured = _parse(wrangler_file(project))
    merged: dict[str, Any] = _merge(configured, _parse(own) if own.exists() else {})
    return merged


def read_environment(
    name: str | None = None, project: Path = PAPERLESS_NGX
) -> dict[str, Any]:
    """Read the configuration of the environment *name*; without one, of production.

    Raises:
        ConfigurationError: If a file is not valid, or there is no such environment.
    """
    top = read_all(project)
    environments = top.pop("env", {})
    if not name:
        return top
    if name not in environments:
        raise ConfigurationError(
            f"{wrangler_file(project)} has no environment {name}. It has production,"
            f" {', '.join(environments)}."
        )
    inherited = {key: top[key] for key in top if key not in _NOT_INHERITED}
    return {**inherited, "name": f"{top['name']}-{name}", **environments[name]}


def _parse(file: Path) -> dict[str, Any]:
    try:
        parsed = json.loads(_COMMENT.sub("", file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{file} is not valid: {error}. Write JSON, with each comment on a line of"
            " its own and no comma after the last item."
        ) from error
    if not isinstance(parsed, dict):
        raise ConfigurationError(f"{file} is not valid: write a JSON object.")
    return parsed


def _merge(value: Any, own: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return *value* with *own* over it. In lists, entries of the same name are merged."""
    if isinstance(value, dict) and isinstance(own, dict):
        merged = {key: _merge(value[key], own[key]) for key in own if key in value}
        return {**value, **own, **merged}
    if isinstance(value, list) and isinstance(own, list) and any(map(_name, own)):
        by_name = {_name(entry): entry for entry in own}
        changed = [_merge(entry, by_name.pop(_name(entry), entry)) for entry in value]
        return [*changed, *by_name.values()]
    return own


def _name(entry: Any) -> str | None:  # noqa: ANN401  # any JSON
    names = entry if isinstance(entry, dict) else {}
    return next((str(names[key]) for key in _NAMES if key in names), None)
