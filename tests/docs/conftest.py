"""Prints how many of the commands in the pages are run by tests."""

from tests.support.pages import PAGES, commands, exempt


def pytest_report_header() -> str:
    run = sum(len(commands(page)) for page in PAGES)
    skipped = sum(len(exempt(page)) for page in PAGES)
    return f"commands in pages: {run} run by tests, {skipped} exempt with a reason"
