"""Reads the names that a page of the reference lists, from its tables and signatures. Pure."""

import re
from collections.abc import Iterator, Mapping

_HEADING = re.compile(r"^(##+) (.+)$")
_SIGNATURE = re.compile(r"^(?:async )?def \w+(.+)$")
_CELL = re.compile(r"(?<!\\)\|")
_NAME = re.compile(r"`|\d{3}$")  # how the first cell of a row begins, if it is a name
_DEFAULT = re.compile(r"\(default: ([^)]*)\)")
# The columns that say what is fixed about a name. Others are for people.
_FIXED = {"type", "default", "constants", "channel", "keywords", "in"}


def list_names(page: str, between: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield each name that *page* lists, and what is fixed about it, such as its type.

    Args:
        page: The page's Markdown.
        between: What is between the heading and the names below it, such as the dot of
            `status.state`; None if the heading is not part of them.
    """
    title = below = ""
    columns: list[str] = []
    for line in page.splitlines():
        if heading := _HEADING.match(line):
            is_title = heading[1] == "##"
            title, below = (heading[2], "") if is_title else (title, heading[2])
            if below and between:
                yield f"{title}{between}{below}", ""
        elif signature := _SIGNATURE.match(line):
            yield (between or "").join(filter(None, (title, below))), signature[1]
        cells = [it.replace("\\|", "|").strip() for it in _CELL.split(line)[1:-1]]
        if cells and not columns:
            columns = cells
        elif cells and _NAME.match(cells[0]):
            row = dict(zip(columns, cells, strict=True))
            prefix = "" if between is None else f"{title}{between}"
            fixed = ", ".join(_list_fixed(row))
            for name in _split_names(cells[0]):
                # An argument of a command must be there, unless it is in brackets.
                needed = columns[0] == "argument" and name[0] not in "-["
                is_value = name.startswith("-") and " " in name
                detail = "required" if needed else "" if is_value else fixed
                yield f"{prefix}{name}", detail
        elif not cells:
            columns = []


def _list_fixed(row: Mapping[str, str]) -> Iterator[str]:
    for column, value in row.items():
        if column in _FIXED and value:
            yield value.replace("`", "")
    yield from _DEFAULT.findall(row.get("meaning", ""))


def _split_names(cell: str) -> Iterator[str]:
    """Yield the names in a cell, and each value of an option that lists its values."""
    if ", `" in cell:
        yield from re.findall(r"`([^`]+)`", cell)
        return
    first, _, rest = cell.replace("`", "").partition(" ")
    if "|" in first:
        yield from first.split("|")
    elif first.startswith("-"):
        yield first
        yield from (f"{first} {value}" for value in rest.split("|") if "|" in rest)
    else:
        yield f"{first} {rest}".strip()
