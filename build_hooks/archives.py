"""Reads a wheel, an sdist, a tarball or a directory. Unpacks nothing to disk."""

import csv
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from build_hooks import project_files, record
from build_hooks.artifact import Artifact, Contents, make_artifact
from build_hooks.compressed import Stream
from build_hooks.errors import ArtifactError
from build_hooks.members import (
    MOST_BYTES_OF_ALL_METADATA,
    MOST_BYTES_OF_ALL_SOURCES,
    MOST_METADATA_BYTES,
    MOST_SOURCE_BYTES,
    Member,
)
from build_hooks.stamp import BUILD_INFO, VERSION
from build_hooks.tar_members import TarMembers
from build_hooks.text import as_clause
from build_hooks.zip_members import ZipMembers

# What the standard library raises for a file that is not an archive, or is damaged.
BROKEN = (
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
_METADATA = ("METADATA", "RECORD", "PKG-INFO")


def open_artifact(path: Path, package: str | None = None) -> Artifact:
    """Read the artifact at *path*.

    Args:
        path: A wheel, an sdist, a tarball or a directory.
        package: The name of the stamped package, "paperless", if there are several.

    Raises:
        ArtifactError: If it cannot be opened, or no package, or more than one, could be
            the stamped one.
        ProjectFileError: If a file in a directory cannot be read.
    """
    try:
        return make_artifact(path, _read(path), package)
    except BROKEN as error:
        raise ArtifactError(f"{path} cannot be opened: {as_clause(error)}.") from error


def _read(path: Path) -> Contents:
    if path.is_dir():
        return _read_directory(path)
    if path.exists() and not path.is_file():
        # Opening a FIFO would wait.
        raise ArtifactError(f"{path} cannot be opened: it is not a file.")
    with path.open("rb") as file:
        try:
            return _read_wheel(file) if path.suffix == ".whl" else _read_tar(file)
        except ArtifactError as error:
            raise ArtifactError(
                f"{path} cannot be opened: {as_clause(error)}."
            ) from error


@dataclass
class _Texts:
    """The contents of the files that carry or describe a stamp, within limits.

    Attributes:
        contents: The contents by name.
        problems: The files that are too large.
    """

    contents: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _sizes: Counter[int] = field(default_factory=Counter)

    def keep(self, name: str, blocks: Iterable[bytes]) -> Iterable[bytes]:
        """Pass *blocks* on, and keep them if *name* is the name of such a file."""
        if not _is_text(name):
            yield from blocks
            return
        if PurePosixPath(name).name in _METADATA:
            limit, limit_of_all = MOST_METADATA_BYTES, MOST_BYTES_OF_ALL_METADATA
        else:
            limit, limit_of_all = MOST_SOURCE_BYTES, MOST_BYTES_OF_ALL_SOURCES
        content: bytearray | None = bytearray()
        for block in blocks:
            if content is not None:
                content += block
                self._sizes[limit] += len(block)
                if len(content) > limit or self._sizes[limit] > limit_of_all:
                    self.problems.append(
                        f"{name} is too long: at most {limit >> 10} KiB are read, and "
                        f"{limit_of_all >> 10} KiB of all such files"
                    )
                    content = None
            yield block
        if content is not None:
            self.contents.setdefault(name, bytes(content))


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    is_metadata = path.name in _METADATA and len(path.parts) == 2  # noqa: PLR2004  # at the top
    return path.name in (VERSION, BUILD_INFO) or is_metadata


def _read_directory(path: Path) -> Contents:
    members, texts = [], {}
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            file = Path(folder, name)
            relative = file.relative_to(path).as_posix()
            is_link = name in folders and file.is_symlink()
            kind = "link" if is_link else "folder" if name in folders else "file"
            members.append(Member(relative, kind))  # type: ignore[arg-type]  # one of them
            if name in files and _is_text(relative):
                content = project_files.read_file(file)
                if content is not None:
                    texts[relative] = content
    return Contents("directory", members, texts)


def _read_wheel(file: BinaryIO) -> Contents:
    """Read the members, and hash each while reading it: it may be larger than memory."""
    archive = ZipMembers(file)
    recorded: dict[str, record.Row] = {}
    for number, member in enumerate(archive.members):
        if member.name.count("/") == 1 and member.name.endswith(".dist-info/RECORD"):
            first = _Texts()
            for _ in first.keep(member.name, archive.read(number)):
                pass
            text = first.contents.get(member.name, b"").decode("utf-8", "replace")
            recorded.update(record.list_rows(text))
    texts, rows, problems = _Texts(), {}, list(archive.problems)
    for number, member in enumerate(archive.members):
        algorithm = recorded[member.name].algorithm if member.name in recorded else ""
        digest = record.make_hash(algorithm)
        try:
            for block in texts.keep(member.name, archive.read(number)):
                digest.update(block)
        except (ArtifactError, zlib.error) as error:
            problems.append(f"{member.name} cannot be read: {as_clause(error)}")
        rows[member.name] = record.make_row(digest)
    return Contents(
        "wheel", archive.members, texts.contents, rows, [*problems, *texts.problems]
    )


def _read_tar(file: BinaryIO) -> Contents:
    archive, texts, members = TarMembers(Stream(file)), _Texts(), []
    for member in archive:
        members.append(member)
        if member.kind == "file" and _is_text(member.name):
            for _ in texts.keep(member.name, archive.read()):
                pass
    problems = [*archive.problems, *texts.problems]
    is_sdist = any(PurePosixPath(it).name == "PKG-INFO" for it in texts.contents)
    kind = "sdist" if is_sdist else "tarball"
    return Contents(kind, members, texts.contents, problems=problems)  # type: ignore[arg-type]  # one of them
