"""How much of what the pages tell their readers to type is typed by tests."""

from tests.support.pages import PAGES, commands, exempt


def pytest_report_header() -> str:
    run = sum(len(commands(page)) for page in PAGES)
    rest = sum(len(exempt(page)) for page in PAGES)
    return f"commands in pages: {run} run by tests, {rest} exempt for a reason"
