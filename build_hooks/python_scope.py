"""Finds the places where a module binds its own names. Pure."""

import ast
from collections.abc import Iterator
from typing import Literal

# A node that binds a name of the module, and that has a position.
Binding = (
    ast.Name
    | ast.Attribute
    | ast.alias
    | ast.ExceptHandler
    | ast.MatchAs
    | ast.MatchStar
    | ast.MatchMapping
    | ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.ClassDef
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

# Stands for every name in the bindings of a module.
ANY = "*"
# Code that runs any text, or reaches all names of its module.
_REACH = frozenset(
    ["exec", "eval", "globals", "__builtins__", "__loader__", "__spec__"]
)
_REACH_AS_ATTRIBUTE = _REACH | {
    "modules",
    "__code__",
    "__delattr__",
    "__globals__",
    "__import__",
    "__setattr__",
    "__subclasses__",
}
# The same, if a class does not use them for its own purposes.
_REACH_OUTSIDE_CLASSES = frozenset(["vars", "setattr", "delattr", "__dict__"])
_Scope = Literal["module", "function", "class"]


def find_bindings(tree: ast.Module) -> Iterator[tuple[str, Binding]]:
    """Yield each name that *tree* binds at module level, and the node that binds it.

    Deleting a name counts, too. The names of functions, classes and comprehensions are
    their own; a `global` statement makes them the module's. A declaration, `name: str`,
    binds nothing. An attribute, `other.name = ""`, counts wherever it is: the object may
    be the module itself. `from other import *` binds `ANY`, and so does code that could
    bind any name, such as `exec`, `globals()` and `sys.modules`.
    """
    # No recursion: a long sum nests more deeply than Python can call.
    pending: list[tuple[ast.AST, _Scope]] = [(tree, "module")]
    exported = _find_globals(tree)
    while pending:
        node, scope = pending.pop()
        for name in _get_names(node):
            is_own = scope != "module" and name not in exported
            if not is_own or isinstance(node, ast.Attribute):
                yield name, node  # type: ignore[misc]  # `_get_names` checks its type
        if _reaches_namespace(node, scope):
            yield ANY, node  # type: ignore[misc]  # the function checks its type
        if isinstance(node, ast.AnnAssign) and node.value is None:
            continue
        pending += _list_children(node, scope)


def _reaches_namespace(node: ast.AST, scope: _Scope) -> bool:
    """Whether *node* names something that can bind every name of the module."""
    match node:
        case ast.Name(id="locals"):
            return scope == "module"
        case ast.Name(id=name):
            names = _REACH
        case ast.Attribute(attr=name) | ast.alias(name=name):
            if name.startswith("f_"):  # a frame: f_globals, f_locals, f_builtins
                return isinstance(node, ast.Attribute)
            names = _REACH_AS_ATTRIBUTE
        case _:
            return False
    return name in names or (scope != "class" and name in _REACH_OUTSIDE_CLASSES)


def _list_children(node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
    """Yield the nodes below *node*, and the scope of the names that they bind."""
    for field, value in ast.iter_fields(node):
        inner = scope
        if field == "body" and isinstance(node, ast.ClassDef):
            inner = "class"
        elif (field == "body" and isinstance(node, _FUNCTIONS)) or (
            field == "target" and isinstance(node, ast.comprehension)
        ):
            inner = "class" if scope == "class" else "function"
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield child, inner


def _find_globals(tree: ast.Module) -> set[str]:
    """Return the names that a function declares `global`."""
    return {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Global)
        for name in node.names
    }


def _get_names(node: ast.AST) -> tuple[str, ...]:
    """Return the names that *node* itself binds."""
    match node:
        case (
            ast.Name(id=name, ctx=ast.Store() | ast.Del())
            | ast.Attribute(attr=name, ctx=ast.Store() | ast.Del())
        ):
            return (name,)
        case ast.alias(name=name, asname=None):
            return (name.partition(".")[0],)
        case ast.alias(asname=str() as name):
            return (name,)
        case (
            ast.ExceptHandler(name=str() as name)
            | ast.MatchAs(name=str() as name)
            | ast.MatchStar(name=str() as name)
            | ast.MatchMapping(rest=str() as name)
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
        ):
            return (name,)
    return ()
