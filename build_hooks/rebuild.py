"""Builds a project a second time and compares, byte for byte."""

import contextlib
import filecmp
import functools
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from build_hooks.artifact import Artifact
from build_hooks.verify import Check

_LINES = 5
_BLOCK_BYTES = 1 << 20


@contextlib.contextmanager
def second_build(
    project: Path, options: Sequence[str] = ()
) -> Iterator[Callable[[Artifact], Check]]:
    """Give what holds an artifact against a second build of *project*.

    It is built once, when the first wheel or sdist asks for it; nothing else can be
    built again.

    Args:
        project: The project's root.
        options: More words for `python -m build`.
    """
    with tempfile.TemporaryDirectory(prefix="build-stamp-") as folder:

        @functools.cache
        def complaint() -> str | None:
            return _build(project, folder, options)

        def check(artifact: Artifact) -> Check:
            if artifact.kind not in ("wheel", "sdist"):
                what = f"a {artifact.kind} is not built by a backend"
                return Check("rebuild", "skip", what)
            if said := complaint():
                return Check("rebuild", "FAIL", said)
            return _compare(artifact.path, Path(folder, artifact.path.name), project)

        yield check


def _build(project: Path, folder: str, options: Sequence[str]) -> str | None:
    """Build *project* into *folder*; why that failed, if it did."""
    if not any((project / it).is_file() for it in ("pyproject.toml", "setup.py")):
        return f"{project.resolve()} is no project: name the one to build with --from"
    done = subprocess.run(  # noqa: S603  # our own words and the user's project
        (sys.executable, "-m", "build", "--outdir", folder, *options, str(project)),
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.returncode:
        return None
    said = f"{done.stdout}{done.stderr}".strip().splitlines()[-_LINES:]
    return " | ".join(("the build failed", *said))


def _compare(path: Path, again: Path, project: Path) -> Check:
    if not again.is_file():
        made = ", ".join(sorted(it.name for it in again.parent.iterdir()))
        return Check("rebuild", "FAIL", f"the second build made {made}")
    if filecmp.cmp(again, path, shallow=False):
        return Check("rebuild", "ok", "a second build is the same bytes")
    ours, theirs = _members(path), _members(again)
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    where = ", ".join(names[:_LINES]) or "only the archive itself differs"
    what = f"a second build of {project} has other bytes: {where}"
    return Check("rebuild", "FAIL", what)


def _members(path: Path) -> dict[str, str]:
    """The hash of each file in the archive at *path*, none of them read as a whole."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: _hash(wheel.open(name)) for name in wheel.namelist()}
    with tarfile.open(path) as tar:
        opened = ((it.name, tar.extractfile(it)) for it in tar)
        return {name: _hash(file) if file else "" for name, file in opened}


def _hash(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
