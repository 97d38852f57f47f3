"""A small Hatch project in a real repository."""

from pathlib import Path

import pytest

from tests.support.repository import Repository

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


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """A committed, untagged, clean project of version 2.15.0."""
    repository = Repository(tmp_path / "project")
    repository.write(FILES)
    repository.commit()
    return repository
