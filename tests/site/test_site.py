"""The built website: its search, its links and its start page. `nox -s docs` runs this."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from docs_tools import links
from usage_receiver.node import NODE

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"
SEARCH = Path(__file__).with_name("search.mjs")

pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="The site is not built: nox -s docs"
)


def search(query: str) -> list[str]:
    """Return the pages that the site's search finds, best first, each once."""
    printed = subprocess.run(
        (NODE, SEARCH, SITE, query), capture_output=True, text=True, check=True
    ).stdout
    return [*dict.fromkeys(json.loads(printed))]


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("dev channel", "explanation/stamp"),
        ("opt out", "how-to/usage-reporting"),
        ("DO_NOT_TRACK", "reference/reporting-settings"),
        ("Compose", "how-to/images"),
        ("docker compose", "how-to/images"),
        ("hatch-vcs", "tutorials/first-release"),
        ("podman", "how-to/podman"),
        ("GDPR", "explanation/privacy"),
        ("uninstall", "how-to/delete-reports"),
        ("Debian", "how-to/distributions"),
    ],
)
def test_the_search_finds_the_right_page_first_or_after_the_faq(
    query: str, page: str
) -> None:
    first, *others = search(query)

    assert page == (others[0] if first == "faq" else first)


def test_a_link_that_leaves_the_site_leads_to_the_repository() -> None:
    repository = links.find_repository(ROOT, os.environ)
    licence = (SITE / "project" / "licences.html").read_text("utf-8")

    expected = f"{repository}/blob/HEAD/LICENSE" if repository else "../../LICENSE"
    assert f'href="{expected}"' in licence
    assert not (SITE / "_downloads").exists()


def test_every_link_within_the_site_has_a_target() -> None:
    for page in SITE.rglob("*.html"):
        hrefs = re.findall(r'<a [^>]*href="([^"#?]+)', page.read_text("utf-8"))
        for href in {it for it in hrefs if not re.match(r"\w+:", it)}:
            assert (page.parent / href).exists(), f"{page} links to {href}."


def test_the_start_page_has_a_card_for_each_role_and_shows_no_directive() -> None:
    page = (SITE / "index.html").read_text("utf-8")
    source = (ROOT / "docs" / "index.md").read_text("utf-8")

    assert len(re.findall(r"<h3>You ", page)) == source.count("\n### You ") >= 5
    assert 'id="start-with-your-role"' in page  # as in docs_tools/static/site.css
    assert "```" not in source
    assert "{toctree}" not in page
