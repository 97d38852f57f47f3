"""Packs the receiver's engine as a file that npm installs: JavaScript, types and styles."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from worker.local import toolchain

# The files that the compiler does not write, and where the package has them.
_COPIES = {
    "../LICENSE": "LICENSE",
    "README.md": "README.md",
    "site/page.css": "site/page.css",
    "tsconfig.base.json": "tsconfig.base.json",
}
_KEPT = ("name", "description", "license", "private", "type", "engines")
_VERSION = re.compile(r"(\d+(?:\.\d+){0,2})(?:(a|b|rc)(\d+))?(?:\.dev(\d+))?")


def pack(folder: Path, version: str) -> Path:
    """Write the package to *folder* and return its path. The same source gives the same bytes.

    Args:
        folder: Where the file goes; created if it does not exist.
        version: The version of this project, as PEP 440 writes it.

    Raises:
        ValueError: If npm cannot express the version.
        subprocess.CalledProcessError: If the compiler or npm fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="engine-") as temporary:
        staged = Path(temporary)
        options = ("--project", "tsconfig.build.json", "--outDir", str(staged))
        compiler = toolchain.PACKAGES / "typescript" / "bin" / "tsc"
        _run(toolchain.WORKER, str(compiler), *options)
        for source, target in _COPIES.items():
            shutil.copyfile(toolchain.WORKER / source, staged / target)
        (staged / "package.json").write_text(_describe(version), encoding="utf-8")
        printed = _run(
            staged,
            *(str(toolchain.NPM), "pack", "--json", "--ignore-scripts"),
            *("--pack-destination", str(folder.resolve())),
        )
    name: str = json.loads(printed)[0]["filename"]
    return folder / name


def to_semantic_version(version: str) -> str:
    """Write a version as npm does: 0.1.0rc1 becomes 0.1.0-rc.1.

    Raises:
        ValueError: If it is not a release, a prerelease or a development version.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(
            f"npm cannot express the version {version}: tag one like 1.2.0."
        )
    release, phase, number, development = match.groups()
    numbers = [*release.split("."), "0", "0"][:3]
    suffix = [phase, number] if phase else []
    suffix += ["dev", development] if development else []
    return ".".join(numbers) + ("-" if suffix else "") + ".".join(suffix)


def _describe(version: str) -> str:
    """Return package.json for the packed files: the version, and paths of the built files."""
    declared = json.loads((toolchain.WORKER / "package.json").read_text("utf-8"))
    built = json.dumps(declared["exports"]).replace('.ts"', '.js"')
    package = {name: declared[name] for name in _KEPT}
    package |= {"version": to_semantic_version(version), "exports": json.loads(built)}
    return json.dumps(package, indent=2) + "\n"


def _run(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603  # no argument comes from a user
        (str(toolchain.NODE), *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
