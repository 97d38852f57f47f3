"""A small Hatch project with the build hook: its files, for a test to write."""

PYPROJECT = """\
[build-system]
requires = ["hatchling", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "host"
version = "2.15.0"

[tool.hatch.build]
dev-mode-dirs = ["src"]

[tool.hatch.build.hooks.build-info]
package = "src/paperless"

[tool.hatch.build.targets.wheel]
packages = ["src/paperless"]
"""
VERSION_PY = """\
from typing import Final

__version__: Final[tuple[int, int, int]] = (2, 15, 0)
__channel__: Final[str] = "dev"  # set by the build
"""
FILES = {
    ".gitignore": "build_info.py\n/dist/\n__pycache__/\n",
    "pyproject.toml": PYPROJECT,
    "src/paperless/__init__.py": "",
    "src/paperless/version.py": VERSION_PY,
    "docs/index.md": "# A page\n",
}


def add_keys(keys: str) -> str:
    """Return the sample's pyproject.toml with more lines in the hook's table."""
    table = 'package = "src/paperless"\n'
    return PYPROJECT.replace(table, table + keys)
