"""Builds a project a second time and compares, byte for byte."""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from build_hooks.artifact import Artifact
from build_hooks.verify import Check

_LINES = 5


def check(artifact: Artifact, project: Path, options: Sequence[str] = ()) -> Check:
    """Hold *artifact* against a second build of *project*.

    Args:
        artifact: A wheel or an sdist; nothing else can be built again.
        project: The project's root.
        options: More words for `python -m build`.
    """
    if artifact.kind not in ("wheel", "sdist"):
        return Check("rebuild", "skip", f"a {artifact.kind} is not built by a backend")
    with tempfile.TemporaryDirectory(prefix="build-stamp-") as folder:
        done = subprocess.run(  # noqa: S603  # our own words and the user's project
            (sys.executable, "-m", "build", "--outdir", folder, *options, str(project)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout}{done.stderr}".strip().splitlines()[-_LINES:]
            return Check("rebuild", "FAIL", " | ".join(("the build failed", *said)))
        again = Path(folder, artifact.path.name)
        if not again.is_file():
            made = ", ".join(sorted(path.name for path in Path(folder).iterdir()))
            return Check("rebuild", "FAIL", f"the second build made {made}")
        if again.read_bytes() == artifact.path.read_bytes():
            return Check("rebuild", "ok", "a second build is the same bytes")
        members, theirs = _members(artifact.path), _members(again)
    names = [
        name for name in {**members, **theirs} if members.get(name) != theirs.get(name)
    ]
    where = ", ".join(names[:_LINES]) or "only the archive itself differs"
    return Check(
        "rebuild", "FAIL", f"a second build of {project} has other bytes: {where}"
    )


def _members(path: Path) -> dict[str, bytes]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(path) as tar:
        opened = ((it.name, tar.extractfile(it)) for it in tar.getmembers())
        return {name: file.read() if file else b"" for name, file in opened}
