"""The real browser."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

PATH = shutil.which("chromium")


@contextlib.contextmanager
def running() -> Iterator[Browser]:
    """Chromium, which asks no host for anything of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PATH,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield browser
        browser.close()
