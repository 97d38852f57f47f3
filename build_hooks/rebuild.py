"""Builds a project a second time and compares the artifacts byte for byte."""

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
from build_hooks.verdicts import Check

_MAX_LINES = 5
_BLOCK_BYTES = 1 << 20


@contextlib.contextmanager
def second_build(
    project: Path, options: Sequence[str] = ()
) -> Iterator[Callable[[Artifact], Check]]:
    """Return a function that compares an artifact with a second build of *project*.

    The first wheel or sdist builds the project once. Other kinds are skipped.

    Args:
        project: The project's root.
        options: More arguments for `python -m build`.
    """
    with tempfile.TemporaryDirectory(prefix="build-stamp-") as folder:

        @functools.cache
        def build() -> str | None:
            return _build(project, folder, options)

        def compare(artifact: Artifact) -> Check:
            if artifact.kind not in ("wheel", "sdist"):
                reason = f"no backend builds a {artifact.kind}"
                return Check("rebuild", "skip", reason)
            if problem := build():
                return Check("rebuild", "FAIL", problem)
            return _compare(artifact.path, Path(folder, artifact.path.name), project)

        yield compare


def _build(project: Path, folder: str, options: Sequence[str]) -> str | None:
    """Build *project* into *folder*. Return the problem, if there is one."""
    if not any((project / it).is_file() for it in ("pyproject.toml", "setup.py")):
        return (
            f"{project.resolve()} is not a project: pass the one to build with --from"
        )
    done = subprocess.run(  # noqa: S603  # our own arguments and the user's project
        (sys.executable, "-m", "build", "--outdir", folder, *options, str(project)),
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.returncode:
        return None
    lines = f"{done.stdout}{done.stderr}".strip().splitlines()[-_MAX_LINES:]
    return " | ".join(("the build failed", *lines))


def _compare(path: Path, second: Path, project: Path) -> Check:
    if not second.is_file():
        made = ", ".join(sorted(it.name for it in second.parent.iterdir()))
        return Check("rebuild", "FAIL", f"the second build made {made}")
    if filecmp.cmp(second, path, shallow=False):
        return Check("rebuild", "ok", "a second build is the same bytes")
    hashes, again = _hash_members(path), _hash_members(second)
    names = [it for it in {**hashes, **again} if hashes.get(it) != again.get(it)]
    differing = ", ".join(names[:_MAX_LINES]) or "only the archive itself differs"
    detail = f"a second build of {project} has other bytes: {differing}"
    return Check("rebuild", "FAIL", detail)


def _hash_members(path: Path) -> dict[str, str]:
    """Hash each file in the archive at *path*, without reading any into memory whole."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: _hash(wheel.open(name)) for name in wheel.namelist()}
    with tarfile.open(path) as tar:
        members = ((it.name, tar.extractfile(it) if it.isreg() else None) for it in tar)
        return {name: _hash(file) if file else "" for name, file in members}


def _hash(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
