"""Lists the modules of each package in contributing.md, from their docstrings."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs_tools import generated_blocks, markdown

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "contributing.md"
# The packages whose modules the page lists, and how the files' names end.
PACKAGES = {"build_hooks": ".py", "paperless_report": ".py", "worker/src": ".ts"}


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of the contributors' page."""
    yield PAGE, render(PAGE.read_text(encoding="utf-8"))


def render(page: str) -> str:
    """Return *page* with a table of the modules of each package.

    Raises:
        ValueError: If a package has no markers there, or a module has no docstring.
    """
    for package in PACKAGES:
        rows = ((f"`{name}`", summary) for name, summary in summaries(package))
        table = markdown.table((f"`{package}/`", "what it does"), rows)
        page = generated_blocks.replace_block(page, package, table)
    return page


def summaries(package: str) -> Iterator[tuple[str, str]]:
    """Give the name of each module of *package* and its docstring's first sentence.

    A package's `__init__` is listed only if it holds code.

    Raises:
        ValueError: If a module does not begin with a docstring.
    """
    folder, suffix = ROOT / package, PACKAGES[package]
    modules = (path for path in folder.rglob("*.*") if path.suffix == suffix)
    # The package's own modules first, then one sub-package after another.
    for path in sorted(modules, key=lambda it: (it.parent, it.name)):
        text = path.read_text(encoding="utf-8")
        docstring = _python(text) if suffix == ".py" else _typescript(text)
        if docstring is None:
            continue
        if not docstring:
            file = path.relative_to(ROOT).as_posix()
            raise ValueError(f"{file}: begin the module with a docstring.")
        name = path.relative_to(folder).as_posix().removesuffix(suffix)
        yield name.removesuffix("__init__"), _first_sentence(docstring)


def _python(text: str) -> str | None:
    """Return the docstring of a module, or None if the module holds no code."""
    module = ast.parse(text)
    docstring = ast.get_docstring(module) or ""
    statements = len(module.body) - bool(docstring)
    return docstring if statements else None


def _typescript(text: str) -> str:
    comment = re.match(r"/\*\*(.*?)\*/", text, re.DOTALL)
    return re.sub(r"^\s*\* ?", "", comment[1], flags=re.MULTILINE) if comment else ""


def _first_sentence(docstring: str) -> str:
    """Return the first sentence in one line, without its full stop."""
    paragraph = " ".join(docstring.strip().partition("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0].removesuffix(".")
