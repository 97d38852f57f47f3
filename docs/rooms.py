"""Writes the modules of each room into contributing.md, each in its own words.

`python -m docs` does it, with the other pages that are made.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docs import markdown, marks

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("contributing.md")


class Room(NamedTuple):
    """A folder whose modules the page names; how their names end."""

    folder: str
    suffix: str


ROOMS = (
    Room("build_hooks", ".py"),
    Room("paperless_report", ".py"),
    Room("worker/src", ".ts"),
    Room("worker/local", ".py"),
    Room("release", ".py"),
    Room("docs", ".py"),
)


def render(text: str) -> str:
    """The page *text*, with each room's modules between its marks.

    Raises:
        ValueError: If a room has no marks, or a module does not say what it is.
    """
    for room in ROOMS:
        rows = ((f"`{name}`", said) for name, said in modules(room))
        table = markdown.table(("module", "is"), rows)
        text = marks.put(text, room.folder, table)
    return text


def modules(room: Room) -> Iterator[tuple[str, str]]:
    """The name of each module, without its ending, and what it says of itself.

    Raises:
        ValueError: If one says nothing.
    """
    top = ROOT / room.folder
    for path in sorted(top.rglob(f"*{room.suffix}")):
        text = path.read_text(encoding="utf-8")
        if not text or (path.parent == top and path.stem == "__init__"):
            continue  # nothing is there, or it is the room itself
        name = path.relative_to(top).as_posix().removesuffix(room.suffix)
        said = _sentence(_python(text) if room.suffix == ".py" else _script(text))
        if not said:
            raise ValueError(
                f"{path.relative_to(ROOT)} does not say what it is: begin it with a sentence."
            )
        yield name.removesuffix("/__init__"), said


def _python(text: str) -> str:
    return ast.get_docstring(ast.parse(text)) or ""


def _script(text: str) -> str:
    found = re.match(r"/\*\*(.*?)\*/", text, re.DOTALL)
    return re.sub(r"^\s*\* ?", "", found[1], flags=re.MULTILINE) if found else ""


def _sentence(text: str) -> str:
    """The first of *text*, in one line."""
    paragraph = " ".join(text.strip().partition("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0]


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
