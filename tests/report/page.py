"""The page of an installation of the project with counters."""

from typing import Any

from paperless_report import Reporter
from paperless_report.page.content import build_page
from paperless_report.page.render import render
from tests.report.shelf import Shelf
from tests.support.page_reader import PageReader

TOKEN = "t0ken"  # noqa: S105  # of the forms


def show(reporter: Reporter, **changes: Any) -> PageReader:  # noqa: ANN401  # as build_page
    """Read the page as it is now."""
    page = build_page(reporter, **changes)
    return PageReader(render(page, base="/reports/", token=TOKEN))


def turn_on(shelf: Shelf) -> None:
    """Turn reporting on."""
    reporter = shelf.open()
    reporter.turn_on(reporter.preview())


def turn_on_and_count(shelf: Shelf) -> None:
    """Turn reporting on, and count two events."""
    turn_on(shelf)
    reporter = shelf.open()
    reporter.count("command", "add")
    reporter.count("search")
    reporter.flush()
