"""`verify` judges what every reader makes of an sdist, and names what it cannot."""

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.build.crafted import (
    EVIL,
    METADATA,
    TOP,
    VERSION_PY,
    make_file,
    make_link,
    make_sdist,
)
from tests.build.verdicts import verify, verify_in_little_memory

VERSION = f"{TOP}/src/shelf/version.py"
PAX = tarfile.PAX_FORMAT


def test_an_ordinary_sdist_passes(tmp_path: Path) -> None:
    sdist = make_sdist(
        tmp_path,
        make_file(f"{TOP}/src", b"", type=tarfile.DIRTYPE),
        make_link(f"{TOP}/docs/latest", "../src/shelf"),
        make_link(f"{TOP}/copy.py", f"{TOP}/src/shelf/__init__.py", hard=True),
        make_file(f"{TOP}/{'long/' * 60}name", b""),
        make_file(f"{TOP}/x\u00e9", b""),
    )

    assert verify(sdist, "--strict") == []


def test_an_sdist_with_gnu_names_passes(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path)
    with tarfile.open(sdist, "w:gz", format=tarfile.GNU_FORMAT) as archive:
        for member, content in (
            make_file(f"{TOP}/PKG-INFO", METADATA),
            make_file(VERSION, VERSION_PY),
            make_file(f"{TOP}/{'long/' * 60}name", b""),
            make_link(f"{TOP}/link", "long/" * 60 + "name"),
        ):
            archive.addfile(member, io.BytesIO(content))

    assert verify(sdist) == []


@pytest.mark.parametrize("prefix", ["./", ""])
def test_a_tarball_may_begin_with_the_current_folder(
    tmp_path: Path, prefix: str
) -> None:
    with tarfile.open(tmp_path / "shelf.tar.xz", "w:xz") as archive:
        archive.addfile(make_file("." if prefix else "a", b"", type=tarfile.DIRTYPE)[0])
        for name in ("src/shelf/__init__.py", "src/shelf/version.py"):
            member, content = make_file(prefix + name, VERSION_PY)
            archive.addfile(member, io.BytesIO(content))

    assert verify(tmp_path / "shelf.tar.xz") == []


MEMBERS: dict[str, list[tuple[tarfile.TarInfo, bytes]]] = {
    "an absolute name": [make_file(f"/{VERSION}", EVIL)],
    "a name with ..": [make_file(f"{TOP}/../{VERSION}", EVIL)],
    "a name that leads out": [make_file("../version.py", EVIL)],
    "a name with .": [make_file(f"{TOP}/./src/shelf/version.py", EVIL)],
    "a name with //": [make_file(f"{TOP}//src/shelf/version.py", EVIL)],
    "the same name": [make_file(VERSION, EVIL)],
    "another case": [make_file(VERSION.replace("version", "Version"), EVIL)],
    "another case of a folder": [make_file(VERSION.replace("src", "SRC"), EVIL)],
    "backslashes": [make_file(VERSION.replace("/", "\\"), EVIL)],
    "a drive": [make_file(f"C:{VERSION}", EVIL)],
    "a slash behind": [make_file(f"{VERSION}/", EVIL)],
    "a file below a file": [make_file(f"{VERSION}/x", b"")],
    "a folder of that name": [make_file(VERSION, b"", type=tarfile.DIRTYPE)],
    "a link of that name": [make_link(VERSION, "__init__.py")],
    "a hard link of that name": [
        make_file(f"{TOP}/evil", EVIL),
        make_link(VERSION, f"{TOP}/evil", hard=True),
    ],
    "a FIFO of that name": [make_file(VERSION, b"", type=tarfile.FIFOTYPE)],
    "below a link": [
        make_link(f"{TOP}/alias", "src"),
        make_file(f"{TOP}/alias/shelf/version.py", EVIL),
    ],
    "a link for a package": [
        make_file(f"{TOP}/evil/__init__.py", EVIL),
        make_link(f"{TOP}/src/shelf/version", "../../evil"),
    ],
    "a package": [make_file(f"{TOP}/src/shelf/version/__init__.py", EVIL)],
    "an extension module": [make_file(f"{TOP}/src/shelf/version.abi3.so", EVIL)],
    "bytecode": [
        make_file(f"{TOP}/src/shelf/__pycache__/version.cpython-312.pyc", b"")
    ],
    "a device": [make_file(f"{TOP}/null", b"", type=tarfile.CHRTYPE)],
    "a block device": [make_file(f"{TOP}/disk", b"", type=tarfile.BLKTYPE)],
    "a FIFO": [make_file(f"{TOP}/pipe", b"", type=tarfile.FIFOTYPE)],
    "an absolute link": [make_link(f"{TOP}/passwd", "/etc/passwd")],
    "a link that leads out": [make_link(f"{TOP}/out", "../../x")],
    "a hard link that leads out": [make_link(f"{TOP}/out", "../x", hard=True)],
    "a chain of links that leads out": [
        make_link(f"{TOP}/a", "src/shelf"),
        make_link(f"{TOP}/b", "a/../../../../x"),
    ],
    "a link to itself": [make_link(f"{TOP}/loop", "loop")],
    "a second top folder": [make_file("other/x", b"")],
    "a second PKG-INFO": [make_file("other-1.0/PKG-INFO", METADATA)],
    "a file at the top": [make_file("README", b"")],
    "gaps": [make_file(f"{TOP}/gaps", b"x", pax_headers={"GNU.sparse.map": "0,1"})],
    "gaps in the next format": [
        make_file(f"{TOP}/gaps", b"x", pax_headers={"GNU.sparse.major": "1"})
    ],
    "GNU's gaps": [make_file(f"{TOP}/gaps", b"", type=tarfile.GNUTYPE_SPARSE)],
    "another size": [make_file(f"{TOP}/x", b"x", pax_headers={"size": "2"})],
    "a size in words": [make_file(f"{TOP}/x", b"x", pax_headers={"size": "one"})],
    "an empty path": [make_file(f"{TOP}/x", b"x", pax_headers={"path": ""})],
    "a path with a zero byte": [
        make_file(f"{TOP}/x", b"x", pax_headers={"path": f"{VERSION}\0x"})
    ],
    "another path": [make_file(f"{TOP}/x", EVIL, pax_headers={"path": VERSION})],
    "an unknown type": [make_file(f"{TOP}/x", b"", type=b"Z")],
    "a contiguous file": [make_file(f"{TOP}/x", b"", type=tarfile.CONTTYPE)],
    "a link with content": [
        make_file(f"{TOP}/x", b"x", type=tarfile.SYMTYPE, linkname="y")
    ],
    "a header of Solaris": [make_file("x", b"18 path=elsewhere\n", type=b"X")],
    "a header of a whole archive": [
        make_file("x", b"18 path=elsewhere\n", type=tarfile.XGLTYPE)
    ],
    "a header at the end": [
        make_file("x", b"18 path=elsewhere\n", type=tarfile.XHDTYPE)
    ],
    "a malformed header": [
        make_file("x", b"99 path=elsewhere\n", type=tarfile.XHDTYPE)
    ],
    "two names": [
        make_file("x", b"18 path=elsewhere\n", type=tarfile.XHDTYPE),
        make_file("././@LongLink", VERSION.encode() + b"\0", type=b"L"),
        make_file(f"{TOP}/x", EVIL),
    ],
    "two long names": [
        make_file("././@LongLink", b"elsewhere\0", type=b"L"),
        make_file("././@LongLink", VERSION.encode() + b"\0", type=b"L"),
        make_file(f"{TOP}/x", EVIL),
    ],
    "a huge header": [make_file("x", b"x" * (1 << 21), type=tarfile.XHDTYPE)],
}


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS)
def test_a_member_that_readers_unpack_in_different_ways_fails(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    failures = verify(make_sdist(tmp_path, *members))

    assert any(it.startswith(("archive", "open")) for it in failures), failures


@pytest.mark.parametrize(
    "member",
    [
        make_file(f"{TOP}/x", b"x", pax_headers={"size": "1", "mtime": "1.5"}),
        make_file(f"{TOP}/x", b"x", pax_headers={"SCHILY.xattr.user.note": "x"}),
        make_file("pax_global_header", b"13 comment=x\n", type=tarfile.XGLTYPE),
        make_file(f"{TOP}/run", b"x", mode=0o6755),
        make_file(f"{TOP}/unit\\x2dname", b"x"),
    ],
    ids=["size", "attributes", "comment of git archive", "setuid", "backslash"],
)
def test_a_member_that_all_readers_unpack_alike_passes(
    tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]
) -> None:
    assert verify(make_sdist(tmp_path, member)) == []


def patch_header(data: bytes, at: int, new: bytes) -> bytes:
    """Change the header of version.py in a tar archive, and its checksum."""
    start = next(
        it for it in range(0, len(data), 512) if data[it:].startswith(VERSION.encode())
    )
    header = bytearray(data[start : start + 512])
    header[at : at + len(new)] = new
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return data[:start] + bytes(header) + data[start + 512 :]


TAR_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a second archive behind": lambda data: data + data,
    "bytes behind": lambda data: data + b"x" * 512,
    "one block of zeros, then a member": lambda data: (
        data.rstrip(b"\0") + bytes(-len(data.rstrip(b"\0")) % 512) + bytes(512) + data
    ),
    "no end": lambda data: data.rstrip(b"\0") + bytes(-len(data.rstrip(b"\0")) % 512),
    "a cut": lambda data: data[:1300],
    "a broken checksum": lambda data: data.replace(
        VERSION.encode(), b"x" * len(VERSION), 1
    ),
    "a negative size": lambda data: patch_header(data, 124, b"\xff" * 12),
    "a size with an underscore": lambda data: patch_header(data, 124, b"0000000_052\0"),
    "a size with bytes behind": lambda data: patch_header(
        data, 124, b"00000052\x009\0\0"
    ),
    "a huge size": lambda data: patch_header(data, 124, b"\x80" + b"\x7f" * 11),
    "a prefix in the format of GNU": lambda data: patch_header(
        patch_header(data, 257, b"ustar  \0"), 345, b"other"
    ),
    "an unknown format": lambda data: patch_header(data, 257, b"starus00"),
    "a header of star": lambda data: patch_header(data, 508, b"tar\0"),
    "a folder in the oldest format": lambda data: patch_header(
        patch_header(data, 156, b"\0"), len(VERSION), b"/"
    ),
}


@pytest.mark.parametrize("damage", TAR_DAMAGE.values(), ids=TAR_DAMAGE)
def test_a_tar_archive_that_readers_differ_on_fails(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    sdist = make_sdist(tmp_path)
    sdist.write_bytes(gzip.compress(damage(gzip.decompress(sdist.read_bytes()))))

    failures = verify(sdist)

    assert any(it.startswith(("archive", "open")) for it in failures), failures


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "": bytes,
}


@pytest.mark.parametrize(("suffix", "compress"), COMPRESSORS.items(), ids=COMPRESSORS)
def test_every_compression_is_read(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    plain = make_sdist(tmp_path, mode="w").read_bytes()
    path = tmp_path / f"shelf-1.4.0.tar.{suffix}".rstrip(".")
    path.write_bytes(compress(plain))

    assert verify(path) == []


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
@pytest.mark.parametrize("behind", ["a stream", "bytes", "zeros", "a cut"])
def test_anything_but_one_compressed_stream_fails(
    tmp_path: Path, suffix: str, behind: str
) -> None:
    plain = make_sdist(tmp_path, mode="w").read_bytes()
    compress = COMPRESSORS[suffix]
    data = {
        "a stream": compress(plain[:1024]) + compress(plain[1024:]),
        "bytes": compress(plain) + b"notes",
        "zeros": compress(plain) + bytes(4),
        "a cut": compress(plain)[:-5],
    }[behind]
    path = tmp_path / f"shelf-1.4.0.tar.{suffix}"
    path.write_bytes(data)

    assert verify(path)[0].startswith("open")


def test_a_huge_member_ends_in_a_sentence(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path, make_file(f"{TOP}/a/version.py", bytes(1 << 26)))

    assert f"{TOP}/a/version.py is too long" in verify(sdist)[0]


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="Python before 3.11.4")
@pytest.mark.parametrize(
    "members",
    [
        it
        for name, it in MEMBERS.items()
        if re.search("link|FIFO|device|leads out|drive|absolute|\\.\\.", name)
    ],
)
def test_verify_refuses_all_that_the_data_filter_refuses(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    sdist = make_sdist(tmp_path, *members)
    data_filter: Any = tarfile.data_filter
    refused = False
    with tarfile.open(sdist) as archive:
        for member in archive:
            try:
                data_filter(member, str(tmp_path / "unpacked"))
                archive.extract(member, tmp_path / "unpacked", filter="data")
            except (tarfile.FilterError, OSError):
                refused = True

    assert bool(verify(sdist)) >= refused


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shelf-1.4.0.tar.gz")
    (tmp_path / "tree").mkdir()
    os.mkfifo(tmp_path / "tree" / "version.py")

    assert "it is not a file" in verify(tmp_path / "shelf-1.4.0.tar.gz")[0]
    assert "version.py is a FIFO" in verify(tmp_path / "tree")[0]


def test_a_directory_with_bytecode_passes_and_with_a_package_instead_fails(
    tmp_path: Path,
) -> None:
    """Python writes bytecode into folders that it runs from."""
    (tmp_path / "shelf" / "__pycache__").mkdir(parents=True)
    (tmp_path / "shelf" / "version.py").write_bytes(VERSION_PY)
    (tmp_path / "shelf" / "__pycache__" / "version.cpython-312.pyc").touch()
    assert verify(tmp_path / "shelf") == []

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "shelf" / "version").symlink_to(tmp_path / "elsewhere")
    assert "could be imported in place of" in verify(tmp_path / "shelf")[0]


def test_a_member_of_256_mib_takes_little_memory(tmp_path: Path) -> None:
    sdist = make_sdist(tmp_path, make_file(f"{TOP}/a/version.py", bytes(1 << 28)))

    (problem,) = verify_in_little_memory(sdist)

    assert "version.py is too long" in problem
