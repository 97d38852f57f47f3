"""Lists every generated file with the text that it should have."""

from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings

from docs_tools import (
    catalogue,
    dashboards,
    fields,
    module_lists,
    public_surface,
    reference,
    terminal,
)
from paperless_report import contract


def generated_files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of each generated file; write nothing."""
    # Django translates the command's texts, which needs settings.
    if not settings.configured:
        project = {"package": "paperless", **contract.load_project()}
        settings.configure(USAGE_REPORTING_PROJECT=project)
        django.setup()
    yield from fields.files()
    yield from dashboards.files()
    yield from catalogue.files()
    yield from reference.files()
    yield from module_lists.files()
    yield from terminal.files()
    yield from public_surface.files()


def is_current(path: Path, text: str) -> bool:
    """Whether the file at *path* exists and has exactly this *text*."""
    return path.is_file() and path.read_text(encoding="utf-8") == text
