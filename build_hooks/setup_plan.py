"""Plans what a project needs for the hook: a table, a requirement, a channel. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from shlex import quote
from types import MappingProxyType
from typing import Any

from build_hooks import package_choice
from build_hooks.config import PLUGIN_NAME
from build_hooks.errors import SetupError
from build_hooks.hook_table import ProjectTables
from build_hooks.package_choice import Module
from build_hooks.toml_edits import add_table, add_to_array
from build_hooks.toml_tables import get_table
from build_hooks.values import Value

REQUIREMENT = "paperless-report"
PYPROJECT = "pyproject.toml"
_REQUIRES = ("build-system", "requires")
_WITHOUT_HOOK = (
    "The hook runs in hatchling only. You need no hook to stamp a copy of the source. For an "
    "image, build-stamp show {package} --format dockerfile prints how. For a wheel, copy what "
    "git tracks to a folder COPY, and run build-stamp write COPY/{package} --from {package}, "
    'then python -m build COPY. To change to hatchling, set requires = ["hatchling"] and build-backend '
    '= "hatchling.build" in [build-system], then run build-stamp init again.'
)


class Missing(Value):
    """What a project lacks.

    Attributes:
        requirement: Whether the build requirements lack this package.
        table: The TOML path of the hook's table, or "" if the project has one.
        file: The file that the table belongs in.
        keys: The keys of the table, with their values.
    """

    requirement: bool
    table: str
    file: str
    keys: Mapping[str, str] = MappingProxyType({})

    @property
    def lines(self) -> list[str]:
        """The lines of the table."""
        keys = (f"{key} = {json.dumps(value)}" for key, value in self.keys.items())
        return [f"[{self.table}]", *keys]


def find_backend_problem(pyproject: Mapping[str, Any], package: str) -> str:
    """Return why the hook cannot run in a project's builds, or "" if it can.

    Args:
        pyproject: The parsed pyproject.toml.
        package: The folder of a package in the project, for the advice.
    """
    instead = _WITHOUT_HOOK.format(package=quote(package))
    system = get_table(dict(pyproject), "build-system")
    backend, requires = system.get("build-backend"), system.get("requires")
    if not system:
        return f"It has no table [build-system], so setuptools builds it. {instead}"
    if not isinstance(requires, list) or not all(
        isinstance(it, str) for it in requires
    ):
        return "build-system.requires is not an array of strings. Fix that first."
    is_hatchling = str(backend).partition(".")[0] == "hatchling"
    is_wrapper = "backend-path" in system and "hatchling" in map(_read_name, requires)
    if is_hatchling or is_wrapper:
        return ""
    return f"{backend or 'setuptools'} builds it. {instead}"


def find_missing(pyproject: Mapping[str, Any], tables: ProjectTables) -> Missing:
    """Return what the project lacks, except for the key `package`.

    Raises:
        SetupError: If hatchling does not see a table of the hook.
    """
    if tables.hidden:
        raise SetupError(
            f"hatch.toml has a table [build], so hatchling ignores [{tables.hidden}] in "
            f"pyproject.toml. Move it to hatch.toml, as {tables.line}."
        )
    system = get_table(dict(pyproject), "build-system")
    # A project that builds itself with its own copy of the plugin does not install it.
    is_own_copy = tables.hook is not None and not tables.hook.place.endswith(
        PLUGIN_NAME
    )
    required = REQUIREMENT in map(_read_name, system["requires"])
    return Missing(
        not required and not is_own_copy,
        "" if tables.hook else tables.line.strip("[]"),
        tables.file,
    )


def choose_package(
    modules: Iterable[Module], project: str, wanted: PurePosixPath | None
) -> tuple[Module, bool]:
    """Choose the package that gets the stamp.

    Args:
        modules: What the wheel ships.
        project: The project's name.
        wanted: The folder that the user chose, or None.

    Returns:
        The package, and whether the hook's table must name it.

    Raises:
        SetupError: If there is none, or none of several has the project's name.
    """
    modules = list(modules)
    packages = package_choice.sort_by_likelihood(
        package_choice.find_packages(modules), project
    )
    folders = ", ".join(it.path for it in packages)
    if not packages:
        raise SetupError(_explain_no_package(modules))
    if wanted:
        chosen = [it for it in packages if PurePosixPath(it.path) == wanted]
        if not chosen:
            raise SetupError(f"The wheel has no package {wanted}. It has: {folders}.")
        return chosen[0], len(packages) > 1
    first, *others = packages
    name = package_choice.normalize(project)
    if others and package_choice.normalize(PurePosixPath(first.shipped).name) != name:
        raise SetupError(
            f"The wheel has several packages: {folders}. Choose the one that gets the "
            "stamp with --package."
        )
    return first, bool(others)


def edit_files(texts: Mapping[str, str], missing: Missing) -> dict[str, str]:
    """Return the new text of each file that changes.

    Args:
        texts: The text of pyproject.toml, and of hatch.toml if the table belongs there.
        missing: What the project lacks.

    Raises:
        ImportError: If tomlkit is not installed.
        UneditableError: If a text cannot take the addition without more changes.
    """
    edited = dict(texts)
    if missing.requirement:
        edited[PYPROJECT] = add_to_array(edited[PYPROJECT], _REQUIRES, REQUIREMENT)
    if missing.table:
        path = missing.table.split(".")
        build = path.index("build") + 1
        groups = [
            ".".join(path[:build]),
            *([".".join(path[: build - 1])] * (build > 1)),
        ]
        edited[missing.file] = add_table(
            edited[missing.file], path, missing.lines[1:], groups
        )
    return {name: text for name, text in edited.items() if text != texts[name]}


def format_block(missing: Missing, requires: Sequence[str]) -> list[str]:
    """Return the lines to paste, if `init` cannot write them."""
    lines = []
    if missing.requirement:
        names = ", ".join(f'"{it}"' for it in (*requires, REQUIREMENT))
        lines += [f"In [build-system] of {PYPROJECT}:", f"requires = [{names}]"]
    if missing.table:
        lines += [f"At the end of {missing.file}:", *missing.lines]
    return lines


def _explain_no_package(modules: Sequence[Module]) -> str:
    if not modules:
        return (
            "The wheel ships no Python package, so there is nothing to stamp. Make a "
            "package first, such as src/shelf/__init__.py."
        )
    path = modules[0].path
    return (
        f"The wheel ships the module {path} and no package, so a stamp has no place in it. "
        f"Move {path} to {path.removesuffix('.py')}/__init__.py first."
    )


def _read_name(requirement: str) -> str:
    """Return the name of a requirement's package, as indexes compare it."""
    name = re.match(r"[A-Za-z0-9._-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""
