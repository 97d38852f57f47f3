"""Makes small wheels and sdists whose members a test chooses."""

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

WHEEL = "shelf-1.4.0-py3-none-any.whl"
SDIST = "shelf-1.4.0.tar.gz"
DIST_INFO = "shelf-1.4.0.dist-info"
TOP = "shelf-1.4.0"
VERSION_PY = b'__version__ = "1.4.0"\n__channel__ = "stable"\n'
EVIL = VERSION_PY.replace(b"stable", b"beta")
BUILD_INFO = b'SOURCE_COMMIT = "bd86dca57"\nBUILD_DATE = "2026-05-18T12:00:00Z"\n'
METADATA = b"Metadata-Version: 2.1\nName: shelf\nVersion: 1.4.0\n"
MEMBERS: Mapping[str, bytes] = {
    "shelf/__init__.py": b"",
    "shelf/version.py": VERSION_PY,
    "shelf/build_info.py": BUILD_INFO,
    f"{DIST_INFO}/METADATA": METADATA,
    f"{DIST_INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
}


def make_wheel(
    folder: Path,
    changes: Mapping[str, bytes | None] = {},
    *,
    name: str = WHEEL,
    record: str = f"{DIST_INFO}/RECORD",
    twice: Iterable[tuple[str, bytes]] = (),
) -> Path:
    """Make a wheel with MEMBERS, then *changes* (None: without), then those *twice*."""
    changed = {**MEMBERS, **changes}.items()
    members = [
        *((it, content) for it, content in changed if content is not None),
        *twice,
    ]
    rows = [f'"{it}",sha256={_hash(content)},' for it, content in members]
    members.append((record, "\n".join([*rows, f"{record},,", ""]).encode()))
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for it, content in members:
            info = zipfile.ZipInfo(it)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def make_file(
    name: str, content: bytes, **fields: object
) -> tuple[tarfile.TarInfo, bytes]:
    """Make a member of a tar archive, with other *fields* of its header."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in fields.items():
        setattr(member, key, value)
    return member, content


def make_link(
    name: str, target: str, *, hard: bool = False
) -> tuple[tarfile.TarInfo, bytes]:
    """Make a link in a tar archive."""
    kind = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
    return make_file(name, b"", type=kind, linkname=target)


def make_sdist(
    folder: Path,
    *more: tuple[tarfile.TarInfo, bytes],
    changes: Mapping[str, bytes] = {},
    mode: str = "w:gz",
    name: str = SDIST,
) -> Path:
    """Make an sdist with three files, changed by *changes*, and the members *more*."""
    files = {
        f"{TOP}/PKG-INFO": METADATA,
        f"{TOP}/src/shelf/__init__.py": b"",
        f"{TOP}/src/shelf/version.py": VERSION_PY,
        f"{TOP}/src/shelf/build_info.py": BUILD_INFO,
        **changes,
    }
    path = folder / name
    with tarfile.open(path, mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]  # a mode of the test's
        for member, content in (*(make_file(*it) for it in files.items()), *more):
            archive.addfile(member, io.BytesIO(content) if content else None)
    return path


def _hash(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
