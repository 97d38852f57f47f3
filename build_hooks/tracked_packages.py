"""Finds the packages that git tracks and a wheel lacks. Pure."""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

_INIT = "__init__.py"
# Folders that projects do not ship: anywhere, and at the root of a project only.
_FOR_DEVELOPERS = re.compile(
    r"_?(\w+_)?(tests?|testing|docs?|examples?|samples?|demos?|tutorials?|bench|"
    r"benchmarks?)(_\w+)?"
)
_FOR_DEVELOPERS_AT_ROOT = re.compile(
    r"_?(build|ci|dev|devtools|perf|release|releasing|scripts?|tasks|tool\w*|utils)"
)


def find_missing(tracked: Iterable[str], shipped: Iterable[str]) -> list[PurePosixPath]:
    """Return the tracked packages that the wheel of a project seems to lack.

    These lie next to a package that is in the wheel, or in one. Folders for developers,
    such as tests and docs, and other projects do not count.

    Args:
        tracked: The files that git tracks, relative to the project's root.
        shipped: The files in the wheel.
    """
    files = [PurePosixPath(it) for it in tracked]
    projects = {it.parent for it in files if it.name in {"pyproject.toml", "setup.py"}}
    packages = {
        it.parent
        for it in files
        if it.name == _INIT
        and not _is_for_developers(it.parent)
        # The root is the project itself, and everything is in it.
        and not projects.intersection(it.parents[:-1])
    }
    packages.discard(PurePosixPath())
    # "src/a/b/__init__.py" is the package src/a/b, a/b or b.
    names = {
        PurePosixPath(*folders[start:])
        for it in shipped
        if it.endswith(f"/{_INIT}")
        for folders in [PurePosixPath(it).parent.parts]
        for start in range(len(folders))
    }
    present = {
        it for it in packages if it.relative_to(_find_top(it, packages).parent) in names
    }
    places = present | {_find_top(it, packages).parent for it in present}
    return sorted(it for it in packages - present if it.parent in places)


def _find_top(
    package: PurePosixPath, packages: Collection[PurePosixPath]
) -> PurePosixPath:
    """Return the outermost package that *package* lies in, or is."""
    while package.parent in packages:
        package = package.parent
    return package


def _is_for_developers(package: PurePosixPath) -> bool:
    return (
        any(map(_FOR_DEVELOPERS.fullmatch, package.parts))
        or _FOR_DEVELOPERS_AT_ROOT.fullmatch(next(iter(package.parts), "")) is not None
    )
