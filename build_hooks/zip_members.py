"""Reads a zip archive strictly: every reader must find the same members in it.

Some installers read the directory at the end, and others the headers in front of the
members. An archive in which these disagree is a different one to each (CVE-2025-54368).
`zipfile` reads the directory; this module compares it with everything else in the file.
The format is APPNOTE.TXT of PKWARE; its section is named where it matters.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

from build_hooks.errors import ArtifactError
from build_hooks.members import BLOCK_BYTES, MOST_BYTES, MOST_MEMBERS, Member

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END_64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_ENTRY = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_FIELD = struct.Struct("<2H")  # 4.5.1
_IN_ZIP_64 = 0xFFFFFFFF
_ZIP_64, _UNICODE_PATH = 0x0001, 0x7075  # 4.5.3, 4.6.9
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF_8 = 0x800  # 4.4.4
_FLAGS = _UTF_8 | 0x6  # the others: encrypted, sizes after the data, patches
_DOS_FOLDER = 0x10
# `zipfile` reads the directory into memory.
_MOST_DIRECTORY_BYTES = 64 << 20


class ZipMembers:
    """The members of the zip archive in *file*.

    Attributes:
        problems: Everything in it that readers could understand in different ways.
        members: Its members.

    Raises:
        ArtifactError: If it cannot be compared with its directory at all.
        zipfile.BadZipFile: If it is not a zip archive.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.problems: list[str] = []
        start, size, count = self._read_end()
        with zipfile.ZipFile(file) as archive:
            self._infos = archive.infolist()
        if len(self._infos) != count:
            self.problems.append(
                f"the end record counts {count} members, and the directory has "
                f"{len(self._infos)}"
            )
        self._check_directory(start, size)
        self._data = self._check_headers(start)
        self.members = [
            Member(it.filename, "folder" if _is_folder(it) else "file", it.file_size)
            for it in self._infos
        ]

    def read(self, number: int) -> Iterator[bytes]:
        """Read the content of a member by its *number*, in blocks.

        Raises:
            ArtifactError: If the content is not what its header announces.
        """
        info, size, digest = self._infos[number], 0, 0
        self._file.seek(self._data[number])
        blocks = (
            self._inflate(info)
            if info.compress_type == zipfile.ZIP_DEFLATED
            else self._read_blocks(info.compress_size)
        )
        for block in blocks:
            size += len(block)
            if size > info.file_size:
                break
            digest = zlib.crc32(block, digest)
            yield block
        if (size, digest) != (info.file_size, info.CRC):
            raise ArtifactError(f"{info.filename} has another size or checksum")

    def _read_end(self) -> tuple[int, int, int]:
        """Return the directory's start and size, and the number of its entries."""
        end = self._file.seek(0, 2) - _END.size
        first, *disks, count, total, size, start, comment = self._unpack(_END, end)
        if first != b"PK\5\6" or comment:
            if zipfile.is_zipfile(self._file):
                raise ArtifactError(
                    "there are bytes or a comment behind its end record"
                )
            raise zipfile.BadZipFile("File is not a zip file")
        limit = end
        first, disk, at, _ = self._unpack(_LOCATOR, end - _LOCATOR.size)
        if first == b"PK\6\7":
            limit = end - _LOCATOR.size - _END_64.size
            first, length, _, _, *more, count_64, total_64, size_64, start_64 = (
                self._unpack(_END_64, limit)
            )
            disks += [disk, *more]
            pairs = (
                (count, count_64),
                (total, total_64),
                (size, size_64),
                (start, start_64),
            )
            if (first, length, at) != (b"PK\6\6", _END_64.size - 12, limit) or not all(
                short in (long, 0xFFFF, _IN_ZIP_64) for short, long in pairs
            ):
                raise ArtifactError("its two end records disagree")
            count, total, size, start = count_64, total_64, size_64, start_64
        if any(disks) or count != total or start + size != limit:
            raise ArtifactError(
                "there are bytes in front of it, or behind its directory"
            )
        if size > _MOST_DIRECTORY_BYTES:
            raise ArtifactError(f"its directory has {size} bytes")
        if total > MOST_MEMBERS:
            raise ArtifactError(f"it has {total} members; {MOST_MEMBERS} are the limit")
        return start, size, total

    def _check_directory(self, start: int, size: int) -> None:
        """Compare what the directory's bytes say with what `zipfile` reads."""
        position = start
        total = 0
        for info in self._infos:
            _, *_, stored, full, name, extra, comment, _, _, _, offset = self._unpack(
                _ENTRY, position
            )
            raw_name, raw_extra = self._read(name), self._read(extra)
            position += _ENTRY.size + name + extra + comment
            actual = (info.file_size, info.compress_size, info.header_offset)
            reasons = [
                comment and "a comment",
                not _is_name(info, raw_name) and "a name that its flag does not fit",
                not _fits(raw_extra, info, (full, stored, offset), actual)
                and "extra fields that contradict it",
                info.flag_bits & ~_FLAGS and "encryption, or sizes behind its content",
                info.compress_type not in _METHODS and "an unusual compression",
                *_find_odd_attributes(info),
            ]
            self._note(info, "has", reasons)
            total += info.file_size
        if position != start + size:
            self.problems.append("its directory has bytes that belong to no member")
        if total > MOST_BYTES:
            raise ArtifactError(
                f"it unpacks to {total >> 30} GiB; {MOST_BYTES >> 30} are the limit"
            )

    def _check_headers(self, end: int) -> list[int]:
        """Compare each header with the directory. Return where each content begins."""
        starts: dict[int, int] = {}
        spans = [(0, 0)]
        for number, info in sorted(
            enumerate(self._infos), key=lambda it: it[1].header_offset
        ):
            at = info.header_offset
            first, _, flags, method, _, _, crc, stored, full, name, extra = (
                self._unpack(_LOCAL, at)
            )
            raw_name, raw_extra = self._read(name), self._read(extra)
            starts[number] = at + _LOCAL.size + name + extra
            spans.append((at, starts[number] + info.compress_size))
            actual = (info.file_size, info.compress_size)
            reasons = [
                first != b"PK\3\4" and "no header",
                not _is_name(info, raw_name) and "another name",
                flags != info.flag_bits and "other flags",
                method != info.compress_type and "another compression",
                crc != info.CRC and "another checksum",
                not _fits(raw_extra, info, (full, stored), actual) and "another size",
            ]
            self._note(info, "has in front of it", reasons)
        spans.append((end, end))
        for (_, behind), (ahead, _) in pairwise(spans):
            if behind != ahead:
                what = "overlap" if behind > ahead else "belong to no member"
                self.problems.append(
                    f"bytes {min(behind, ahead)} to {max(behind, ahead)} {what}"
                )
        return [starts[number] for number in range(len(self._infos))]

    def _note(self, info: zipfile.ZipInfo, verb: str, reasons: list[object]) -> None:
        if words := ", ".join(str(reason) for reason in reasons if reason):
            self.problems.append(f"{info.orig_filename} {verb} {words}")

    def _inflate(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Decompress a member, whose data must end where its compressed size says."""
        inflate, rest = zlib.decompressobj(-zlib.MAX_WBITS), b""
        compressed = self._read_blocks(info.compress_size)
        while not inflate.eof:
            rest = rest or next(compressed, b"")
            block = inflate.decompress(rest, BLOCK_BYTES)
            if not (block or rest or inflate.eof):
                raise ArtifactError(f"{info.filename} is cut off")
            rest = inflate.unconsumed_tail
            yield block
        if inflate.unused_data or next(compressed, b""):
            raise ArtifactError(f"{info.filename} has bytes behind its compressed data")

    def _read_blocks(self, size: int) -> Iterator[bytes]:
        while size:
            block = self._read(min(size, BLOCK_BYTES))
            size -= len(block)
            yield block

    def _unpack(self, form: struct.Struct, at: int) -> tuple[Any, ...]:
        self._file.seek(max(at, 0))
        return form.unpack(self._read(form.size))

    def _read(self, size: int) -> bytes:
        content = self._file.read(size)
        if len(content) != size:
            raise zipfile.BadZipFile("File is not a zip file, or it is cut off")
        return content


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")  # is_dir() fails for an empty name


def _is_name(info: zipfile.ZipInfo, raw: bytes) -> bool:
    """Whether *raw* is the name of *info* to readers with and without Unicode."""
    encoding = "utf-8" if info.flag_bits & _UTF_8 else "ascii"
    try:
        return raw.decode(encoding) == info.orig_filename == info.filename
    except UnicodeDecodeError:
        return False


def _fits(
    extra: bytes,
    info: zipfile.ZipInfo,
    stated: tuple[int, ...],
    actual: tuple[int, ...],
) -> bool:
    """Whether the *stated* numbers and the *extra* fields say what `zipfile` reads."""
    fields = _parse_extra(extra)
    if fields is None:
        return False
    pairs = list(zip(stated, actual, strict=True))
    content = fields.get(_ZIP_64, b"")
    numbers = [
        it for (it,) in struct.iter_unpack("<Q", content[: len(content) // 8 * 8])
    ]
    large = [long for short, long in pairs if short == _IN_ZIP_64]
    return (
        all(short in (long, _IN_ZIP_64) for short, long in pairs)
        and numbers == (large or list(actual[: len(numbers)]))
        and len(content) == 8 * len(numbers)
        and (
            _UNICODE_PATH not in fields
            or fields[_UNICODE_PATH][5:] == info.filename.encode()
        )
    )


def _parse_extra(extra: bytes) -> dict[int, bytes] | None:
    """Parse the fields of *extra*; None if they are malformed, or one is there twice."""
    fields: dict[int, bytes] = {}
    while extra:
        if len(extra) < _FIELD.size:
            return None
        field, size = _FIELD.unpack_from(extra)
        end = _FIELD.size + size
        if len(extra) < end or (field in fields and field in (_ZIP_64, _UNICODE_PATH)):
            return None
        fields[field], extra = extra[_FIELD.size : end], extra[end:]
    return fields


def _find_odd_attributes(info: zipfile.ZipInfo) -> Iterator[str]:
    """Say where the attributes and the name do not agree on the kind of *info*."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "the attributes of a link or a special file"
    if _is_folder(info):
        if info.file_size or info.compress_size:
            yield "the name of a folder and content"
    elif kind == stat.S_IFDIR or info.external_attr & _DOS_FOLDER:
        yield "the name of a file and the attributes of a folder"
