"""Photographs the page for admins, of an installation that has sent a report."""

import tempfile
from pathlib import Path

from tests.pipeline import shelf, web
from tests.support import chromium

# Widths and heights of windows: a phone, and a desktop.
_WINDOWS = ((360, 780), (1280, 960))


def photograph(folder: Path) -> None:
    """Write `page-SCHEME-WIDTH.png` into *folder*, for each color scheme and window."""
    with (
        tempfile.TemporaryDirectory(prefix="usage-report-page-") as home,
        web.serve_both(Path(home)) as (url, programs),
        chromium.running() as browser,
    ):
        for command in ("on", "run --now"):
            programs.run(f"{shelf.MODULE} {command}", "y\n")
        page = browser.new_page()
        page.goto(url)
        for scheme in web.SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width, height in _WINDOWS:
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"page-{scheme}-{width}.png")
