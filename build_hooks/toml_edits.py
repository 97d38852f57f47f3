"""Adds to a TOML file without changing anything else in its text. Pure."""

import re
from collections.abc import Sequence
from typing import Any


class UneditableError(Exception):
    """A text that cannot take an addition without more changes."""


_HEADER = re.compile(r"\s*\[+\s*([^\]#]+?)\s*\]")


def add_to_array(text: str, path: Sequence[str], value: str) -> str:
    """Return *text* with the string *value* at the end of the array at *path*.

    Comments, quotes and the array's layout stay. This needs tomlkit.

    Raises:
        ImportError: If tomlkit is not installed.
        UneditableError: If the array cannot be changed without changing more.
    """
    import tomlkit  # noqa: PLC0415  # optional: only `init` needs it
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415  # the same

    expected = _read(text)
    *tables, key = path
    _find(expected, tables)[key].append(value)
    try:
        document: Any = tomlkit.parse(text)
        if tomlkit.dumps(document) != text:
            raise UneditableError
        _find(document, tables)[key].append(value)
        edited = tomlkit.dumps(document)
    except (TOMLKitError, ValueError, TypeError, AttributeError) as error:
        raise UneditableError from error
    return _check(edited, expected)


def add_table(
    text: str, path: Sequence[str], keys: Sequence[str], groups: Sequence[str]
) -> str:
    """Return *text* with a new table at *path*, behind those that it belongs to, or last.

    Args:
        text: The file.
        path: The names that lead to the table; none of them needs quotes.
        keys: The lines of the table.
        groups: The starts of those tables' paths, the best first: "tool.hatch.build".

    Raises:
        UneditableError: If the text leaves no place for the table, as an inline table does.
    """
    expected = _read(text)
    *tables, name = path
    parent = expected
    for table in tables:
        parent = parent.setdefault(table, {})
        if not isinstance(parent, dict):
            raise UneditableError
    lines = (f"[{'.'.join(path)}]", *keys)
    parent[name] = _read("\n".join(keys))
    newline = "\r\n" if "\r\n" in text else "\n"
    places = (_find_end_of_group(text, group) for group in groups)
    for place in (*(it for it in places if it), len(text)):
        try:
            return _check(_insert(text, place, lines, newline), expected)
        except UneditableError:
            continue  # what looked like a table was in a string
    raise UneditableError


def _find_end_of_group(text: str, group: str) -> int:
    """Return where the last table of *group* ends; 0 if there is none.

    A comment directly above the next table belongs to that table.
    """
    lines = text.splitlines(keepends=True)
    names = {
        number: re.sub(r"[\s\"']", "", header[1])
        for number, line in enumerate(lines)
        if (header := _HEADER.match(line))
    }
    inside = [
        number for number, name in names.items() if f"{name}.".startswith(f"{group}.")
    ]
    if not inside:
        return 0
    end = next((number for number in names if number > inside[-1]), len(lines))
    if end < len(lines):
        while lines[end - 1].lstrip().startswith("#"):
            end -= 1
    return sum(map(len, lines[:end]))


def _insert(text: str, place: int, lines: Sequence[str], newline: str) -> str:
    before, after = text[:place].rstrip(), text[place:]
    parts = [f"{before}{newline}{newline}"] if before else []
    parts += [f"{line}{newline}" for line in lines]
    return "".join((*parts, *([newline, after] if after else [])))


def _find(document: Any, path: Sequence[str]) -> Any:  # noqa: ANN401  # of two libraries
    for name in path:
        document = document[name]
    return document


def _read(text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # a build gets its table from hatchling

    return tomllib.loads(text)


def _check(edited: str, expected: dict[str, Any]) -> str:
    """Return *edited*, if a reader finds what it should."""
    try:
        if _read(edited) == expected:
            return edited
    except ValueError:
        pass
    raise UneditableError
