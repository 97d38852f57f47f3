"""Reads files of the project's Python package, such as `version.py`."""

import ast
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from paperless_report.host.project import find_project

_MOST_BYTES = 1_000_000


def import_version() -> ModuleType:
    """Import `version.py` of the package: it computes its version string.

    Raises:
        ImportError: If there is none.
        ReportingError: If the settings do not say which project this is.
    """
    return importlib.import_module(f"{find_project().package}.version")


def find_package_dir() -> Path:
    """Return the folder of the package.

    Raises:
        ImportError: If there is none.
        ReportingError: If the settings do not say which project this is.
    """
    package = find_project().package
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    return Path(spec.submodule_search_locations[0])


def read_constant(file: str, name: str) -> str | None:
    """Return the string that *file* of the package assigns to *name*, or None.

    The file is parsed, not run: `distro_info.py` and `build_info.py` come from
    packagers and builds.

    Raises:
        ReportingError: If the settings do not say which project this is.
    """
    try:
        path = find_package_dir() / file
        # A pipe would have no end, and no packager writes that much.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        tree = ast.parse(path.read_bytes())
    except (ImportError, OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Name(id=target)],
                    value=ast.Constant(value=str() as value),
                )
                | ast.AnnAssign(
                    target=ast.Name(id=target), value=ast.Constant(value=str() as value)
                )
            ) if target == name:
                return value
    return None
