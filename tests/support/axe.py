"""Checks with axe-core that a page in a browser is accessible."""

from typing import Any

from playwright.sync_api import Page

from worker.local import toolchain

AXE = (toolchain.PACKAGES / "axe-core" / "axe.min.js").resolve()
OPEN_DETAILS = (
    "document.querySelectorAll('details').forEach(details => details.open = true)"
)


def find_violations(page: Page) -> list[str]:
    """List what axe objects to with all details open.

    The script is evaluated from outside, since the page's policy forbids scripts.
    """
    page.evaluate(OPEN_DETAILS)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules: list[dict[str, Any]] = page.evaluate(
        "axe.run().then(result => result.violations)"
    )
    return [
        f"{rule['id']}: {[node['html'] for node in rule['nodes']][:3]}"
        for rule in rules
    ]
