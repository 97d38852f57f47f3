"""Reads a project's wrangler.jsonc."""

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


def wrangler_file(project: Path = PAPERLESS_NGX) -> Path:
    """Return the path of the configuration of *project*, a folder."""
    return project / "wrangler.jsonc"


def read_environment(
    name: str | None = None, project: Path = PAPERLESS_NGX
) -> dict[str, Any]:
    """Read the configuration of the environment *name*; without one, of production.

    Raises:
        KeyError: If there is no such environment.
    """
    text = wrangler_file(project).read_text(encoding="utf-8")
    top: dict[str, Any] = json.loads(_COMMENT.sub("", text))
    environments = top.pop("env")
    if not name:
        return top
    inherited = {key: top[key] for key in top if key not in _NOT_INHERITED}
    return {**inherited, "name": f"{top['name']}-{name}", **environments[name]}
