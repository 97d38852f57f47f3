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
from build_hooks.python_scope import ANY, Binding, find_bindings
from build_hooks.text import as_clause

# What the standard library raises for an expression that is not a literal, or is too
# large. LookupError: an encoding that is not one of texts.
_NOT_A_LITERAL = (
    ValueError,
    TypeError,
    SyntaxError,
    MemoryError,
    RecursionError,
    LookupError,
)
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

        A placeholder that the file binds again later counts as computed.

        Raises:
            SourceFileError: If the content is not valid Python, or the version spans
                several lines: it would set other outputs in what a workflow reads.
        """
        if len(self._find_bindings("__version__")) != 1:
            return None
        try:
            literal = _join_version(self.literals.get("__version__"))
        except _NOT_A_LITERAL as error:
            raise SourceFileError(
                f"{self.path}: __version__ has a number that is too long."
            ) from error
        if literal is not None and not literal.isprintable():
            raise SourceFileError(
                f"{self.path}: __version__ is {literal!r}. Write it on one line, without "
                "control characters."
            )
        return literal

    def read_literals(self, *names: str) -> dict[str, object]:
        """Return the literals that the module binds *names* to, without unbound names.

        Raises:
            SourceFileError: If a name is bound in a way that cannot be read without
                running the file, or the content is not valid Python.
        """
        literals = {}
        for name in names:
            bindings = self._find_bindings(name)
            if value := self._find_plain_value(name, bindings):
                try:
                    literals[name] = ast.literal_eval(value)
                except _NOT_A_LITERAL as error:
                    raise SourceFileError(
                        f"{self.path} computes {name} in line {value.lineno}. Write a "
                        "literal, which can be read without running the file."
                    ) from error
            elif other := self._find_bindings(ANY, "__getattr__"):
                raise SourceFileError(
                    f"{self.path} does not assign {name}, but line {other[0].lineno} "
                    "(import * or __getattr__) could provide it. Assign a literal."
                )
        return literals

    @cached_property
    def bindings(self) -> list[tuple[str, Binding]]:
        """The names that the module binds, and the nodes that bind them.

        Raises:
            SourceFileError: If the content is not valid Python.
        """
        return list(find_bindings(self._tree))

    @property
    def names(self) -> frozenset[str]:
        """The names that the module binds; none if it is not valid Python."""
        try:
            return frozenset(name for name, _ in self.bindings)
        except SourceFileError:
            return frozenset()

    @property
    def takes_channel(self) -> bool:
        """Whether the module has a version or a channel of its own, however it gets it.

        Raises:
            SourceFileError: If the content is not valid Python.
        """
        return (
            bool(self._find_bindings("__channel__", "__version__", "__getattr__", ANY))
            or self._find_declaration("__channel__") is not None
        )

    def with_value(self, name: str, new: str | bool) -> bytes:  # noqa: FBT001  # a value, not a switch
        """Return the content with the one assignment of *name* set to *new*.

        If there is no assignment, one is appended.

        Raises:
            SourceFileError: If there are two, or one that is not a plain assignment
                at the top of the module, or the content is not valid Python.
        """
        value = self._find_plain_value(name, self._find_bindings(name))
        encoding = _detect_encoding(self.content)
        text = self.content.decode(encoding)
        literal = f'"{new}"' if isinstance(new, str) else str(new)
        if value is not None:
            start = (value.lineno, value.col_offset)
        else:
            value = self._find_declaration(name)
            if value is None:
                return _append(text, f"{name} = {literal}").encode(encoding)
            literal = f" = {literal}"
            start = (value.end_lineno or 0, value.end_col_offset or 0)
        end = (value.end_lineno or 0, value.end_col_offset or 0)
        return _replace(text, start, end, literal).encode(encoding)

    def _find_plain_value(self, name: str, bindings: list[Binding]) -> ast.expr | None:
        """Return the value of the one plain assignment of *name*; None if it is unbound.

        Raises:
            SourceFileError: If anything else binds the name, or could.
        """
        lines = [it.lineno for it in bindings]
        for node in self._find_bindings(ANY):
            # The assignment wins over names that are imported before it.
            is_import = isinstance(node, ast.alias) and node.name == ANY
            if not is_import or (bindings and node.lineno >= lines[-1]):
                raise SourceFileError(
                    f"{self.path} could bind {name} a second time in line {node.lineno}: "
                    f"remove that code, or assign {name} below an import of everything."
                )
        if len(bindings) > 1:
            numbers = " and ".join(map(str, lines))
            raise SourceFileError(
                f"{self.path} assigns {name} in lines {numbers}: leave one assignment."
            )
        for statement in self._tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name() as target], value=value) | (
                    ast.AnnAssign(
                        target=ast.Name() as target, value=ast.expr() as value
                    )
                ) if [target] == bindings:
                    return value
        if not bindings:
            return None
        raise SourceFileError(
            f"{self.path} assigns {name} in line {lines[0]}, but not as a plain "
            "assignment at the top of the module. Assign a literal there."
        )

    def _find_bindings(self, *names: str) -> list[Binding]:
        return sorted(
            (node for name, node in self.bindings if name in names),
            key=lambda node: (node.lineno, node.col_offset),
        )

    def _find_declaration(self, name: str) -> ast.expr | None:
        """Return the annotation of a top-level `name: annotation` without a value."""
        for statement in self._tree.body:
            match statement:
                case ast.AnnAssign(
                    target=ast.Name(id=target), annotation=annotation, value=None
                ) if target == name:
                    return annotation
        return None

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            # Warnings about the file's code are not about the build.
            with warnings.catch_warnings(action="ignore"):
                return ast.parse(self.content, filename=str(self.path))
        except _NOT_A_LITERAL as error:
            raise SourceFileError(
                f"{self.path} is not valid Python: {as_clause(error)}."
            ) from error


def _join_version(literal: object) -> str | None:
    """Return a version that is a string, or a tuple as Django writes it, as text."""
    match literal:
        case str():
            return literal.strip() or None
        case [*numbers, "final", int()] | [*numbers, "final"]:
            return ".".join(map(str, numbers)) or None
        case [*numbers, "alpha" | "beta" | "rc" | "candidate" as phase, int(number)]:
            phase = "rc" if phase == "candidate" else phase
            return f"{'.'.join(map(str, numbers))}{phase}{number}"
        case [_, *_]:
            return ".".join(map(str, literal))
    return None


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
