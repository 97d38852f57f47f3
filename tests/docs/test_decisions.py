"""The pages of decisions have every decision that code and pages refer to."""

import re
import subprocess

from docs_tools.links import heading_anchor
from tests.support.pages import ROOT

FOLDER = ROOT / "docs" / "explanation"
PAGES = {it.name: it.read_text("utf-8") for it in sorted(FOLDER.glob("decisions-*.md"))}
TEXT = "\n".join(PAGES.values())
HEADING = re.compile(r"^##+ (([BCPS]\d+): .+)$", re.MULTILINE)
HEADINGS = HEADING.findall(TEXT)


def test_every_decision_has_an_anchor_here_and_on_the_site() -> None:
    """GitHub takes the anchor above the heading, Sphinx the one of the heading."""
    anchors = [number.lower() for _, number in HEADINGS]

    assert re.findall(r'<a name="(\w+)"></a>\n\n##+ ', TEXT) == anchors
    assert [heading_anchor(title) for title, _ in HEADINGS] == anchors


def test_the_overview_lists_every_decision_with_its_page() -> None:
    overview = (FOLDER / "decisions.md").read_text("utf-8")
    listed = re.findall(r"^- \[(\w+)\]\((.+)#(\w+)\): (.+)$", overview, re.MULTILINE)

    assert sorted(listed) == sorted(
        (number, page, number.lower(), title.removeprefix(f"{number}: "))
        for page, text in PAGES.items()
        for title, number in HEADING.findall(text)
    )


def test_every_decision_that_is_referred_to_is_on_a_page() -> None:
    references = subprocess.run(
        ("git", "-c", "safe.directory=*", "grep", "-hoE", "decisions? [BCPS][0-9]+"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    numbers = {it for it in references if not it.startswith("decision")}

    assert numbers <= {number for _, number in HEADINGS}
