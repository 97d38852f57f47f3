"""The Sphinx configuration of the documentation site (`nox -s docs`)."""

import re

project = "paperless-report"
html_title = project
extensions = ["myst_parser"]

# Links may point to headings down to the fourth level, as they may on GitHub.
myst_heading_anchors = 4
myst_heading_slug_func = "docs_tools.conf.heading_anchor"
nitpicky = True
# Pygments does not know RPM's macros, nor all of Bake's language: such blocks stay plain.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
# The site names neither its author, its source files nor the machine that built it.
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def heading_anchor(title: str) -> str:
    """Return the anchor of a heading: a decision's number, else what GitHub makes."""
    if decision := re.match(r"([BCPS][0-9]+): ", title):
        return decision[1].lower()
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
