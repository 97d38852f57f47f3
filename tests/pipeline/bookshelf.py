"""The Django project of docs/adopt/django.md: a new one, with the page's additions."""

import sys
from pathlib import Path

from tests.pipeline import commands
from tests.support import pages
from tests.support.repository import Repository

PAGE = "docs/adopt/django.md"


def create(folder: Path) -> Repository:
    """Create the project in *folder*, with one commit."""
    folder.mkdir(parents=True)
    commands.run(sys.executable, "-m", "django", "startproject", "bookshelf", folder)
    (settings, version), (pyproject,), (ignored,) = (
        [block.text for block in pages.blocks(PAGE, language)]
        for language in ("python", "toml", "text")
    )
    generated = (folder / "bookshelf" / "settings.py").read_text(encoding="utf-8")
    repository = Repository(folder)
    repository.write(
        {
            ".gitignore": f"build_info.py\n__pycache__/\n{ignored}",
            "pyproject.toml": pyproject,
            "bookshelf/settings.py": generated + settings,
            "bookshelf/version.py": version,
        }
    )
    repository.commit("Report usage")
    return repository
