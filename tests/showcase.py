"""Remakes the transcript of the demo and the pictures of the docs: `nox -s showcase`."""

import datetime as dt
import sys
import tempfile
from pathlib import Path

from docs_tools import generated_blocks
from tests.pipeline import demo, shelf, web
from tests.pipeline.commands import ROOT
from tests.support import chromium
from tests.support.transcript import read_step
from tests.worker.population import store, year_of_releases
from worker.local.harness import run_worker

PICTURES = ROOT / "docs" / "pictures"
_DUE = dt.datetime(2026, 5, 18, 3, 17, tzinfo=dt.UTC)
_WIDTH, _HEIGHT = 900, 1000
# Widths and heights of windows: a phone, and a desktop.
_WINDOWS = ((360, 780), (1280, 960))


def write_transcript(transcript: str) -> None:
    """Write *transcript* into its tutorial, and the report that it shows into the README."""
    preview = read_step(transcript, "Run manage.py send_usage_report --dry-run")
    for path, name, text in (
        (ROOT / "docs" / "tutorials" / "whole-path.md", "demo", transcript),
        (ROOT / "README.md", "preview", preview),
    ):
        generated_blocks.update_file(path, name, f"```text\n{text}```")


def take_picture() -> None:
    """Photograph the top of the page, filled with an invented year of reports."""
    with run_worker() as worker, chromium.running() as browser:
        store(worker, year_of_releases(_DUE))
        worker.run_cron(_DUE)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(f"{worker.url}/?period=365d")
        page.screenshot(path=PICTURES / "statistics.png")


def take_pictures_of_admin_page() -> None:
    """Photograph the page for admins, of an installation that has sent a report."""
    with (
        tempfile.TemporaryDirectory(prefix="usage-report-page-") as folder,
        web.serve_both(Path(folder)) as (url, programs),
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
                page.screenshot(path=PICTURES / f"page-{scheme}-{width}.png")


def main() -> None:
    """Write all of them."""
    print("Running the demo ...", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="usage-report-demo-") as folder:
        _, transcript = demo.transcript(Path(folder))
    write_transcript(transcript)
    print("Taking a picture of the statistics page ...", file=sys.stderr)
    take_picture()
    print("Taking pictures of the page for admins ...", file=sys.stderr)
    take_pictures_of_admin_page()


if __name__ == "__main__":
    main()
