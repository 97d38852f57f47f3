"""Makes sdists that programs may unpack in different ways."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from pathlib import Path
from random import Random
from tarfile import TarInfo

from tests.fuzz import mutations as shared
from tests.fuzz.mutations import PACKAGE, TOP, Draft, Mutations, by_name, mutate

_FOLDER = f"{TOP}/src/{PACKAGE}"
_PYPROJECT = b"""\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# Puts the package into a wheel as it is in the unpacked sdist.
_BACKEND = f"""\
import pathlib, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name, info = "{TOP}-py3-none-any.whl", "{TOP}.dist-info"
    path = pathlib.Path(folder, name)
    with zipfile.ZipFile(path, "w", strict_timestamps=False) as wheel:
        for path in filter(pathlib.Path.is_file, pathlib.Path("src").rglob("*")):
            wheel.write(path, path.relative_to("src"))
        wheel.write("PKG-INFO", f"{{info}}/METADATA")
        wheel.writestr(f"{{info}}/RECORD", "")
        wheel.writestr(f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    return name
"""
_TYPES = [bytes((it,)) for it in b"01234567SLKDMVxgXA\0"]
_NUMBERS = (
    "0",
    "1",
    "511",
    "512",
    "-1",
    "9" * 30,
    "1e3",
    "0x10",
    " 5",
    "x",
    "5\0",
    "1_0",
)
# Where a header has each text, and each number: offset and size.
_TEXTS, _SIZES = (
    ((0, 100), (157, 100), (257, 8), (345, 155)),
    ((100, 8), (124, 12), (136, 12)),
)
Member = tuple[TarInfo, bytes]
Members = list[Member]


def make(folder: Path, mutations: Mutations) -> Path:
    """Write an sdist with these *mutations* to *folder*; return its path."""
    files = {"PKG-INFO": shared.METADATA, "pyproject.toml": _PYPROJECT}
    files |= {"backend.py": _BACKEND.encode(), f"src/{PACKAGE}/__init__.py": b""}
    files[f"src/{PACKAGE}/build_info.py"] = shared.BUILD_INFO
    files[f"src/{PACKAGE}/version.py"] = shared.VERSION_PY
    metadata = (f"{TOP}/PKG-INFO", f"{_FOLDER}/PKG-INFO", "other/PKG-INFO", "PKG-INFO")
    named = [(f"{TOP}/{name}", data) for name, data in files.items()]
    draft = Draft(named, _FOLDER, (f"{TOP}/{PACKAGE}", f"src/{PACKAGE}"), metadata)
    draft = mutate(shared.FILES, mutations, draft)
    members = mutate(MEMBERS, mutations, [_make_file(*file) for file in draft.files])
    packed = gzip.compress(mutate(BYTES, mutations, _pack(members)), 1, mtime=0)
    sdist = folder / f"{TOP}.tar.gz"
    # By its size, grow_file comes last.
    sdist.write_bytes(mutate(GROWTH, mutations, mutate(PACKED, mutations, packed)))
    return sdist


def add_link(rng: Random, members: Members) -> Members:
    """Put a link or a special file at a stamped file, or above it."""
    name, data = shared.pick_evil(rng, _FOLDER)
    file = name.rpartition("/")[2]
    kind = rng.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, rng.choice(_TYPES)))
    at, to, other = rng.choice((
        (name, "e.txt", f"{_FOLDER}/e.txt"), (name, f"{_FOLDER}/e.txt", f"{_FOLDER}/e.txt"),
        (f"{TOP}/alias", "src", f"{TOP}/alias/{PACKAGE}/{file}"),
        (f"{TOP}/alias", f"src/{PACKAGE}/{file}", f"{TOP}/alias"), (f"{TOP}/alias", name, f"{TOP}/alias"),
        (f"{TOP}/src", "evil", f"{TOP}/evil/{PACKAGE}/{file}"),
        (_FOLDER, f"../evil/{PACKAGE}", f"{TOP}/evil/{PACKAGE}/{file}"),
    ))  # fmt: skip
    added = [_make_member(at, kind, link=to), _make_file(other, data)]
    rng.shuffle(added)
    return _insert(rng, members, *added)


def add_pax_header(rng: Random, members: Members) -> Members:
    """Put a pax header before a file, also a global or a malformed one."""
    name, data = shared.pick_evil(rng, _FOLDER)
    number, sparse = rng.choice(_NUMBERS), "GNU.sparse"
    version = {f"{sparse}.major": "1", f"{sparse}.minor": "0"}
    content = _make_records(rng.choice((
        {"path": name}, {"path": shared.disguise(rng, name)}, {"path": f"{name}\udcff"},
        {"linkpath": name}, {"size": number}, {"size": number, "path": name}, {"mtime": number},
        {f"{sparse}.map": number}, {f"{sparse}.size": number, f"{sparse}.map": "0,1"},
        {**version, f"{sparse}.name": name}, {**version, f"{sparse}.realsize": number},
        {f"{sparse}.numblocks": number, f"{sparse}.offset": "0", f"{sparse}.numbytes": number},
    )))  # fmt: skip
    content = shared.damage(rng, content) if rng.random() < 0.2 else content
    header = _make_member("pax", rng.choice((b"x", b"g", b"X")), content)
    return _insert(rng, members, header, _make_file(f"{_FOLDER}/other.py", data))


def add_long_name(rng: Random, members: Members) -> Members:
    """Put GNU's member with a long name, or a long link, before a file."""
    name, data = shared.pick_evil(rng, _FOLDER)
    content = f"{shared.disguise(rng, name)}\0".encode()
    header = _make_member("././@LongLink", rng.choice((b"L", b"K")), content)
    return _insert(rng, members, header, _make_file(f"{_FOLDER}/other.py", data))


def hide_member(rng: Random, members: Members) -> Members:
    """Put a member into the data of another, where a wrong size would find it."""
    hidden = _pack([_make_file(*shared.pick_evil(rng, _FOLDER))])[:1024]
    records = _make_records({"size": rng.choice(("0", "1", str(len(hidden))))})
    header = _make_member("pax", rng.choice((b"x", b"g", b"X")), records)
    return _insert(rng, members, header, _make_file(f"{TOP}/data.bin", hidden))


def change_header(rng: Random, content: bytes) -> bytes:
    """Change a field of a header, and correct the checksum."""
    at = max(0, content.find(b"ustar", rng.randrange(len(content) + 1)) - 257)
    header = bytearray(content[at : at + 512].ljust(512, b"\0"))
    number = rng.choice(_NUMBERS).encode()
    numbers = (
        number,
        number.rjust(11, b"0"),
        b"\x80" + rng.randbytes(11),
        b"\xff" * 12,
    )
    name, _ = shared.pick_evil(rng, _FOLDER)
    texts = (name.encode(), shared.disguise(rng, name).encode(), b"", b"\xff")
    (start, size), value = rng.choice((
        ((156, 1), rng.choice(_TYPES)), (rng.choice(_SIZES), rng.choice(numbers)),
        (rng.choice(_TEXTS), rng.choice(texts)),
    ))  # fmt: skip
    header[start : start + size] = value[:size].ljust(size, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return content[:at] + header + content[at + 512 :]


def join(rng: Random, content: bytes) -> bytes:
    """Join two archives, with or without the zeros that end the first one."""
    pair = [content, _pack_evil()]
    rng.shuffle(pair)
    end = len(pair[0].rstrip(b"\0"))
    gap = -end % 512 + rng.choice((0, 100, 512, 1024, 1536, 10240))
    return pair[0][:end] + bytes(gap) + pair[1]


def join_streams(rng: Random, packed: bytes) -> bytes:
    """Compress in several streams, or otherwise, or add bytes after the end."""
    try:
        content, evil = gzip.decompress(packed), gzip.compress(_pack_evil())
    except (OSError, EOFError, zlib.error):
        return packed  # it is damaged
    at = rng.randrange(len(content))
    return rng.choice((
        gzip.compress(content[:at]) + gzip.compress(content[at:]), packed + evil, evil + packed,
        packed + bytes(1024), packed + b"x" * 100, bz2.compress(content), lzma.compress(content),
    ))  # fmt: skip


def grow_file(rng: Random, packed: bytes) -> bytes:
    """Put a file before the others that is larger than memory, but compresses well."""
    names = (f"{_FOLDER}/version.py", f"{TOP}/PKG-INFO", f"{TOP}/a/version.py")
    member, _ = _make_file(rng.choice(names), b"")
    member.size = 1 << 29
    mebibyte = gzip.compress(b"#" * (1 << 20), 1, mtime=0)
    return gzip.compress(member.tobuf(), mtime=0) + mebibyte * 512 + packed


def _make_file(name: str, data: bytes) -> Member:
    return _make_member(name, tarfile.REGTYPE, data)


def _make_member(name: str, kind: bytes, data: bytes = b"", link: str = "") -> Member:
    member = TarInfo(name)
    member.type, member.linkname = kind, link
    member.mode, member.size = 0o755, len(data)
    return member, data


def _make_records(records: dict[str, str]) -> bytes:
    """Return the records of a pax header: "LENGTH KEY=VALUE", with its own length."""
    content = b""
    for key, value in records.items():
        record = f" {key}={value}\n".encode(errors="surrogateescape")
        length = next(it for it in range(9999) if it == len(str(it)) + len(record))
        content += str(length).encode() + record
    return content


def _insert(rng: Random, members: Members, *added: Member) -> Members:
    at = rng.randrange(len(members) + 1)
    return [*members[:at], *added, *members[at:]]


def _pack(members: Members) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as sdist:
        for member, data in members:
            sdist.addfile(member, io.BytesIO(data))
    return file.getvalue()


def _pack_evil() -> bytes:
    return _pack(
        [_make_file(f"{_FOLDER}/{it}", data) for it, data in shared.EVIL.items()]
    )


MEMBERS = by_name(add_link, add_pax_header, add_long_name, hide_member)
BYTES = by_name(change_header, join)
PACKED = by_name(join_streams, shared.damage)
GROWTH = by_name(grow_file)
# Growth takes seconds, so it is rare.
MUTATIONS = (*(*shared.FILES, *MEMBERS, *BYTES, *PACKED) * 5, *GROWTH)
