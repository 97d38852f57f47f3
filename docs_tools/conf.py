"""The Sphinx configuration of the documentation site (`nox -s docs`)."""

project = "paperless-report"
html_title = project
extensions = ["myst_parser"]

# Links may point to headings down to the fourth level, as they may on GitHub.
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
# The site names neither its author, its source files nor the machine that built it.
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
