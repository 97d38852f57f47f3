"""Finds the package in an artifact that carries its stamp. Pure."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from build_hooks.errors import ArtifactError, SourceFileError
from build_hooks.python_scope import ANY
from build_hooks.python_source import PythonSource
from build_hooks.stamp import BUILD_INFO, NAMES, VERSION

_NAMES = {VERSION: {"__channel__"}, BUILD_INFO: set(NAMES)}


def find_package(
    path: Path, files: Mapping[str, bytes], name: str | None, *, has_metadata: bool
) -> PurePosixPath:
    """Return the one folder that carries a stamp, or could.

    Args:
        path: The artifact's path.
        files: Contents by path, of the files that carry or describe a stamp.
        name: The name of the package, "paperless", if there are several.
        has_metadata: Whether the artifact is a wheel or an sdist, which may be without
            any stamp.

    Raises:
        ArtifactError: If no package, or more than one, could be the stamped one.
    """
    folders = {
        PurePosixPath(file).parent
        for file in files
        if PurePosixPath(file).name in (VERSION, BUILD_INFO)
    }
    if name:
        folders = {it for it in folders if (it.name or path.name) == name}
    # Read the files only if it is necessary.
    stamped = folders if len(folders) == 1 else _find_stamped(folders, files)
    if len(stamped) == 1:
        return next(iter(stamped))
    if stamped or (folders and not has_metadata):
        names = ", ".join(sorted(map(str, stamped or folders)))
        raise ArtifactError(
            f"{path} has several packages with a {VERSION} or {BUILD_INFO}: {names} "
            "(select one with --package)."
        )
    if not name and has_metadata:
        return PurePosixPath()
    wanted = f"package {name}" if name else "package"
    raise ArtifactError(f"{path} has no {wanted} with a {VERSION} or {BUILD_INFO}.")


def _find_stamped(
    folders: set[PurePosixPath], files: Mapping[str, bytes]
) -> set[PurePosixPath]:
    """Return those of *folders* that bind a name of a stamp, or could beside such ones.

    An sdist may contain an example whose version.py says "dev", as in a work tree.
    """
    certain, possible, untagged = set(), set(), set()
    for folder in folders:
        for file, names in _NAMES.items():
            content = files.get(str(folder / file))
            bound = _find_names(content, names) if content is not None else set()
            if _says_dev(content):
                untagged.add(folder)
            elif bound & names:
                certain.add(folder)
            elif ANY in bound:
                possible.add(folder)
    return (certain | possible) if certain else untagged


def _says_dev(content: bytes | None) -> bool:
    """Whether *content* is a version.py that was never stamped."""
    try:
        source = PythonSource(content or b"", Path(VERSION))
        return source.read_literals("__channel__") == {"__channel__": "dev"}
    except SourceFileError:
        return False


def _find_names(content: bytes, names: set[str]) -> set[str]:
    """Return the names that *content* binds.

    A template is not valid Python, nor is a file for a newer Python. It binds what it
    mentions.
    """
    try:
        return {name for name, _ in PythonSource(content, Path(VERSION)).bindings}
    except SourceFileError:
        return {it for it in names if it.encode() in content}
