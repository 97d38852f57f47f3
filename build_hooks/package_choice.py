"""Chooses the package that gets the stamp, from the modules that a wheel ships. Pure."""

import posixpath
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from build_hooks.errors import ConfigurationError
from build_hooks.stamp import BUILD_INFO
from build_hooks.values import Value

_INIT = "__init__.py"
_MAX_LINES = 5


class Module(Value):
    """A Python file that a wheel ships.

    Attributes:
        path: Its path in the tree, relative to the project's root.
        shipped: Its path in the wheel.
    """

    path: str
    shipped: str


def choose_package(
    modules: Iterable[Module], project: str, place: str
) -> PurePosixPath:
    """Return the folder of the one package among *modules*, relative to the root.

    Args:
        modules: The modules that the wheel ships; below an `__init__.py`, none are
            needed.
        project: The project's name, "paperless-ngx".
        place: The TOML path of the hook's table, for error messages.

    Raises:
        ConfigurationError: If there is no package, or more than one.
    """
    modules = list(modules)
    packages = find_packages(modules)
    if len(packages) == 1:
        return PurePosixPath(packages[0].path)
    if not packages:
        raise ConfigurationError(_explain_no_package(modules, place))
    folders = [it.path for it in sort_by_likelihood(packages, project)]
    lines = [f'package = "{folder}"' for folder in folders[:_MAX_LINES]]
    if len(folders) > _MAX_LINES:
        lines.append(f"({len(folders) - _MAX_LINES} more)")
    raise ConfigurationError(
        f"The wheel ships {len(folders)} packages. Choose the one that gets "
        f"{BUILD_INFO}: add one of these lines to [{place}].",
        *lines,
    )


def find_packages(modules: Iterable[Module]) -> list[Module]:
    """Return the topmost packages among *modules*, as folders.

    A namespace package, which has no `__init__.py`, counts if nothing in it has one.
    """
    modules = list(modules)
    inits = [it for it in modules if posixpath.basename(it.shipped) == _INIT]
    folders = {
        posixpath.dirname(it.shipped): posixpath.dirname(it.path) or "."
        for it in (inits or modules)
    }
    folders.pop("", None)
    return [
        Module(path, shipped)
        for shipped, path in sorted(folders.items())
        if not any(str(it) in folders for it in PurePosixPath(shipped).parents)
    ]


def sort_by_likelihood(packages: Iterable[Module], project: str) -> list[Module]:
    """Sort *packages*: first those named like the *project*, then by name.

    Private ones, such as `_vendor`, come last.
    """
    name = normalize(project)

    def rank(package: Module) -> tuple[int, bool, str]:
        parts = package.shipped.split("/")
        names = (normalize("_".join(parts)), normalize(parts[-1]))
        position = names.index(name) if name in names else len(names)
        return (position, parts[-1].startswith("_"), package.shipped)

    return sorted(packages, key=rank)


def normalize(name: str) -> str:
    """Write a project's name as a package's: "paperless_ngx" for "Paperless-NGX"."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _explain_no_package(modules: list[Module], place: str) -> str:
    if not modules:
        return (
            f"The wheel ships no Python package that could get {BUILD_INFO}. If it has "
            f'one, add its folder to [{place}], such as package = "src/shelf". If not, '
            "remove that table."
        )
    path = modules[0].path
    folder = path.removesuffix(".py")
    return (
        f"The wheel ships the module {path} and no package, so {BUILD_INFO} has no place "
        f"in it. Make it a package (move {path} to {folder}/{_INIT}), or remove [{place}]."
    )
