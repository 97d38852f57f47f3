"""Photographs the top of the statistics page, filled with an invented year of reports."""

import datetime as dt
from pathlib import Path

from tests.support import chromium
from tests.worker.population import store, year_of_releases
from worker.local.harness import run_worker

_DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
_WIDTH, _HEIGHT = 900, 1000


def photograph(folder: Path) -> None:
    """Write `statistics.png` into *folder*."""
    with run_worker() as worker, chromium.running() as browser:
        store(worker, year_of_releases(_DUE))
        worker.run_cron(_DUE)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(f"{worker.url}/?period=365d")
        page.screenshot(path=folder / "statistics.png")
