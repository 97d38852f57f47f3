"""Builds a project, without isolation so that it is quick, and reads the artifacts."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.support.repository import hermetic

# A process that builds targets without a frontend is quick.
BUILD = """\
import sys
from pathlib import Path
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
builders = {"sdist": SdistBuilder, "wheel": WheelBuilder}
root, folder, *targets = sys.argv[1:]
for target in targets:
    print(*builders[target](root).build(directory=folder, versions=["standard"]))
"""


def run_build(
    root: Path, *arguments: str, umask: int = 0o022, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m build` on the project at *root*."""
    return subprocess.run(
        (sys.executable, "-m", "build", "--no-isolation", *arguments, str(root)),
        env={**hermetic(os.environ), **environ},
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
    )


def build(
    root: Path, *arguments: str, umask: int = 0o022, **environ: str
) -> dict[str, Path]:
    """Build the project at *root*; return its artifacts by suffix, ".whl" and ".gz"."""
    done = run_build(root, *arguments, umask=umask, **environ)
    assert done.returncode == 0, done.stderr
    return {path.suffix: path for path in (root / "dist").iterdir()}


def read_wheel(wheel: Path) -> dict[str, str]:
    """Return the contents of a *wheel* by name; no name occurs twice."""
    with zipfile.ZipFile(wheel) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name).decode() for name in archive.namelist()}


def read_sdist(sdist: Path) -> dict[str, str]:
    """Return the contents of an *sdist* by name below its top folder."""
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        assert len(set(names)) == len(names)
        return {
            name.partition("/")[2]: file.read().decode()
            for name in names
            if (file := archive.extractfile(name))
        }


def build_targets(root: Path, folder: Path, *targets: str) -> list[Path]:
    """Build *targets* of the project at *root* into *folder*, and return the artifacts."""
    done = subprocess.run(
        (sys.executable, "-c", BUILD, root, folder, *targets),
        cwd=root,
        env=hermetic(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Path(line) for line in done.stdout.splitlines()]
