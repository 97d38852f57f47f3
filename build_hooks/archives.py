"""Reads a wheel, an sdist, a tarball or a directory. Unpacks nothing to disk."""

import csv
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from build_hooks import record
from build_hooks.artifact import Artifact, Kind, find_package
from build_hooks.errors import ArtifactError
from build_hooks.record import Row
from build_hooks.stamp import BUILD_INFO, VERSION

# What the standard library raises for a file that is not an archive, or is damaged.
_BROKEN = (
    OSError,
    EOFError,
    OverflowError,  # an impossible size
    RuntimeError,  # encrypted
    NotImplementedError,  # an unknown compression
    UnicodeDecodeError,  # a file's name
    csv.Error,  # RECORD
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
_BLOCK_BYTES = 1 << 20
# The files whose content is read.
_FILES = (VERSION, BUILD_INFO, "PKG-INFO", "METADATA", "RECORD")


def open_artifact(path: Path, package: str | None = None) -> Artifact:
    """Read the artifact at *path*.

    Args:
        path: A wheel, an sdist, a tarball or a directory.
        package: The name of the stamped package, "paperless", if there are several.

    Raises:
        ArtifactError: If it cannot be opened, or no package, or more than one, could be
            the stamped one.
        SourceFileError: If a file that could carry a stamp is not valid Python.
    """
    try:
        kind, files, rows = _read(path)
    except _BROKEN as error:
        # tarfile's message has a line for each compression that it tried.
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise ArtifactError(
            f"{path} cannot be opened: {reason.rstrip('.')}."
        ) from error
    return Artifact(path, kind, files, find_package(path, files, package), rows)


def _read(path: Path) -> tuple[Kind, dict[str, bytes], dict[str, Row]]:
    if path.is_dir():
        matches = (file for name in _FILES for file in sorted(path.rglob(name)))
        contents = {
            file.relative_to(path).as_posix(): file.read_bytes()
            for file in matches
            if file.is_file()
        }
        return "directory", contents, {}
    if path.suffix == ".whl":
        return "wheel", *_read_wheel(path)
    files: dict[str, bytes] = {}
    for name, content in _read_tar(path):
        _refuse_duplicate(path, name, files)
        files[name] = content
    is_sdist = any(
        name.endswith("/PKG-INFO") and name.count("/") == 1 for name in files
    )
    return "sdist" if is_sdist else "tarball", files, {}


def _read_wheel(path: Path) -> tuple[dict[str, bytes], dict[str, Row]]:
    """Return the contents we need, and the row that RECORD should have for every file.

    Hashes each file while reading it: it may be larger than memory.
    """
    files: dict[str, bytes] = {}
    rows: dict[str, Row] = {}
    with zipfile.ZipFile(path) as wheel:
        recorded: dict[str, Row] = {}
        for name in wheel.namelist():
            if name.endswith(".dist-info/RECORD"):
                text = wheel.read(name).decode("utf-8", "replace")
                recorded |= record.parse_rows(text)
        for info in wheel.infolist():
            name = _normalize(info.filename)
            _refuse_duplicate(path, name, rows)
            if PurePosixPath(name).name in _FILES:
                files[name] = wheel.read(info)
            algorithm = recorded[name].algorithm if name in recorded else ""
            digest = record.make_hash(algorithm)
            with wheel.open(info) as content:
                for block in _read_blocks(content):
                    digest.update(block)
            rows[name] = record.make_row(digest)
    return files, rows


def _refuse_duplicate(path: Path, name: str, seen: Mapping[str, object]) -> None:
    """Refuse a second file of one name: installers disagree on which one they unpack."""
    if name in seen:
        raise ArtifactError(f"{path} contains {name} twice.")


def _read_blocks(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(_BLOCK_BYTES), b"")


def _read_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as tar:
        for member in tar:
            is_file = member.isfile() or member.islnk()
            if is_file and PurePosixPath(member.name).name in _FILES:
                file = tar.extractfile(member)
                yield _normalize(member.name), file.read() if file else b""
        # Read to the end, where the compression has its checksum.
        while tar.fileobj.read(_BLOCK_BYTES):
            pass


def _normalize(name: str) -> str:
    slash = "/" if name.endswith("/") else ""
    return f"{PurePosixPath(name).as_posix()}{slash}"
