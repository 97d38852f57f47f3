"""The host: whose project it is, and its package's files. Reads, never writes."""

import ast
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from paperless_report.obstacle import ObstacleError

SETTING = "USAGE_REPORTING_PROJECT"


class Project(NamedTuple):
    """Whose installation this is, and so whom its reports go to.

    Attributes:
        package: The package that holds `version.py`.
        name: What admins know the project by.
        page: The address of its page about reports.
    """

    package: str
    name: str
    page: str


PAPERLESS = Project(
    "paperless", "paperless-ngx", "https://docs.paperless-ngx.com/usage-reporting/"
)


def project() -> Project:
    """The project that the settings name, whole; paperless-ngx if they name none.

    Raises:
        ObstacleError: If they name a part of it, or no text: admins would be asked to
            send to another project than the one that receives.
    """
    given = getattr(settings, SETTING, None)
    if given is None:
        return PAPERLESS
    if (
        not isinstance(given, dict)
        or set(given) != set(Project._fields)
        or not all(isinstance(it, str) and it for it in given.values())
    ):
        said = _("The setting %(name)s must hold %(keys)s, each a text, and no more.")
        keys = ", ".join(Project._fields)
        raise ObstacleError(said % {"name": SETTING, "keys": keys})
    return Project(**given)


def version_module() -> ModuleType:
    """`version.py` of the package, imported: its version string is computed there.

    Raises:
        ImportError: If there is none.
        ObstacleError: If the settings do not say which project this is.
    """
    return importlib.import_module(f"{project().package}.version")


def package_dir() -> Path:
    """The folder of the host's package.

    Raises:
        ImportError: If there is none.
        ObstacleError: If the settings do not say which project this is.
    """
    package = project().package
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package}", name=package)
    return Path(spec.submodule_search_locations[0])


def data_dir() -> Path | None:
    """The host's data directory, if its settings name one."""
    found = getattr(settings, "DATA_DIR", None)
    return Path(found) if found else None


def string_constant(file: str, name: str) -> str | None:
    """The string that *file* of the host's package assigns to *name*, if it does.

    The file is parsed, not run: `distro_info.py` and `build_info.py` come from
    packagers and builds.

    Raises:
        ObstacleError: If the settings do not say which project this is.
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
