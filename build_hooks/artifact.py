"""Opens what was built: wheel, sdist, tarball or directory. Unpacks nothing."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from build_hooks import python_source, record
from build_hooks.errors import StampError
from build_hooks.record import Row
from build_hooks.stamp import BUILD_INFO, VERSION

Kind = Literal["wheel", "sdist", "tarball", "directory"]

# What the standard library raises for what is no archive, or a damaged one.
_BROKEN = (
    OSError,
    EOFError,
    RuntimeError,  # encrypted
    NotImplementedError,  # compressed in a way of its own
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
_BLOCK_BYTES = 1 << 20
_TEXTS = (VERSION, BUILD_INFO, "PKG-INFO", "METADATA", "RECORD")


class ArtifactError(StampError):
    """Something that cannot be opened, or in which no stamp can be looked for."""


@dataclass(frozen=True)
class Artifact:
    """What was built.

    Attributes:
        path: Where it is.
        kind: What it is.
        files: Contents by name, of those files that tell of a stamp.
        package: The folder inside that carries the stamp.
        rows: What a wheel's RECORD ought to say of every file in it, by name.
    """

    path: Path
    kind: Kind
    files: Mapping[str, bytes]
    package: PurePosixPath
    rows: Mapping[str, Row] = field(default_factory=dict)

    def literals(self, name: str) -> dict[str, object] | None:
        """The literal assignments in a file of the package; None without that file."""
        inside = str(self.package / name)
        source = self.files.get(inside)
        return (
            None
            if source is None
            else python_source.read_literals(source, Path(inside))
        )

    @property
    def metadata(self) -> Message | None:
        """Its core metadata; None where it has none."""
        for name, content in self.files.items():
            path = PurePosixPath(name)
            if name.endswith(".dist-info/METADATA") or (
                self.kind == "sdist"
                and path.name == "PKG-INFO"
                and len(path.parts) == 2  # noqa: PLR2004  # the top folder and the file
            ):
                return BytesParser().parsebytes(content, headersonly=True)
        return None

    @property
    def version(self) -> str | None:
        """The version in its core metadata; None where it has none."""
        version = self.metadata["Version"] if self.metadata else None
        return str(version) if version else None


def open_artifact(path: Path, package: str | None = None) -> Artifact:
    """Read *path*.

    Args:
        path: A wheel, an sdist, a tarball or a directory.
        package: The stamped package, "paperless", where it holds several.

    Raises:
        ArtifactError: If it is none of those, or no package or several could be
            the stamped one.
        SourceFileError: If a file that could carry a stamp is no Python.
    """
    try:
        kind, files, listed = _read(path)
    except _BROKEN as error:
        # tarfile tells of every compression that it tried, a line each.
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise ArtifactError(
            f"{path} cannot be opened: {reason.rstrip('.')}."
        ) from error
    return Artifact(path, kind, files, _package(path, files, package), listed)


def _read(path: Path) -> tuple[Kind, dict[str, bytes], dict[str, Row]]:
    if path.is_dir():
        found = (file for name in _TEXTS for file in sorted(path.rglob(name)))
        texts = {
            file.relative_to(path).as_posix(): file.read_bytes()
            for file in found
            if file.is_file()
        }
        return "directory", texts, {}
    if path.suffix == ".whl":
        return "wheel", *_wheel(path)
    files: dict[str, bytes] = {}
    for name, content in _tar(path):
        _refuse_twice(path, name, files)
        files[name] = content
    is_sdist = any(
        name.endswith("/PKG-INFO") and name.count("/") == 1 for name in files
    )
    return "sdist" if is_sdist else "tarball", files, {}


def _wheel(path: Path) -> tuple[dict[str, bytes], dict[str, Row]]:
    """The texts of the wheel at *path*; and of every file in it, the row for RECORD.

    A file is hashed as it is unpacked: it may be larger than memory.
    """
    files: dict[str, bytes] = {}
    found: dict[str, Row] = {}
    with zipfile.ZipFile(path) as wheel:
        said: dict[str, Row] = {}
        for name in wheel.namelist():
            if name.endswith(".dist-info/RECORD"):
                said |= record.rows(wheel.read(name).decode("utf-8", "replace"))
        for info in wheel.infolist():
            name = _normal(info.filename)
            _refuse_twice(path, name, found)
            if PurePosixPath(name).name in _TEXTS:
                files[name] = wheel.read(info)
            digest = record.new_hash(said[name].algorithm if name in said else "")
            with wheel.open(info) as content:
                for block in _blocks(content):
                    digest.update(block)
            found[name] = record.row_of(digest)
    return files, found


def _refuse_twice(path: Path, name: str, found: Mapping[str, object]) -> None:
    """Which of two files of one name is unpacked is up to the installer."""
    if name in found:
        raise ArtifactError(f"{path} holds {name} twice.")


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(_BLOCK_BYTES), b"")


def _tar(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as tar:
        for member in tar:
            if (member.isfile() or member.islnk()) and PurePosixPath(
                member.name
            ).name in _TEXTS:
                opened = tar.extractfile(member)
                yield _normal(member.name), opened.read() if opened else b""
        # To the end, where the compression keeps its checksum.
        while tar.fileobj.read(_BLOCK_BYTES):
            pass


def _normal(name: str) -> str:
    folder = "/" if name.endswith("/") else ""
    return f"{PurePosixPath(name).as_posix()}{folder}"


def _package(
    path: Path, files: Mapping[str, bytes], wanted: str | None
) -> PurePosixPath:
    """The one folder that carries a stamp, or could."""
    folders = {
        PurePosixPath(name).parent for name in files if name.endswith(f"/{VERSION}")
    }
    if VERSION in files:
        folders.add(PurePosixPath())
    if wanted:
        folders = {it for it in folders if (it.name or path.name) == wanted}
    stamped = {folder for folder in folders if str(folder / BUILD_INFO) in files}
    # Parsed only where it is needed: a template may be no Python.
    for candidates in (stamped, folders):
        several = len(candidates) > 1
        found = _declared(candidates, files) if several else candidates
        if len(found) == 1:
            return next(iter(found))
        if candidates:
            names = ", ".join(sorted(map(str, found or candidates)))
            raise ArtifactError(
                f"{path} holds several packages with a {VERSION}: {names}. Name one "
                "with --package."
            )
    what = f"package {wanted}" if wanted else "package"
    raise ArtifactError(f"{path} holds no {what} with a {VERSION}.")


def _declared(
    folders: set[PurePosixPath], files: Mapping[str, bytes]
) -> set[PurePosixPath]:
    """Those whose `version.py` says a channel."""
    return {
        folder
        for folder in folders
        if "__channel__"
        in python_source.read_literals(
            files[str(folder / VERSION)], Path(folder / VERSION)
        )
    }
