"""Defines an artifact: the files in it that carry or describe a stamp. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path, PurePosixPath
from typing import Literal

from build_hooks.errors import ArtifactError
from build_hooks.python_source import PythonSource
from build_hooks.record import Row
from build_hooks.stamp import BUILD_INFO, VERSION

Kind = Literal["wheel", "sdist", "tarball", "directory"]


@dataclass(frozen=True)
class Artifact:
    """A wheel, an sdist, a tarball or a directory.

    Attributes:
        path: Its path.
        kind: Its kind.
        files: Contents by name, of the files that carry or describe a stamp.
        package: The folder inside it that carries the stamp, or could.
        rows: The row that a wheel's RECORD should have for each file in it, by name.
    """

    path: Path
    kind: Kind
    files: Mapping[str, bytes]
    package: PurePosixPath
    rows: Mapping[str, Row] = field(default_factory=dict)

    def read_source(self, name: str) -> PythonSource | None:
        """Return a file of the package; None without it."""
        path = str(self.package / name)
        source = self.files.get(path)
        return None if source is None else PythonSource(source, Path(path))

    @property
    def metadata(self) -> Message | None:
        """Its core metadata; None if it has none."""
        for name, content in self.files.items():
            if name.endswith(".dist-info/METADATA") or (
                self.kind == "sdist" and _is_metadata(name)
            ):
                return BytesParser().parsebytes(content, headersonly=True)
        return None

    @property
    def version(self) -> str | None:
        """The version in its core metadata; None if it has none."""
        version = self.metadata["Version"] if self.metadata else None
        return str(version) if version else None


def find_package(
    path: Path, files: Mapping[str, bytes], name: str | None
) -> PurePosixPath:
    """Return the one folder that carries a stamp, or could.

    Args:
        path: The artifact's path.
        files: Contents by name, of the files that carry or describe a stamp.
        name: The name of the package, "paperless", if there are several.

    Raises:
        ArtifactError: If no package, or more than one, could be the stamped one.
        SourceFileError: If a file that could carry a stamp is not valid Python.
    """
    folders = {
        PurePosixPath(file).parent
        for file in files
        if PurePosixPath(file).name in (VERSION, BUILD_INFO)
    }
    if name:
        folders = {it for it in folders if (it.name or path.name) == name}
    stamped = {folder for folder in folders if str(folder / BUILD_INFO) in files}
    for candidates in (stamped, folders):
        # Parse only if it is necessary: a template may not be valid Python.
        several = len(candidates) > 1
        packages = _with_channel(candidates, files) if several else candidates
        if len(packages) == 1:
            return next(iter(packages))
        if candidates:
            names = ", ".join(sorted(map(str, packages or candidates)))
            raise ArtifactError(
                f"{path} has several packages with a {VERSION} or {BUILD_INFO}: {names}. "
                "Select one with --package."
            )
    if not name and any(map(_is_metadata, files)):
        return PurePosixPath()  # a wheel or an sdist without a stamp
    wanted = f"package {name}" if name else "package"
    raise ArtifactError(f"{path} has no {wanted} with a {VERSION} or {BUILD_INFO}.")


def _is_metadata(name: str) -> bool:
    """Whether a file has the metadata of a wheel or of an sdist."""
    return name.endswith(".dist-info/METADATA") or (
        name.endswith("/PKG-INFO") and name.count("/") == 1
    )


def _with_channel(
    folders: set[PurePosixPath], files: Mapping[str, bytes]
) -> set[PurePosixPath]:
    """Return those of *folders* that state a channel."""
    return {
        folder
        for folder in folders
        for file, name in ((VERSION, "__channel__"), (BUILD_INFO, "CHANNEL"))
        if (content := files.get(str(folder / file))) is not None
        and name in PythonSource(content, Path(folder / file)).literals
    }
