"""Reads which module imports which, in Python and in TypeScript."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.pages import ROOT

# From each file, relative to the project, to the files that it imports.
Graph = Mapping[str, set[str]]

_TYPESCRIPT = re.compile(
    r'^(?:import|export)\b[^;"]*?\bfrom "(\.[^"]+)"|^import "(\.[^"]+)"', re.MULTILINE
)


def python_files(folder: str) -> list[str]:
    """List the Python files below *folder*, without installed packages."""
    return _files(folder, "*.py")


def imported_names(file: str) -> Iterator[str]:
    """Give the dotted name of everything that a Python *file* imports."""
    for node in ast.walk(ast.parse((ROOT / file).read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                package = ".".join(Path(file).parts[:-level]) if level else ""
                parent = ".".join(filter(None, (package, module)))
                yield from (f"{parent}.{alias.name}" for alias in names)


def names_imported_at_once(file: str) -> Iterator[str]:
    """Give the modules that a Python *file* imports names from as soon as it is imported."""
    if (ROOT / file).exists():
        for node in ast.parse((ROOT / file).read_bytes()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


def called_builtins(file: str) -> Iterator[str]:
    """Give the name of every function that a Python *file* calls by a bare name."""
    for node in ast.walk(ast.parse((ROOT / file).read_bytes())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def python_graph(folder: str) -> Graph:
    """Read the imports between the Python files below *folder*."""
    modules = {_module(file): file for file in python_files(folder)}
    return {
        file: {
            modules[name if name in modules else name.rpartition(".")[0]]
            for name in imported_names(file)
            if name in modules or name.rpartition(".")[0] in modules
        }
        for file in modules.values()
    }


def typescript_graph(folder: str) -> Graph:
    """Read the imports, of types too, between the TypeScript files below *folder*."""
    files = _files(folder, "*.ts")
    graph: dict[str, set[str]] = {}
    for file in files:
        path = ROOT / file
        targets = (
            (path.parent / (match[1] or match[2])).resolve()
            for match in _TYPESCRIPT.finditer(path.read_text(encoding="utf-8"))
        )
        names = {
            target.relative_to(ROOT).as_posix().removesuffix(".ts") + ".ts"
            for target in targets
        }
        graph[file] = names & set(files)
    return graph


def between_folders(graph: Graph, top: str) -> Graph:
    """Reduce *graph* to the folders below *top*; files in *top* itself do not count.

    The files in *top* put the others together, so that they import every folder.
    """
    folders: dict[str, set[str]] = {}
    for file, targets in graph.items():
        folder = Path(file).parent.as_posix()
        parents = {Path(target).parent.as_posix() for target in targets}
        folders.setdefault(folder, set()).update(parents - {folder, top})
    folders.pop(top, None)
    return folders


def _files(folder: str, pattern: str) -> list[str]:
    paths = (it.relative_to(ROOT) for it in (ROOT / folder).rglob(pattern))
    return sorted(
        path.as_posix()
        for path in paths
        # A running receiver keeps its bundle in a hidden folder.
        if not any(it == "node_modules" or it.startswith(".") for it in path.parts)
    )


def _module(file: str) -> str:
    return ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")
