"""Every trap, against real git and a real build."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.build.traps import TRAPS, Trap
from tests.support.needs import require
from tests.support.repository import COMMITTED, Repository, hermetic
from tests.support.sample_project import VERSION_PY

pytestmark = pytest.mark.slow

# One process a case: build, show, and never mind what either leaves behind.
BUILD = """\
import sys
from pathlib import Path
from hatchling.builders.wheel import WheelBuilder
from build_hooks.cli import main
list(WheelBuilder(sys.argv[1]).build(directory=sys.argv[2], versions=["standard"]))
main(["show", sys.argv[1], "--format", "json"])
"""


def snapshot(root: Path) -> dict[str, bytes]:
    """The tree and the index, byte for byte."""
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }
    index = root / ".git" / "index"
    return {**files, ".git/index": index.read_bytes() if index.is_file() else b""}


def judge(project: Repository, dist: Path, trap: Trap) -> None:
    """Run a trap's recipe in *project*, build a wheel in *dist*, compare."""
    date = f"{COMMITTED} +0200"
    git_environ = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    require("sh")
    subprocess.run(
        ("sh", "-euc", trap.recipe),
        cwd=project.root,
        env={**hermetic(os.environ), **git_environ, "OLDPWD": str(project.root)},
        check=True,
    )
    root = (project.root / trap.root).resolve()
    before = snapshot(root)
    environ = {
        key: it
        for key, it in hermetic(os.environ).items()
        if key != "SOURCE_DATE_EPOCH"
    }

    done = subprocess.run(
        (sys.executable, "-c", BUILD, str(root), str(dist)),
        env={**environ, **trap.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert snapshot(root) == before, "the tree stays as it is"
    assert "Traceback" not in done.stderr
    if trap.error:
        assert done.returncode != 0
        assert trap.error in done.stderr
        return
    assert done.returncode == 0, done.stderr
    warnings = [
        line for line in done.stderr.splitlines() if line.startswith("build-info: ")
    ]
    assert len(warnings) == bool(trap.warning), done.stderr
    assert trap.warning in "".join(warnings)

    commit = trap.commit
    if commit is ...:
        commit = (
            Repository.at(root).git("rev-parse", "HEAD")[:9]
            if (trap.source != "git-archive")
            else project.git("rev-parse", "HEAD")[:9]
        )
    assert json.loads(done.stdout) == {
        "version": "2.15.0",
        "channel": trap.channel,
        "commit": commit,
        "build_date": trap.build_date,
        "tag": trap.tag,
        "dirty": trap.dirty,
        "source": trap.source,
    }
    (wheel,) = dist.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        version_py = archive.read("paperless/version.py").decode()
        assert version_py.startswith(VERSION_PY.replace('"dev"', f'"{trap.channel}"'))
        if commit is None:
            assert "paperless/build_info.py" not in archive.namelist()
        else:
            build_info = archive.read("paperless/build_info.py").decode()
            date = f'BUILD_DATE = "{trap.build_date}"\n' if trap.build_date else ""
            url = trap.environ.get("HOST_REPORT_URL")
            report = f'REPORT_URL = "{url}"\n' if url else ""
            assert build_info.endswith(f'SOURCE_COMMIT = "{commit}"\n{date}{report}')


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_trap(project: Repository, tmp_path: Path, trap: Trap) -> None:
    judge(project, tmp_path / "dist", trap)


def test_there_are_traps_enough() -> None:
    assert len(TRAPS) >= 40
