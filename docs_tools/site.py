"""What the website does differently from the pages on the repository's host."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from docs_tools import links, navigation

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_ROOT = Path(__file__).parents[1]
# Words that lead to a page although its title has others: `<!-- search: opt out -->`.
_SEARCH = re.compile(r"<!-- search: (.+?) -->")


def setup(app: "Sphinx") -> None:
    """Connect this to Sphinx, which calls it."""
    repository = links.find_repository(_ROOT, os.environ) or ""
    app.add_config_value("repository", repository, "env", (str,))
    app.connect("source-read", _change_source)
    app.connect("doctree-resolved", _point_to_repository)


def _change_source(app: "Sphinx", page: str, source: list[str]) -> None:
    """Mark the links that leave the site, and add the navigation to the start page."""
    docs = Path(app.srcdir)
    folder = (docs / page).parent.relative_to(_ROOT).as_posix()

    def mark(path: str) -> str | None:
        leaves = (_ROOT / path).exists() and not (_ROOT / path).is_relative_to(docs)
        # Sphinx checks the others.
        return f"{links.SCHEME}:{path}" if leaves else None

    source[0] = _SEARCH.sub(_index, source[0])
    source[0] = links.rewrite(source[0], folder, mark, lambda _: None)
    if page == app.config.root_doc == "index":
        source[0] += f"\n{navigation.render(docs)}"


def _index(comment: re.Match[str]) -> str:
    """Return the directive that puts the words of *comment* in the search index."""
    entries = ", ".join(f"!{word.strip()}" for word in comment[1].split(","))
    return f"```{{index}} {entries}\n```"


def _point_to_repository(app: "Sphinx", page: nodes.document, name: str) -> None:
    """Give the marked links their addresses, or the files on this machine without one."""
    for node in page.findall(nodes.reference):
        scheme, _, path = node.get("refuri", "").partition(":")
        if scheme != links.SCHEME:
            continue
        if app.config.repository:
            node["refuri"] = links.file_address(app.config.repository, path)
        else:
            folder = Path(app.outdir, name).parent
            node["refuri"] = Path(os.path.relpath(_ROOT / path, folder)).as_posix()
