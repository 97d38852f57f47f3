"""The site of these pages: `nox -s docs` builds it, and takes no warning."""

project = "paperless-report"
html_title = project
extensions = ["myst_parser"]

# Headings down to the fourth level can be linked to, as on the host of the repository.
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
# Nothing is asked of another host, and nothing tells of the machine that built it.
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
