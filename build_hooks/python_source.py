"""Reads and rewrites single assignments of a Python file, without running it.

Every byte but the rewritten value stays as it was: comments, line ends, a byte
order mark, an encoding other than UTF-8.
"""

import ast
import io
import re
import tokenize
import warnings
from pathlib import Path

from build_hooks.errors import SourceFileError

# What the standard library raises where an expression is none, or too large.
_NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)
_LINE = r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+"


def read_literals(source: bytes, path: Path) -> dict[str, object]:
    """The module-level names of *source* that are assigned a literal.

    Raises:
        SourceFileError: If *source* is no Python.
    """
    literals: dict[str, object] = {}
    for statement in _parse(source, path).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        try:
            literals[name] = ast.literal_eval(value)
        except _NO_LITERAL:
            literals.pop(name, None)
    return literals


def read_version(path: Path) -> str | None:
    """The literal `__version__` of the file at *path*, as "X.Y.Z".

    None where there is none, or it is computed.

    Raises:
        SourceFileError: If the file cannot be read, is no Python, or its version
            is not of one line: it would be several in what a workflow reads.
    """
    literal = read_literals(_bytes(path), path).get("__version__")
    if isinstance(literal, tuple | list) and literal:
        literal = ".".join(map(str, literal))
    if not isinstance(literal, str):
        return None
    if not literal.isprintable():
        raise SourceFileError(
            f"{path}: __version__ is {literal!r}: write it as one line of plain characters."
        )
    return literal


def set_string(source: bytes, name: str, value: str, path: Path) -> bytes:
    """Give *source* with the one assignment of *name* set to the string *value*.

    Where there is none, one is appended.

    Raises:
        SourceFileError: If there are two, or one that is not a plain assignment
            at the top of the module, or *source* is no Python.
    """
    tree = _parse(source, path)
    lines_with_it = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Store)
    ]
    encoding = _encoding(source)
    text = source.decode(encoding)
    literal = f'"{value}"'
    if not lines_with_it:
        return _append(text, f"{name} = {literal}").encode(encoding)
    if len(lines_with_it) > 1:
        where = " and ".join(map(str, sorted(lines_with_it)))
        raise SourceFileError(
            f"{path} assigns {name} in lines {where}: leave one assignment."
        )
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=node) if found == name:
                start = (node.lineno, node.col_offset)
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as node) if (
                found == name
            ):
                start = (node.lineno, node.col_offset)
            case ast.AnnAssign(
                target=ast.Name(id=found), annotation=node, value=None
            ) if found == name:
                start = (node.end_lineno or 0, node.end_col_offset or 0)
                literal = f" = {literal}"
            case _:
                continue
        end = (node.end_lineno or 0, node.end_col_offset or 0)
        return _replace(text, start, end, literal).encode(encoding)
    raise SourceFileError(
        f"{path} assigns {name} in line {lines_with_it[0]}, but not as a plain "
        f'assignment at the top of the module: write {name} = "dev" there.'
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceFileError(f"{path} cannot be read: {error.strerror}.") from error


def _parse(source: bytes, path: Path) -> ast.Module:
    try:
        with warnings.catch_warnings(action="ignore"):  # the file's own affair
            return ast.parse(source, filename=str(path))
    except _NO_LITERAL as error:
        raise SourceFileError(f"{path} is not valid Python: {error}.") from error


def _encoding(source: bytes) -> str:
    """The encoding that decodes and encodes *source* byte for byte."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    # "utf-8-sig" drops the mark, and would write it again: keep it as a character.
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _append(text: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith(("\n", "\r")) else newline
    return f"{text}{gap}{line}{newline}"


def _replace(text: str, start: tuple[int, int], end: tuple[int, int], new: str) -> str:
    """Replace a span given as `ast` gives it: line from 1, column in UTF-8 bytes."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    lines = re.findall(_LINE, text)
    first, last = (_offset(lines, line, column) for line, column in (start, end))
    return f"{mark}{text[:first]}{new}{text[last:]}"


def _offset(lines: list[str], line: int, column: int) -> int:
    before = sum(map(len, lines[: line - 1]))
    within = lines[line - 1].encode()[:column].decode()
    return before + len(within)
