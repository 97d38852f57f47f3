"""The Sphinx configuration of the documentation site (`nox -s docs`)."""

from pathlib import Path

from docs_tools import links

project = "paperless-report"
html_title = f"{project} (branch main)"  # what the website is built from
extensions = ["myst_parser", "docs_tools.site"]

# Links may point to headings down to the fourth level, as they may on GitHub.
myst_heading_anchors = 4
myst_heading_slug_func = "docs_tools.links.heading_anchor"
myst_url_schemes = ("http", "https", "mailto", links.SCHEME)
nitpicky = True
# Pygments does not know RPM's macros, nor all of Bake's language: such blocks stay plain.
suppress_warnings = ["misc.highlighting_failure"]

# `nox -s links`: other sites may make their headings with JavaScript.
linkcheck_anchors = False
linkcheck_ignore = [r"https?://(localhost|127\.0\.0\.1|\[::1\]|([\w-]+\.)*example\.)"]
linkcheck_retries = 3
linkcheck_timeout = 20
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_baseurl = links.find_url(Path(__file__).parents[1], "Documentation") or ""
# The site names neither its author, its source files nor the machine that built it.
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
