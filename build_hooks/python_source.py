"""Reads and rewrites single assignments of a Python file without running it. Pure.

A rewrite changes one value and no other byte: comments, line ends, a byte order mark
and an encoding other than UTF-8 stay.
"""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from build_hooks.errors import SourceFileError

# What the standard library raises for an expression that is not a literal, or is too
# large.
_NOT_A_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)
_LINE = r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+"


class PythonSource:
    """The content of a Python file, parsed once, and only when it is needed.

    Attributes:
        content: The file's bytes.
        path: Its path, for error messages.
    """

    def __init__(self, content: bytes, path: Path) -> None:
        self.content = content
        self.path = path

    @cached_property
    def literals(self) -> Mapping[str, object]:
        """The module-level names that are assigned a literal, with their values.

        Raises:
            SourceFileError: If the content is not valid Python.
        """
        literals: dict[str, object] = {}
        for statement in self._tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    pass
                case _:
                    continue
            try:
                literals[name] = ast.literal_eval(value)
            except _NOT_A_LITERAL:
                literals.pop(name, None)
        return literals

    @property
    def version(self) -> str | None:
        """`__version__` as "X.Y.Z"; None if there is none or the file computes it.

        Raises:
            SourceFileError: If the content is not valid Python, or the version spans
                several lines: it would set other outputs in what a workflow reads.
        """
        literal = self.literals.get("__version__")
        if isinstance(literal, tuple | list) and literal:
            literal = ".".join(map(str, literal))
        if not isinstance(literal, str):
            return None
        if not literal.isprintable():
            raise SourceFileError(
                f"{self.path}: __version__ is {literal!r}. Write it on one line, without "
                "control characters."
            )
        return literal

    def with_string(self, name: str, value: str) -> bytes:
        """Return the content with the one assignment of *name* set to *value*.

        If there is no assignment, one is appended.

        Raises:
            SourceFileError: If there are two, or one that is not a plain assignment
                at the top of the module, or the content is not valid Python.
        """
        lines = [
            node.lineno
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name)
            and node.id == name
            and isinstance(node.ctx, ast.Store)
        ]
        encoding = _detect_encoding(self.content)
        text = self.content.decode(encoding)
        literal = f'"{value}"'
        if not lines:
            return _append(text, f"{name} = {literal}").encode(encoding)
        if len(lines) > 1:
            numbers = " and ".join(map(str, sorted(lines)))
            raise SourceFileError(
                f"{self.path} assigns {name} in lines {numbers}: leave one assignment."
            )
        for statement in self._tree.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=target)], value=node)
                    | ast.AnnAssign(
                        target=ast.Name(id=target), value=ast.expr() as node
                    )
                ) if target == name:
                    start = (node.lineno, node.col_offset)
                case ast.AnnAssign(
                    target=ast.Name(id=target), annotation=node, value=None
                ) if target == name:
                    start = (node.end_lineno or 0, node.end_col_offset or 0)
                    literal = f" = {literal}"
                case _:
                    continue
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            return _replace(text, start, end, literal).encode(encoding)
        raise SourceFileError(
            f"{self.path} assigns {name} in line {lines[0]}, but not as a plain "
            f'assignment at the top of the module. Write {name} = "dev" there.'
        )

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            # Warnings about the file's code are not about the build.
            with warnings.catch_warnings(action="ignore"):
                return ast.parse(self.content, filename=str(self.path))
        except _NOT_A_LITERAL as error:
            raise SourceFileError(
                f"{self.path} is not valid Python: {error}."
            ) from error


def _detect_encoding(source: bytes) -> str:
    """Return the encoding that decodes and encodes *source* byte for byte."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    # "utf-8-sig" drops the byte order mark and adds it again: keep it as a character.
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
    first, last = (_find_offset(lines, line, column) for line, column in (start, end))
    return f"{mark}{text[:first]}{new}{text[last:]}"


def _find_offset(lines: list[str], line: int, column: int) -> int:
    before = sum(map(len, lines[: line - 1]))
    within = lines[line - 1].encode()[:column].decode()
    return before + len(within)
