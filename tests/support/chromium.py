"""Runs Chromium, for tests that need a real browser."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

PATH = shutil.which("chromium")


@contextlib.contextmanager
def running() -> Iterator[Browser]:
    """Start Chromium without its own background requests; stop it at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PATH,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield browser
        browser.close()
