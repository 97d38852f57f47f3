"""`verify` judges what every installer makes of a wheel, and names what it cannot."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.crafted import (
    BUILD_INFO,
    DIST_INFO,
    EVIL,
    METADATA,
    VERSION_PY,
    WHEEL,
    make_wheel,
)
from tests.build.verdicts import verify, verify_in_little_memory

DATA = "shelf-1.4.0.data"
VERSION = "shelf/version.py"


def test_an_ordinary_wheel_passes(tmp_path: Path) -> None:
    assert verify(make_wheel(tmp_path), "--strict") == []


@pytest.mark.parametrize(
    "name",
    [
        "shelf/x/../version.py",
        "./shelf/version.py",
        "shelf//version.py",
        "/shelf/version.py",
        "../shelf/version.py",
        "shelf\\version.py",
        "shelf\\..\\shelf\\version.py",
        "C:shelf/version.py",
        "C:/shelf/version.py",
        "shelf/version.py::$DATA",
        "shelf/Version.py",
        "SHELF/version.py",
        "shelf/version.PY",
        "shelf/version.py.",
        "shelf/version.py ",
        "shelf./version.py",
        "shelf/ver\u017fion.py",
        "shelf/ver\ufb01sion.py/../version.py",
        "shelf/\uff56ersion.py",
        "shelf/ver\u200csion.py",
        "shelf/version.py/",
        "shelf/version.py/x",
        "shelf/BUILD_INFO.py",
        f"{DATA}/purelib/shelf/version.py",
        f"{DATA}/platlib/shelf/version.py",
        f"{DATA}/platlib/./shelf/version.py",
        f"{DATA}/purelib/SHELF/version.py",
        f"{DATA}/data/shelf/version.py",
        f"{DATA}/data/lib/python3.12/site-packages/shelf/version.py",
        f"{DATA}/data/Lib/site-packages/shelf/version.py",
        f"{DATA}/data/lib/python/shelf/version.py",
        "other-1.0.data/purelib/shelf/version.py",
        "Shelf-1.4.0.data/purelib/shelf/version.py",
        "shelf/version/__init__.py",
        "shelf/version/__init__.pyc",
        "shelf/version/__init__.cpython-312-x86_64-linux-gnu.so",
        "shelf/version.so",
        "shelf/version.abi3.so",
        "shelf/version.cpython-312-x86_64-linux-gnu.so",
        "shelf/version.cp312-win_amd64.pyd",
        "shelf/version.pyd",
        "shelf/version.pyw",
        "shelf/version.pyc",
        "shelf/__pycache__/version.cpython-312.pyc",
        "shelf/__pycache__/version.cpython-312.opt-1.pyc",
        "shelf/build_info/__init__.py",
        "shelf/build_info.abi3.so",
        "shelf/__pycache__/build_info.cpython-312.pyc",
        f"{DATA}/platlib/shelf/version.abi3.so",
    ],
)
def test_another_file_in_place_of_a_stamped_one_fails_by_name(
    tmp_path: Path, name: str
) -> None:
    failures = verify(make_wheel(tmp_path, {name: EVIL}))

    shown = name.replace("\u200c", "\\u200c")
    assert any(it.startswith(("archive", "open")) and shown in it for it in failures), (
        failures
    )


@pytest.mark.parametrize(
    "name",
    [
        "shelf/version.pyi",
        "shelf/version/__init__.pyi",
        "shelf/version/notes.txt",
        "shelf/versions.py",
        "shelf/_version.py",
        "shelf/vendored/version.abi3.so",
        "shelf/__pycache__/other.cpython-312.pyc",
        "shelf/vendored/other-1.0.dist-info/METADATA",
        "shelf/vendored/other-1.0.dist-info/RECORD",
        f"{DATA}/scripts/version.py",
        f"{DATA}/data/share/shelf/notes.py",
        f"{DATA}/purelib/other/version.py",
        "shelf/caf\u00e9.py",
    ],
)
def test_files_that_no_import_of_the_stamp_finds_pass(
    tmp_path: Path, name: str
) -> None:
    assert verify(make_wheel(tmp_path, {name: b""}), "--strict") == []


def test_a_package_in_purelib_is_read_there(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        contents = {it: archive.read(it) for it in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in contents.items():
            moved = name.replace("shelf/", f"{DATA}/purelib/shelf/")
            archive.writestr(
                moved, content.replace(b'"shelf/', f'"{DATA}/purelib/shelf/'.encode())
            )

    assert verify(wheel, "--strict") == []


def test_a_module_beside_a_folder_without_init_fails(tmp_path: Path) -> None:
    changes: dict[str, bytes | None] = {"shelf.py": b""}
    assert verify(make_wheel(tmp_path, changes)) == []

    changes["shelf/__init__.py"] = None
    failures = verify(make_wheel(tmp_path, changes))
    assert "shelf.py could be imported in place of the folder shelf" in failures[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_fails(tmp_path: Path) -> None:
    failures = verify(
        make_wheel(tmp_path, twice=[("shelf/a.py", b"1"), ("shelf/a.py", b"2")])
    )

    assert "it contains shelf/a.py twice" in failures[0]


def test_files_that_differ_in_case_only_fail(tmp_path: Path) -> None:
    failures = verify(make_wheel(tmp_path, {"shelf/a.py": b"", "shelf/A.py": b""}))

    assert "shelf/a.py and shelf/A.py are put at one path" in failures[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"other-1.0.dist-info/METADATA": b""}, "it has 2 .dist-info folders"),
        ({"Shelf-1.4.0.DIST-INFO/METADATA": b""}, "it has 2 .dist-info folders"),
        ({"other.dist-info": b""}, "it has 2 .dist-info folders"),
        (
            {f"{DATA}/purelib/other-1.0.dist-info/METADATA": b""},
            "it has 2 .dist-info folders",
        ),
        ({f"{DATA}/purelib/{DIST_INFO}/METADATA": METADATA}, "are put at one path"),
        (
            {f"{DIST_INFO}/METADATA": METADATA + b"Version: 2.0\n"},
            "another Name or Version",
        ),
        (
            {f"{DIST_INFO}/METADATA": METADATA + b"name: other\n"},
            "another Name or Version",
        ),
        ({f"{DIST_INFO}/METADATA": b"Name: shelf\n"}, "another Name or Version"),
    ],
)
def test_metadata_that_could_be_another_fails(
    tmp_path: Path, changes: dict[str, bytes], message: str
) -> None:
    failures = verify(make_wheel(tmp_path, changes))

    assert any(message in it for it in failures), failures


@pytest.mark.parametrize(
    "name",
    ["shelf-1.4.0.whl", "shelf-x-py3-none-any.whl", "shelf-1.4.1-py3-none-any.whl"],
)
def test_a_file_name_that_does_not_fit_fails(tmp_path: Path, name: str) -> None:
    assert "name     the file is" in verify(make_wheel(tmp_path, name=name))[0]


def test_a_dist_info_folder_of_another_version_fails(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    wheel.write_bytes(wheel.read_bytes().replace(b"shelf-1.4.0.d", b"shelf-1.4.1.d"))

    assert any("its metadata is in shelf-1.4.1.dist-info" in it for it in verify(wheel))


def test_a_file_that_the_record_lists_twice_fails(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        contents = {it: archive.read(it) for it in archive.namelist()}
    contents[f"{DIST_INFO}/RECORD"] += f"{VERSION},sha256=x,\n".encode()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)

    assert any(f"record   {VERSION} is listed twice" in it for it in verify(wheel))


# The structure of the zip archive

END, CENTRAL, LOCAL = b"PK\5\6", b"PK\1\2", b"PK\3\4"


def patch(data: bytes, at: int, form: str, value: object) -> bytes:
    new = struct.pack(form, value)
    return data[:at] + new + data[at + len(new) :]


def end_of(data: bytes) -> tuple[int, int]:
    """Return where the end record and the directory begin."""
    end = data.rindex(END)
    return end, struct.unpack_from("<L", data, end + 16)[0]


def insert_before_directory(data: bytes, extra: bytes) -> bytes:
    end, start = end_of(data)
    data = patch(data, end + 16, "<L", start + len(extra))
    return data[:start] + extra + data[start:]


def make_local(name: bytes, content: bytes) -> bytes:
    sizes = (zlib.crc32(content), len(content), len(content), len(name), 0)
    return struct.pack("<4s5H3L2H", LOCAL, 20, 0, 0, 0, 33, *sizes) + name + content


def make_evil(data: bytes, folder: Path) -> bytes:
    del data
    (folder / "evil").mkdir()
    return make_wheel(folder / "evil", {VERSION: EVIL}).read_bytes()


def grow_version(data: bytes) -> bytes:
    """Put bytes behind the compressed data of version.py, within its size."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(VERSION)
    hidden = make_local(b"shelf/hidden.py", b"evil")
    behind = info.header_offset + 30 + len(VERSION) + info.compress_size
    start = end_of(data)[1]
    entry = data.index(VERSION.encode(), start) - 46
    size = info.compress_size + len(hidden)
    data = patch(data, info.header_offset + 18, "<L", size)
    data = patch(data, entry + 20, "<L", size)
    position = start
    while data[position : position + 4] == CENTRAL:
        offset = struct.unpack_from("<L", data, position + 42)[0]
        if offset > info.header_offset:
            data = patch(data, position + 42, "<L", offset + len(hidden))
        position += 46 + sum(struct.unpack_from("<3H", data, position + 28))
    end = data.rindex(END)
    data = patch(data, end + 16, "<L", start + len(hidden))
    return data[:behind] + hidden + data[behind:]


def central(data: bytes) -> int:
    """Return where the directory's entry of version.py begins."""
    return data.index(VERSION.encode(), end_of(data)[1]) - 46


def local(data: bytes) -> int:
    return data.index(VERSION.encode()) - 30


DAMAGE: dict[str, Callable[[bytes, Path], bytes]] = {
    "another archive in front": lambda data, folder: make_evil(data, folder) + data,
    "another archive behind": lambda data, folder: data + make_evil(data, folder),
    "bytes in front": lambda data, _: b"#!/bin/sh\n" + data,
    "bytes behind": lambda data, _: data + b"x" * 100,
    "a comment": lambda data, _: patch(data, len(data) - 2, "<H", 5) + b"notes",
    "a comment with an end record": lambda data, _: (
        patch(data, len(data) - 2, "<H", 22) + END + bytes(18)
    ),
    "bytes before the directory": lambda data, _: insert_before_directory(
        data, b"x" * 9
    ),
    "an unlisted member": lambda data, _: insert_before_directory(
        data, make_local(b"shelf/hidden.py", b"evil")
    ),
    "a member behind compressed data": lambda data, _: grow_version(data),
    "bytes behind the directory": lambda data, _: (
        data[: end_of(data)[0]] + b"x" + data[end_of(data)[0] :]
    ),
    "another count": lambda data, _: patch(
        patch(data, end_of(data)[0] + 8, "<H", 3), end_of(data)[0] + 10, "<H", 3
    ),
    "two disks": lambda data, _: patch(data, end_of(data)[0] + 4, "<H", 1),
    "another local name": lambda data, _: data.replace(
        VERSION.encode(), b"shelf/versiom.py", 1
    ),
    "another local size": lambda data, _: patch(data, local(data) + 22, "<L", 3),
    "another local compressed size": lambda data, _: patch(
        data, local(data) + 18, "<L", 3
    ),
    "another local checksum": lambda data, _: patch(data, local(data) + 14, "<L", 3),
    "another local method": lambda data, _: patch(data, local(data) + 8, "<H", 0),
    "other local flags": lambda data, _: patch(data, local(data) + 6, "<H", 0x800),
    "no local header": lambda data, _: patch(data, local(data), "<4s", b"PK\3\3"),
    "another size": lambda data, _: patch(data, central(data) + 24, "<L", 3),
    "another checksum": lambda data, _: patch(
        patch(data, central(data) + 16, "<L", 3), local(data) + 14, "<L", 3
    ),
    "another offset": lambda data, _: patch(data, central(data) + 42, "<L", 0),
    "an empty name": lambda data, _: patch(
        patch(data, central(data) + 28, "<H", 0), central(data) + 30, "<H", len(VERSION)
    ),
    "encrypted": lambda data, _: patch(
        patch(data, central(data) + 8, "<H", 1), local(data) + 6, "<H", 1
    ),
    "an unknown compression": lambda data, _: patch(
        patch(data, central(data) + 10, "<H", 99), local(data) + 8, "<H", 99
    ),
    "a symbolic link": lambda data, _: patch(
        data, central(data) + 38, "<L", 0o120777 << 16
    ),
    "a device": lambda data, _: patch(data, central(data) + 38, "<L", 0o020777 << 16),
    "the attributes of a folder": lambda data, _: patch(
        data, central(data) + 38, "<L", 0o040755 << 16
    ),
    "the DOS attributes of a folder": lambda data, _: patch(
        data, central(data) + 38, "<L", 0x10
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_zip_archive_that_readers_differ_on_fails(
    tmp_path: Path, damage: Callable[[bytes, Path], bytes]
) -> None:
    wheel = make_wheel(tmp_path)
    wheel.write_bytes(damage(wheel.read_bytes(), tmp_path))

    failures = verify(wheel)

    assert any(it.startswith(("archive", "open")) for it in failures), failures
    assert not any("Traceback" in it for it in failures)


@pytest.mark.parametrize(
    ("extra", "passes"),
    [
        (b"", True),
        (struct.pack("<HHL", 0x5455, 4, 0), True),
        (struct.pack("<HH", 1, 0), True),
        (struct.pack("<HHQQ", 1, 16, 3, 3), False),
        (struct.pack("<HHB", 1, 1, 0), False),
        (struct.pack("<HHHH", 1, 0, 1, 0), False),
        (
            struct.pack("<HHBL", 0x7075, 21, 1, zlib.crc32(b"shelf/a.py"))
            + b"shelf/version.py",
            False,
        ),
        (
            struct.pack("<HHBL", 0x7075, 15, 1, zlib.crc32(b"shelf/a.py"))
            + b"shelf/a.py",
            True,
        ),
    ],
)
def test_extra_fields_that_contradict_the_member_fail(
    tmp_path: Path, extra: bytes, *, passes: bool
) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive:
        info = zipfile.ZipInfo("shelf/a.py")
        info.extra = extra
        archive.writestr(info, b"")

    failures = verify(wheel)

    assert any(it.startswith(("archive", "open")) for it in failures) is not passes


@pytest.mark.parametrize(
    ("name", "flag"),
    [(b"shelf/\xe9.py", 0), ("shelf/\u00e9.py".encode(), 0), (b"shelf/\xe9.py", 0x800)],
)
def test_a_name_that_is_not_what_its_flag_says_fails(
    tmp_path: Path, name: bytes, flag: int
) -> None:
    plain = b"shelf/" + b"a" * (len(name) - 9) + b".py"
    wheel = make_wheel(tmp_path, {plain.decode(): b""})
    data = wheel.read_bytes().replace(plain, name)
    for sign, distance, offset in ((LOCAL, 30, 6), (CENTRAL, 46, 8)):
        at = data.index(sign, 0)
        while (at := data.find(name, at + 1)) >= 0:
            if data[at - distance : at - distance + 4] == sign:
                data = patch(data, at - distance + offset, "<H", flag)
    wheel.write_bytes(data)

    failures = verify(wheel)

    assert any(it.startswith(("archive", "open")) for it in failures), failures


def test_a_name_with_a_zero_byte_fails(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"shelf/version.pyX": b""})
    wheel.write_bytes(wheel.read_bytes().replace(b"version.pyX", b"version.py\0"))

    assert any(it.startswith("archive") for it in verify(wheel))


def test_a_zip_64_wheel_passes(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    data = wheel.read_bytes()
    end, start = end_of(data)
    *_, count, _, size, _, _ = struct.unpack_from("<4s4H2LH", data, end)
    long = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    wheel.write_bytes(data[:end] + long + locator + data[end:])
    assert verify(wheel) == []

    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end - 1, 1)
    wheel.write_bytes(data[:end] + long + locator + data[end:])
    assert "two end records disagree" in verify(wheel)[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (VERSION, b"#" * (1 << 26)),
        (f"{DIST_INFO}/METADATA", METADATA + b"x" * (1 << 26)),
        ("shelf/other/version.py", b"#" * (1 << 26)),
        (f"{DIST_INFO}/RECORD", b"x" * (1 << 26)),
    ],
)
def test_a_huge_member_ends_in_a_sentence(
    tmp_path: Path, name: str, content: bytes
) -> None:
    failures = verify(make_wheel(tmp_path, {name: content}, record=f"{DIST_INFO}/R"))

    assert any(f"{name} is too long" in it for it in failures), failures


def test_a_member_of_256_mib_takes_little_memory(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    with (
        zipfile.ZipFile(wheel, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("shelf/other/version.py", "w") as file,
    ):
        for _ in range(256):
            file.write(bytes(1 << 20))

    problems = verify_in_little_memory(wheel)

    assert "shelf/other/version.py is too long" in "\n".join(problems)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (VERSION, b"__version__ = (0x" + b"f" * 5000 + b", 1)\n", "too long"),
        ("shelf/build_info.py", b"SOURCE_COMMIT = 0x" + b"f" * 5000, "too long"),
        ("shelf/build_info.py", b"SOURCE_COMMIT = " + b"9" * 5000, "not valid Python"),
        ("shelf/build_info.py", BUILD_INFO + b"CHANNEL = 0x" + b"f" * 5000, "too long"),
        (VERSION, VERSION_PY + b"x = " + b"(" * 5000 + b")" * 5000, "not valid Python"),
        (VERSION, b"__channel__ = " + b"-" * 5000 + b"1\n", "version.py"),
        (VERSION, b"# coding: hex\n" + VERSION_PY, "not valid Python"),
        (VERSION, VERSION_PY + b"\0", "not valid Python"),
    ],
)
def test_hostile_source_ends_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    failures = verify(make_wheel(tmp_path, {name: content}))

    assert any(message in it for it in failures), failures


@pytest.mark.parametrize(
    "tail",
    [
        b'if True:\n    __channel__ = "beta"\n',
        b'__channel__ = x = "beta"\n',
        b"del __channel__\n",
        b"from os import sep as __channel__\n",
        b"exec(\"__channel__ = 'beta'\")\n",
        b"def f():\n    global __channel__\n    __channel__ = 'beta'\nf()\n",
    ],
)
def test_a_channel_that_is_bound_in_a_second_way_fails(
    tmp_path: Path, tail: bytes
) -> None:
    failures = verify(make_wheel(tmp_path, {VERSION: VERSION_PY + tail}))

    assert failures[0].startswith("channel  shelf/version.py "), failures


@pytest.mark.parametrize(
    ("full", "fails"),
    [(b"'9.9.9'", True), (b"'1.4.0'", False), (b"str(__version__)", False)],
)
def test_the_version_that_reports_carry_is_the_same(
    tmp_path: Path, full: bytes, *, fails: bool
) -> None:
    changes = {VERSION: VERSION_PY + b"__full_version_str__ = " + full + b"\n"}

    failures = verify(make_wheel(tmp_path, changes))

    assert any(it.startswith("version") for it in failures) is fails


def test_an_example_with_a_channel_of_a_work_tree_is_not_the_stamped_package(
    tmp_path: Path,
) -> None:
    example = VERSION_PY.replace(b"stable", b"dev")

    assert verify(make_wheel(tmp_path, {"demo/version.py": example}), "--strict") == []


def test_code_that_could_bind_any_name_fails_only_beside_a_stamp(
    tmp_path: Path,
) -> None:
    """Django has such a file, and no stamp."""
    code = b"def f(): return globals()\n"

    assert verify(make_wheel(tmp_path, {VERSION: code}))[0].startswith("channel")
    without = {VERSION: code, "shelf/build_info.py": None}
    assert verify(make_wheel(tmp_path, without)) == []


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path, {"shelf/version.so": b"", "/abs": b"", "other.dist-info/X": b""}
    )

    failures = verify(wheel, "--strict")

    assert all(
        it in failures[0] for it in ("shelf/version.so", "/abs", "2 .dist-info folders")
    )


def test_a_second_package_with_a_stamp_is_not_overlooked(tmp_path: Path) -> None:
    """One of them could be a decoy."""
    changes = {
        "decoy/version.py": VERSION_PY,
        "decoy/build_info.py": BUILD_INFO,
        "shelf/build_info.py": b"",
    }
    for real in (EVIL, b"exec(__channel__)", b"print {__channel__"):
        (failure,) = verify(make_wheel(tmp_path, {**changes, VERSION: real}))

        assert (
            "several packages with a version.py or build_info.py: decoy, shelf"
            in failure
        )


def test_the_name_of_a_member_cannot_forge_a_verdict(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path, {"shelf/a\n  ok    archive  fine\n::error::x \x1b[2J.so": b""}
    )
    wheel = wheel.rename(tmp_path / WHEEL)

    done = subprocess.run(
        (sys.executable, "-m", "build_hooks", "verify", str(wheel)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "\x1b" not in done.stdout
    assert not any(
        it.startswith(("::", "  ok    archive")) for it in done.stdout.splitlines()
    )
