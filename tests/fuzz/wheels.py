"""Makes wheels that programs may read in different ways."""

import base64
import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from random import Random

from tests.fuzz import mutations as shared
from tests.fuzz.mutations import PACKAGE, TOP, Draft, Mutations, by_name, mutate

_INFO = f"{TOP}.dist-info"
_WHEEL = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_PLACES = tuple(
    f"{data}/{path}{PACKAGE}"
    for data in (f"{TOP}.data", "Paperless_NGX-2.15.0.data", "x-1.data")
    for path in ("purelib/", "platlib/", "data/", "data/lib/python/", "scripts/../")
)
_DIST_INFO = (_INFO, _INFO.upper(), "other-1.0.dist-info", f"x/{_INFO}", f"./{_INFO}")
# Where each header has its numbers: offset and size.
_NUMBERS = {
    b"PK\3\4": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\1\2": (
        *((4, 2), (6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2)),
        *((32, 2), (34, 2), (36, 2), (38, 4), (42, 4)),
    ),
    b"PK\5\6": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}
_VALUES = (0, 1, 2, 8, 9, 12, 14, 0x41, 0x800, 0x801, 0x7FFFFFFF, 0xFFFF, 0xFFFFFFFF)
_JUNK = (b"x" * 100, bytes(64), b"PK\3\4" + bytes(26), b"#!/bin/sh\n", b"PK\5\6")


class Entry(zipfile.ZipInfo):
    """A member. Its local header may have another name than the central directory."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__("x", (2020, 2, 2, 0, 0, 0))
        self.filename, self.local_name, self.data = name, name, data  # with any NUL
        self.external_attr, self.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED

    def FileHeader(self, zip64: bool | None = None) -> bytes:  # noqa: FBT001, N802
        """Return the local header."""
        name, self.filename = self.filename, self.local_name
        try:
            return super().FileHeader(zip64)
        finally:
            self.filename = name


Entries = list[Entry]


def make(folder: Path, mutations: Mutations) -> Path:
    """Write a wheel with these *mutations* to *folder*; return its path."""
    files = {"__init__.py": b"", "build_info.py": shared.BUILD_INFO}
    files["version.py"] = shared.VERSION_PY
    draft = Draft(
        [(f"{PACKAGE}/{name}", data) for name, data in files.items()]
        + [(f"{_INFO}/METADATA", shared.METADATA), (f"{_INFO}/WHEEL", _WHEEL)],
        PACKAGE,
        _PLACES,
        [
            f"{it}/{name}"
            for it in _DIST_INFO
            for name in ("METADATA", "RECORD", "WHEEL")
        ],
    )
    draft = mutate(shared.FILES, mutations, draft)
    entries = mutate(ENTRIES, mutations, [Entry(*file) for file in draft.files])
    entries = mutate(GROWTH, mutations, entries)
    rows = [f'"{it.filename}",{_hash(it.data)},{len(it.data)}\n' for it in entries]
    record = "".join((*rows, f"{_INFO}/RECORD,,\n")).encode(errors="replace")
    entries.append(Entry(f"{_INFO}/RECORD", record))
    wheel = folder / f"{TOP}-py3-none-any.whl"
    wheel.write_bytes(
        mutate(BYTES, mutations, _pack(mutate(RECORD, mutations, entries)))
    )
    return wheel


def rename_locally(rng: Random, entries: Entries) -> Entries:
    """Add a stamped file by one of two names; the other header has the other one."""
    name, data = shared.pick_evil(rng, PACKAGE)
    entry = Entry(name, data)
    entry.local_name = f"{PACKAGE}/other.py"
    if rng.random() < 0.5:
        entry.filename, entry.local_name = entry.local_name, entry.filename
    return [*entries, entry]


def add_extra_field(rng: Random, entries: Entries) -> Entries:
    """Give a file a second name (Info-ZIP's Unicode path) or other sizes (ZIP64)."""
    name, data = shared.pick_evil(rng, PACKAGE)
    entry = Entry(f"{PACKAGE}/other.py", data)
    crc = struct.pack("<BI", 1, zlib.crc32(entry.filename.encode()))
    kind, value = rng.choice(((0x7075, crc + name.encode()), (1, rng.randbytes(24))))
    entry.extra = struct.pack("<HH", kind, len(value)) + value
    return [*entries, entry]


def change_mode(rng: Random, entries: Entries) -> Entries:
    """Make a member a link, a folder or a device."""
    entry = rng.choice(entries)
    entry.external_attr = rng.choice((0o120777, 0o040755, 0o010644, 0o020644)) << 16
    entry.data = rng.choice((entry.data, b"other.py", b"/dev/zero"))
    return [*entries, Entry(f"{PACKAGE}/other.py", shared.EVIL["version.py"])]


def add_script(rng: Random, entries: Entries) -> Entries:
    """Add an entry point whose script would replace a stamped file."""
    name = shared.disguise(rng, f"../{PACKAGE}/version.py")
    text = f"[console_scripts]\n{name} = {PACKAGE}:main\n".encode(errors="replace")
    return [*entries, Entry(f"{_INFO}/entry_points.txt", text)]


def grow_file(rng: Random, entries: Entries) -> Entries:
    """Make a file larger than memory. It compresses to little."""
    rng.choice(entries).data = bytes(1 << 28)
    return entries


def edit_record(rng: Random, entries: Entries) -> Entries:
    """Leave RECORD out, or write something else to it."""
    record = entries.pop()
    rows = "".join(f"{it.filename},,\n" for it in entries).encode(errors="replace")
    texts = (
        rows,
        record.data.upper(),
        record.data * 2,
        b'"' * 999,
        b"\0",
        b"a,b,c,d\n",
    )
    if rng.random() < 0.8:
        entries.append(Entry(record.filename, rng.choice((*texts, b"x" * 200_000))))
    return entries


def change_number(rng: Random, content: bytes) -> bytes:
    """Change a number in a header."""
    signature = rng.choice(tuple(_NUMBERS))
    at = content.find(signature, rng.randrange(len(content) + 1))
    offset, size = rng.choice(_NUMBERS[signature])
    value = rng.choice((*_VALUES, len(content), rng.getrandbits(32))) % (1 << 8 * size)
    number = value.to_bytes(size, "little")
    return content[: at + offset] + number + content[at + offset + size :]


def change_name(rng: Random, content: bytes) -> bytes:
    """Write a byte that is not UTF-8 to a name, in one header or in both."""
    name = rng.choice((b"version.py", b"RECORD", b"METADATA", b"__init__"))
    return content.replace(name, b"\xff" + name[1:], rng.choice((1, -1)))


def surround(rng: Random, content: bytes) -> bytes:
    """Put bytes before, after or between the members."""
    junk = rng.choice(_JUNK)
    between = content.replace(b"PK\1\2", junk + b"PK\1\2", 1)
    return rng.choice((junk + content, content + junk, between))


def join(rng: Random, content: bytes) -> bytes:
    """Join two wheels, so that programs disagree on which one it is."""
    evil = [Entry(f"{PACKAGE}/{name}", data) for name, data in shared.EVIL.items()]
    pair = [content, _pack(evil)]
    rng.shuffle(pair)
    first, second = pair
    try:
        (files, directory), (more_files, more) = map(_split, pair)
        more = _move(more, len(files))
    except (struct.error, ValueError):
        return first + second  # it is damaged
    files += more_files
    start = len(files)
    ends = [_end(start, directory), _end(start + len(directory), more)]
    count = more.count(b"PK\1\2")
    zip64 = struct.pack(
        "<4sQ4xQQQQQ", b"PK\6\6", 44, 0, count, count, len(more), start + len(directory)
    )
    zip64 += struct.pack("<4sIQI", b"PK\6\7", 0, start + len(directory + more), 1)
    return rng.choice((
        first + second, files + directory + ends[0], files + directory + more + zip64 + ends[0],
        files + directory + more + ends[0] + ends[1], files + directory + more + ends[1] + ends[0],
        first[:-2] + len(second).to_bytes(2, "little") + second,  # as a comment
    ))  # fmt: skip


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Split a wheel into its files and its central directory."""
    size, start = struct.unpack_from("<II", content, content.rindex(b"PK\5\6") + 12)
    return content[:start], content[start : start + size]


def _move(directory: bytes, by: int) -> bytes:
    """Add *by* to the offset in each entry of a central directory."""
    moved, at = bytearray(directory), 0
    while at < len(moved):
        (offset,) = struct.unpack_from("<I", moved, at + 42)
        struct.pack_into("<I", moved, at + 42, (offset + by) % (1 << 32))
        at += 46 + sum(struct.unpack_from("<HHH", moved, at + 28))
    return bytes(moved)


def _end(start: int, directory: bytes) -> bytes:
    """Return the record that ends a wheel."""
    count = directory.count(b"PK\1\2")
    return struct.pack(
        "<4sIHHIIH", b"PK\5\6", 0, count, count, len(directory), start, 0
    )


def _pack(entries: Entries) -> bytes:
    file = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(file, "w", compresslevel=1) as wheel,
    ):
        for entry in entries:
            wheel.writestr(entry, entry.data)
    return file.getvalue()


def _hash(data: bytes) -> str:
    if len(data) > 1 << 20:
        return "sha256=x"  # it would take seconds
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"


ENTRIES = by_name(rename_locally, add_extra_field, change_mode, add_script)
GROWTH = by_name(grow_file)
RECORD = by_name(edit_record)
BYTES = by_name(change_number, change_name, surround, join, shared.damage)
# Growth takes seconds, so it is rare.
MUTATIONS = (*(*shared.FILES, *ENTRIES, *RECORD, *BYTES) * 5, *GROWTH)
