"""Lists the modules of each package in docs/project/modules.md, from their docstrings."""

import ast
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from docs_tools import generated_blocks, markdown

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "project" / "modules.md"
# The packages whose modules the page lists, and how the files' names end.
PACKAGES = {
    "build_hooks": ".py",
    "paperless_report": ".py",
    "usage_receiver": ".py",
    "worker/src": ".ts",
    "worker/site": ".ts",
    "worker/openapi": ".ts",
    "worker/operator": ".ts",
    "worker/server": ".ts",
    "worker/sqlite": ".ts",
}


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of the page that lists the modules."""
    yield PAGE, render(PAGE.read_text(encoding="utf-8"))


def render(page: str) -> str:
    """Return *page* with a table of the modules of each package.

    A module of a package has a row of its own; the modules of a folder share one.

    Raises:
        ValueError: If the page has no markers, or a module has no docstring.
    """
    tables = (
        markdown.table((f"`{package}/`", "what it does"), _rows(package))
        for package in PACKAGES
    )
    return generated_blocks.replace_block(page, "modules", "\n\n".join(tables))


def _rows(package: str) -> Iterator[tuple[str, str]]:
    for folder, modules in groupby(summaries(package), _folder):
        if folder:
            lines = (
                summary
                if name.endswith("__init__")
                else f"`{Path(name).name}`: {summary}"
                for name, summary in modules
            )
            yield f"`{folder}/`", "<br>".join(lines)
        else:
            yield from ((f"`{name}`", summary) for name, summary in modules)


def _folder(module: tuple[str, str]) -> str:
    return module[0].rpartition("/")[0]


def summaries(package: str) -> Iterator[tuple[str, str]]:
    """Give the name of each module of *package* and its docstring's first sentence.

    The modules of the package itself come first, then folder by folder. A file that
    has no code but a docstring is left out, as are `__main__` and type declarations.

    Raises:
        ValueError: If a module does not begin with a docstring.
    """
    folder, suffix = ROOT / package, PACKAGES[package]
    for path in sorted(folder.rglob(f"*{suffix}"), key=lambda it: (it.parent, it.name)):
        if path.name == "__main__.py" or ".d." in path.name:
            continue
        text = path.read_text(encoding="utf-8")
        docstring = _python(text) if suffix == ".py" else _typescript(text)
        if docstring is None:
            continue
        if not docstring:
            file = path.relative_to(ROOT).as_posix()
            raise ValueError(f"{file}: begin the module with a docstring.")
        name = path.relative_to(folder).as_posix().removesuffix(suffix)
        yield name, _first_sentence(docstring)


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
    """Return the first sentence in one line, without full stop and reference."""
    paragraph = " ".join(docstring.strip().partition("\n\n")[0].split())
    sentence = re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0].removesuffix(".")
    return re.sub(r" \((spec|decision)[^()]*\)$", "", sentence)
