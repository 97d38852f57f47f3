"""Describes classes and functions of a module, from their docstrings and annotations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs_tools import markdown

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises):\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w+): (.+(?:\n +.+)*)", re.MULTILINE)
# The members of an enumeration, with their comments.
_MEMBER = re.compile(r"^ {4}([A-Z_]+) = enum\.auto\(\)(?:  # (.+))?$", re.MULTILINE)
_REQUIRED = "required"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def describe(path: Path, name: str) -> Iterator[str]:
    """Yield what a page says about the class or function *name* in the module at *path*."""
    text = path.read_text(encoding="utf-8")
    definition = _find(ast.parse(text).body, name)
    if isinstance(definition, _Function):
        yield from _function(definition, "##")
        return
    sections = _read_docstring(definition)
    yield f"## {name}"
    yield sections[""]
    if any("Enum" in ast.unparse(base) for base in definition.bases):
        # Whole lines: a comment may end the last one.
        lines = text.splitlines()[definition.lineno : definition.end_lineno]
        yield markdown.table(
            ("code", "comment"),
            ((f"`{code}`", text) for code, text in _MEMBER.findall("\n".join(lines))),
        )
        return
    meanings = dict(_ENTRY.findall(sections.get("Attributes", "")))
    yield from _attributes(definition, meanings)
    for member in definition.body:
        if isinstance(member, _Function) and not member.name.startswith("_"):
            yield from _function(member, "###")


def describe_methods(path: Path, class_name: str, *names: str) -> Iterator[str]:
    """Yield what a page says about some methods of a class that is not public itself."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    for name in names:
        method = _find(_find(module.body, class_name).body, name)
        if isinstance(method, _Function):
            yield from _function(method, "###")


def _find(body: list[ast.stmt], name: str) -> ast.ClassDef | _Function:
    (definition,) = (
        it
        for it in body
        if isinstance(it, ast.ClassDef | _Function) and it.name == name
    )
    return definition


def _read_docstring(node: ast.ClassDef | _Function) -> dict[str, str]:
    """Return each section of a docstring by its title; the text before them has none."""
    first, *rest = _SECTION.split(ast.get_docstring(node) or "")
    return {
        "": _mark_names(first.strip()),
        **{
            title: re.sub(r"^ {4}", "", _mark_names(text), flags=re.MULTILINE).strip()
            for title, text in zip(rest[::2], rest[1::2], strict=True)
        },
    }


def _mark_names(text: str) -> str:
    """Set the names of parameters as code, which docstrings have between asterisks."""
    return re.sub(r"(?<!\*)\*(\w+)\*(?!\*)", r"`\1`", text)


def _attributes(definition: ast.ClassDef, meanings: dict[str, str]) -> Iterator[str]:
    rows = [
        (
            f"`{it.target.id}`",
            f"`{_unquote(ast.unparse(it.annotation))}`",
            _default(it.value),
            _join(meanings.get(it.target.id, "")),
        )
        for it in definition.body
        if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)
    ]
    if any(default != _REQUIRED for _, _, default, _ in rows):
        yield markdown.table(("attribute", "type", "default", "meaning"), rows)
    elif rows:
        short = ((name, kind, meaning) for name, kind, _, meaning in rows)
        yield markdown.table(("attribute", "type", "meaning"), short)


def _default(value: ast.expr | None) -> str:
    match value:
        case None:
            return _REQUIRED
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            has_default = any(it.arg == "default_factory" for it in keywords)
            return "empty" if has_default else _REQUIRED
        case ast.Name():  # a function that does nothing
            return "none"
    return f"`{ast.unparse(value)}`"


def _function(function: _Function, heading: str) -> Iterator[str]:
    sections = _read_docstring(function)
    yield f"{heading} {function.name}"
    if all(ast.unparse(it) != "property" for it in function.decorator_list):
        yield f"```python\n{_signature(function)}\n```"
    yield sections[""]
    if "Args" in sections:
        yield "\n".join(
            f"- `{name}`: {_join(text)}"
            for name, text in _ENTRY.findall(sections["Args"])
        )
    if "Returns" in sections:
        yield f"**Returns:** {_join(sections['Returns'])}"
    for name, text in _ENTRY.findall(sections.get("Raises", "")):
        yield f"**Raises** `{name}`: {_join(text)}"


def _signature(function: _Function) -> str:
    prefix = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    arguments = re.sub(r"^self(, (/, )?)?", "", ast.unparse(function.args))
    # Every argument has an annotation, so there are spaces around its default.
    arguments = arguments.replace("=", " = ")
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return _unquote(f"{prefix} {function.name}({arguments}){returned}")


def _unquote(code: str) -> str:
    """Remove the quotes of types that would take too long to import."""
    return code.replace("'", "")


def _join(text: str) -> str:
    return " ".join(text.split())
