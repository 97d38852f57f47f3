"""Puts every page of docs/ into the site's navigation, in the order of its sections."""

from pathlib import Path

# The folders of docs/ in the order of the site, each with the pages that come first. The
# others follow by name, so that a new page needs no line here.
SECTIONS = {
    "Tutorials": ("tutorials", "whole-path", "first-release", "first-report"),
    "How-to guides": (
        *("how-to", "github-actions", "images", "podman", "paperless-ngx"),
        *("distributions", "usage-reporting", "report-from-docker", "report-weekly"),
        *("delete-reports", "reporting-on-servers", "django", "django-weekly"),
        *("django-release", "django-new-field", "python", "admin-page"),
        *("own-contract", "count-events", "change-a-contract", "try-the-receiver"),
        *("server", "server-data", "deploy-cloudflare", "operate-cloudflare"),
        *("back-up-cloudflare", "operators-view", "moderate", "grafana"),
        "use-the-numbers",
    ),
    "Reference": (
        *("reference", "hook", "command-line", "json-output", "report"),
        *("reporting-settings", "django-settings", "reporter", "contract", "project"),
        *("http", "settings"),
    ),
    "Explanation": (
        *("explanation", "stamp", "privacy", "runtimes", "cost-and-scale"),
        *("performance", "performance-build", "performance-reporter"),
        *("performance-receiver", "disclosure"),
    ),
    "Project": (
        *("project", "contributing", "architecture", "modules", "testing", "extending"),
        *("releasing", "licences"),
    ),
}
# Pages of docs/ itself.
FIRST = ("install", "faq")


def render(docs: Path) -> str:
    """Return the table of contents of the pages in *docs*, as MyST's directives."""
    trees = [_tree("", [it for it in FIRST if (docs / f"{it}.md").exists()])]
    for caption, (folder, *first) in SECTIONS.items():
        rest = sorted(it.stem for it in (docs / folder).glob("*.md"))
        ordered = [*first, *(it for it in rest if it not in first)]
        trees.append(_tree(caption, [f"{folder}/{it}" for it in ordered]))
    return "\n".join(trees)


def _tree(caption: str, pages: list[str]) -> str:
    title = f":caption: {caption}\n" if caption else ""
    return f"```{{toctree}}\n:hidden:\n{title}\n" + "\n".join(pages) + "\n```\n"
