"""Remakes the README's transcript and picture of the statistics page: `nox -s showcase`."""

import datetime as dt
import sys
import tempfile
from pathlib import Path

from docs_tools import generated_blocks
from tests.pipeline import demo
from tests.pipeline.commands import ROOT
from tests.support import chromium
from tests.worker.population import store, year_of_releases
from worker.local.harness import run_worker

PICTURE = ROOT / "docs" / "statistics.png"
_DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
_WIDTH, _HEIGHT = 900, 1000


def take_picture() -> None:
    """Photograph the top of the page, filled with an invented year of reports."""
    with run_worker() as worker, chromium.running() as browser:
        store(worker, year_of_releases(_DUE))
        worker.run_cron(_DUE)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(f"{worker.url}/?period=365d")
        page.screenshot(path=PICTURE)


def main() -> None:
    """Write both."""
    print("Running the demo ...", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="usage-report-demo-") as folder:
        _, transcript = demo.transcript(Path(folder))
    generated_blocks.update_file(
        ROOT / "README.md", "demo", f"```text\n{transcript}```"
    )
    print("Taking a picture of the statistics page ...", file=sys.stderr)
    take_picture()


if __name__ == "__main__":
    main()
