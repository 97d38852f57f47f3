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
# The other names that a build writes to build_info.py.
STAMPED: Final = {"SOURCE_COMMIT", "BUILD_DATE", "CHANNEL", "REPORT_URL"}


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


def read_constant(package: str | None, file: str, name: str) -> str | None:
    """Return the string that *file* of *package* assigns to *name*, or None."""
    value = _read_file(package, file).get(name)
    return value if isinstance(value, str) else None


def is_reporting_off(package: str | None) -> bool:
    """Return whether the packager turned reporting off in `build_info.py`.

    Every value but True does: a packager may write another one by hand.
    """
    return _read_file(package, "build_info.py").get(REPORTING, True) is not True


def read_assignments(path: Path) -> dict[str, object]:
    """Return what the Python file *path* assigns: names, each with its constant.

    The file is parsed, not run: `distro_info.py` and `build_info.py` come from
    packagers and builds. A file that cannot be read assigns nothing.

    Returns:
        The first value of each name; None for one that is not a constant.
    """
    try:
        # A pipe would have no end, and no packager writes that much.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    assigned: dict[str, object] = {}
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                constant = value.value if isinstance(value, ast.Constant) else None
                assigned.setdefault(name, constant)
    return assigned


def _read_file(package: str | None, file: str) -> dict[str, object]:
    if package is None:
        return {}
    try:
        return read_assignments(find_package_dir(package) / file)
    except (ImportError, ValueError):
        return {}
