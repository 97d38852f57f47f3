"""`nox -s showcase`: the README's transcript and its picture of the page, made anew."""

import datetime as dt
import sys

from docs_tools import generated_blocks
from tests.pipeline import demo
from tests.support import chromium
from tests.support.pages import ROOT
from tests.worker.population import store, year_of_releases
from worker.local.harness import harness

PICTURE = ROOT / "docs" / "statistics.png"
_DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
_WIDTH, _HEIGHT = 900, 1000


def picture() -> None:
    """The page, of a made-up population, at the top of a desk's window."""
    with harness() as worker, chromium.running() as browser:
        store(worker, year_of_releases(_DUE))
        worker.run_cron(_DUE)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(f"{worker.url}/?period=365d")
        page.screenshot(path=PICTURE)


def main() -> None:
    """Write both."""
    print("Running the demo (a minute or two) ...", file=sys.stderr)
    generated_blocks.update_file(
        ROOT / "README.md", "demo", f"```text\n{demo.transcript()}```"
    )
    print("Taking a picture of the page ...", file=sys.stderr)
    picture()


if __name__ == "__main__":
    main()
