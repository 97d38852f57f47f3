"""The host's package `paperless`, as files and modules. Reads, never writes."""

import ast
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from django.conf import settings

PACKAGE = "paperless"


def version_module() -> ModuleType:
    """`paperless/version.py`, imported: its version string is computed there.

    Raises:
        ImportError: If there is none.
    """
    return importlib.import_module(f"{PACKAGE}.version")


def package_dir() -> Path:
    """The folder of the host's package.

    Raises:
        ImportError: If there is none.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {PACKAGE}", name=PACKAGE)
    return Path(spec.submodule_search_locations[0])


def data_dir() -> Path | None:
    """The host's data directory, if its settings name one."""
    found = getattr(settings, "DATA_DIR", None)
    return Path(found) if found else None


def string_constant(file: str, name: str) -> str | None:
    """The string that *file* of the host's package assigns to *name*, if it does.

    The file is parsed, not run: `distro_info.py` and `build_info.py` come from
    packagers and builds.
    """
    try:
        tree = ast.parse((package_dir() / file).read_bytes())
    except (ImportError, OSError, SyntaxError, ValueError):
        return None
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Name(id=found)],
                    value=ast.Constant(value=str() as value),
                )
                | ast.AnnAssign(
                    target=ast.Name(id=found), value=ast.Constant(value=str() as value)
                )
            ) if found == name:
                return value
    return None
