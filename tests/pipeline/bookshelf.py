"""The Django project of docs/how-to/django.md: a new one, with the pages' additions."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from paperless_report import contract
from paperless_report.contract import Field
from tests.pipeline import commands
from tests.support import pages
from tests.support.repository import Repository

PAGE = "docs/how-to/django.md"
RELEASE = "docs/how-to/django-release.md"
# What Bookshelf had before it followed the page.
_APP = {
    "shelf/__init__.py": "",
    "shelf/models.py": """\
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=200)


class Loan(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
""",
}
_SETTINGS = (
    'INSTALLED_APPS += ["shelf"]\nDEFAULT_AUTO_FIELD = "django.db.models.AutoField"\n'
)


def create(folder: Path) -> Repository:
    """Create the project in *folder*, with one commit."""
    folder.mkdir(parents=True)
    commands.run(sys.executable, "-m", "django", "startproject", "bookshelf", folder)
    file = folder / "bookshelf" / "settings.py"
    repository = Repository(folder)
    repository.write(
        {**_APP, "bookshelf/settings.py": file.read_text(encoding="utf-8") + _SETTINGS}
    )
    pages.run_commands(
        folder,
        "python manage.py makemigrations --verbosity 0 shelf",
        environ={"DJANGO_SETTINGS_MODULE": "bookshelf.settings"},
    )
    (settings, version, collectors), (schema,), (ignored,) = (
        [block.text for block in pages.blocks(PAGE, language)]
        for language in ("python", "json", "text")
    )
    (pyproject,) = (block.text for block in pages.blocks(RELEASE, "toml"))
    repository.write(
        {
            ".gitignore": f"build_info.py\n__pycache__/\n{ignored}",
            "pyproject.toml": pyproject,
            "bookshelf/settings.py": file.read_text(encoding="utf-8") + settings,
            "bookshelf/version.py": version,
            "bookshelf/report.schema.json": schema,
            "bookshelf/usage_report.py": collectors,
        }
    )
    repository.commit("Report usage")
    return repository


def load_fields() -> Mapping[str, Field]:
    """Read the fields of the page's contract."""
    (block,) = pages.blocks(PAGE, "json")
    return contract.parse_fields(json.loads(block.text))
