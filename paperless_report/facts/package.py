"""Reads files of the project's Python package, such as `version.py`."""

import ast
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Final

_MOST_BYTES = 1_000_000

# The name that a packager's `reporting = false` sets to False.
REPORTING: Final = "REPORTING"


def import_version(package: str) -> ModuleType:
    """Import `version.py` of *package*: it computes its version string.

    Raises:
        ImportError: If there is none.
    """
    return importlib.import_module(f"{package}.version")


def find_package_dir(package: str) -> Path:
    """Return the folder of *package*.

    Raises:
        ImportError: If there is none.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    return Path(spec.submodule_search_locations[0])


def read_constant(package: str, file: str, name: str) -> str | None:
    """Return the string that *file* of *package* assigns to *name*, or None."""
    value = _read_constants_of_package(package, file).get(name)
    return value if isinstance(value, str) else None


def is_reporting_off(package: str) -> bool:
    """Return whether the packager turned reporting off in `build_info.py`."""
    return _read_constants_of_package(package, "build_info.py").get(REPORTING) is False


def read_constants(path: Path) -> dict[str, str | bool]:
    """Return the strings and booleans that the Python file *path* assigns to names.

    The file is parsed, not run: `distro_info.py` and `build_info.py` come from
    packagers and builds. A file that cannot be read states nothing.
    """
    try:
        # A pipe would have no end, and no packager writes that much.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    constants: dict[str, str | bool] = {}
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Constant(value=str() | bool() as value),
                )
                | ast.AnnAssign(
                    target=ast.Name(id=name),
                    value=ast.Constant(value=str() | bool() as value),
                )
            ):
                constants.setdefault(name, value)
    return constants


def _read_constants_of_package(package: str, file: str) -> dict[str, str | bool]:
    try:
        return read_constants(find_package_dir(package) / file)
    except (ImportError, ValueError):
        return {}
