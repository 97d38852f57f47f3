"""Installs or unpacks an artifact in every way we know, and reads the stamp that results."""

import importlib
import json
import os
import posixpath
import re
import runpy
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from build_hooks.stamp import NAMES
from paperless_report.facts import package
from tests.fuzz.mutations import PACKAGE, TOP

_OFFLINE = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--target")
_LOCAL_HEADER = struct.Struct("<4s2xHH8xI4xHH")
_SCHEMES = tuple(f"/{TOP}.data/{it}/" for it in ("purelib", "platlib", "data"))
# Imported instead of a .py file of the same name.
_SHADOW = re.compile(
    rf"(/(?:{TOP}/src/)?{PACKAGE}/)(?:__pycache__/)?(version|build_info)\..*(?:so|pyd|pyc)"
)


def install_with_pip(artifact: Path, target: Path) -> None:
    """Install with pip, whose modules stay imported in this process."""
    os.environ["PIP_CONFIG_FILE"] = os.devnull
    sys.argv = ["pip", "install", *_OFFLINE, str(target), str(artifact)]
    sys.argv += ["--no-compile", "--no-cache-dir", "--disable-pip-version-check"]
    runpy.run_module("pip", run_name="__main__")


def install_with_uv(artifact: Path, target: Path) -> int:
    """Install with uv."""
    options = ("--no-cache", "--offline", "--no-config", "--python", sys.executable)
    command = ("uv", "pip", "install", *options, *_OFFLINE, target, artifact)
    return subprocess.run(command, check=False).returncode


def unpack_with_tarfile(artifact: Path, target: Path) -> None:
    """Unpack an sdist as pip does."""
    with tarfile.open(artifact) as archive:
        archive.extractall(target, filter="data")


def unpack_with_gnu_tar(artifact: Path, target: Path) -> int:
    """Unpack an sdist with GNU tar."""
    target.mkdir()
    command = ("tar", "--no-same-owner", "--extract", "--file", artifact)
    return subprocess.run((*command, "--directory", target), check=False).returncode


def unpack_portably(artifact: Path, target: Path) -> None:
    """Unpack where case and Unicode form do not matter, and "\\" is "/" (Windows, macOS)."""
    files = [(_make_portable(name), data) for name, data in _read_members(artifact)]
    for name, _ in files:
        # Another platform's cannot be imported here.
        if shadow := _SHADOW.fullmatch(name):
            files.append((f"{shadow[1]}{shadow[2]}.py", b"raise ImportError"))
    _write(files, target)


def unpack_local_headers(artifact: Path, target: Path) -> None:
    """Unpack a wheel by its local headers alone, as uv up to 0.8.5 did (CVE-2025-54368)."""
    _write(_read_local_headers(artifact.read_bytes()), target)


def print_stamp(target: Path) -> None:
    """Print two lines of JSON: the facts in *target*, imported and reported; its version."""
    source = target / TOP / "src"
    sys.path.insert(0, str(source if source.is_dir() else target))
    sys.dont_write_bytecode = True
    version, build_info = (_import(name) for name in ("version", "build_info"))
    channel = getattr(version, "__channel__", None)
    channel = (
        channel or package.read_constant(PACKAGE, "build_info.py", "CHANNEL") or "dev"
    )
    facts = [channel]
    for name in NAMES:
        imported = getattr(build_info, name, None)
        facts += [imported, package.read_constant(PACKAGE, "build_info.py", name)]
    print(json.dumps([str(fact) for fact in facts if fact is not None]))
    print(json.dumps(".".join(map(str, getattr(version, "__version__", ())))))


def _import(name: str) -> object:
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except ModuleNotFoundError:
        return None


def _read_members(artifact: Path) -> Iterator[tuple[str, bytes]]:
    if artifact.suffix == ".whl":
        with zipfile.ZipFile(artifact) as wheel:
            for info in wheel.infolist():
                yield info.filename, wheel.read(info)
        return
    with tarfile.open(artifact) as sdist:
        for member in sdist:
            if member.isreg() and (file := sdist.extractfile(member)):
                yield member.name, file.read()


def _make_portable(name: str) -> str:
    """Return the one spelling of *name* for which such a file system has one file."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()
    parts = (part.rstrip(" .") or part for part in name.split("/"))  # as on Windows
    path = posixpath.normpath("/" + "/".join(parts)) + "/" * name.endswith("/")
    for scheme in _SCHEMES:
        path = path.replace(scheme, "/")
    return path


def _read_local_headers(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while data.startswith(b"PK\3\4", at):
        _, flags, method, size, name, extra = _LOCAL_HEADER.unpack_from(data, at)
        at += _LOCAL_HEADER.size
        path = data[at : at + name].decode(errors="replace")
        at += name + extra
        content = data[at : at + size]
        if method == zipfile.ZIP_DEFLATED:
            stream = zlib.decompressobj(-zlib.MAX_WBITS)
            content = stream.decompress(data[at:])
            size = len(data) - at - len(stream.unused_data)
        yield path, content
        at += size + (16 if flags & 8 else 0)  # a data descriptor


def _write(files: Iterable[tuple[str, bytes]], target: Path) -> None:
    """Write *files* in their order."""
    for name, data in files:
        path = target / posixpath.normpath(f"/{name}").lstrip("/")
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)


# By the artifact's suffix. What is quick comes first.
FOR: Mapping[str, Sequence[Callable[[Path, Path], int | None]]] = {
    ".whl": (unpack_portably, unpack_local_headers, install_with_uv, install_with_pip),
    ".gz": (
        *(unpack_portably, unpack_with_tarfile, unpack_with_gnu_tar),
        *(install_with_uv, install_with_pip),
    ),
}
