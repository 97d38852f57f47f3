"""docs/explanation/decisions.md has every decision that code and pages refer to."""

import re
import subprocess

from docs_tools.links import heading_anchor
from tests.support.pages import ROOT

PAGE = "docs/explanation/decisions.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (([BCPS]\d+): .+)$", TEXT, re.MULTILINE)


def test_every_decision_has_an_anchor_here_and_on_the_site() -> None:
    """GitHub takes the anchor above the heading, Sphinx the one of the heading."""
    anchors = [number.lower() for _, number in HEADINGS]

    assert re.findall(r'<a name="(\w+)"></a>\n\n### ', TEXT) == anchors
    assert [heading_anchor(title) for title, _ in HEADINGS] == anchors


def test_every_decision_that_is_referred_to_is_on_the_page() -> None:
    references = subprocess.run(
        ("git", "-c", "safe.directory=*", "grep", "-hoE", "decisions? [BCPS][0-9]+"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    numbers = {it for it in references if not it.startswith("decision")}

    assert numbers <= {number for _, number in HEADINGS}
