"""Builds every tree of the table `TRAPS`, with real git, and reads its stamp."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.artifacts import read_wheel
from tests.build.traps import TRAPS, Trap
from tests.support.needs import require
from tests.support.repository import COMMITTED, Repository, hermetic
from tests.support.sample_project import VERSION_PY

pytestmark = pytest.mark.slow

# One process per case builds and shows the stamp, so that a case is quick.
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


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_a_tree_gets_its_stamp(project: Repository, tmp_path: Path, trap: Trap) -> None:
    require("sh")
    date = f"{COMMITTED} +0200"
    git_environ = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    subprocess.run(
        ("sh", "-euc", trap.recipe),
        cwd=project.root,
        env={**hermetic(os.environ), **git_environ, "OLDPWD": str(project.root)},
        check=True,
    )
    root = (project.root / trap.root).resolve()
    before = snapshot(root)
    environ = hermetic(os.environ)
    environ.pop("SOURCE_DATE_EPOCH", None)

    done = subprocess.run(
        (sys.executable, "-c", BUILD, str(root), str(tmp_path / "dist")),
        env={**environ, **trap.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert snapshot(root) == before, "the build changed the tree"
    assert not re.search("Traceback|exit status", done.stderr)
    if trap.error:
        assert done.returncode != 0
        assert trap.error in done.stderr
        return
    assert done.returncode == 0, done.stderr
    warning = trap.warning or trap.changed or trap.unknown
    *warnings, line = re.findall("^build-info: .*", done.stderr, re.MULTILINE)
    assert len(warnings) == bool(warning), done.stderr
    assert warning in "".join(warnings)
    expected = expected_stamp(project, root, trap)
    assert json.loads(done.stdout) == expected
    commit = expected["commit"] or "no commit"
    facts = (trap.channel, trap.tag, commit, expected["build_date"])
    assert line == f"build-info: {', '.join(str(it) for it in facts if it)}"
    (wheel,) = (tmp_path / "dist").iterdir()
    files = read_wheel(wheel)
    version_py = VERSION_PY.replace('"dev"', f'"{trap.channel}"')
    assert files["paperless/version.py"].startswith(version_py)
    constants = {
        "SOURCE_COMMIT": expected["commit"],
        "BUILD_DATE": expected["build_date"],
        "REPORT_URL": trap.environ.get("HOST_REPORT_URL"),
    }
    lines = [f'{name} = "{it}"\n' for name, it in constants.items() if it]
    if expected["commit"] is None:
        assert "paperless/build_info.py" not in files
    else:
        assert files["paperless/build_info.py"].endswith("".join(lines))


def expected_stamp(project: Repository, root: Path, trap: Trap) -> dict[str, object]:
    """Return what `show` prints for the tree of *trap* at *root*."""
    commit = None if trap.unknown else trap.commit
    if commit is ...:
        built = project if trap.source == "git-archive" else Repository.at(root)
        commit = built.git("rev-parse", "HEAD")[:9]
    return {
        "version": "2.15.0",
        "channel": trap.channel,
        "commit": commit,
        "build_date": None if trap.unknown else trap.build_date,
        "tag": trap.tag,
        "dirty": bool(trap.changed) if trap.dirty is ... else trap.dirty,
        "source": "none" if trap.unknown else trap.source,
        "reporting": True,
        "report_url": trap.environ.get("HOST_REPORT_URL"),
    }
