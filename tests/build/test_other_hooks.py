"""Stamps projects in which other build hooks write or ship `version.py`, too."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.build.artifacts import (
    build_targets,
    read_sdist,
    read_wheel,
    run_build,
)
from tests.support.repository import Repository
from tests.support.tarballs import unpack

pytestmark = pytest.mark.slow

LINE = "[tool.hatch.build.hooks.build-info]\n"
CUSTOM = "[tool.hatch.build.hooks.custom]\n"
VCS = '[tool.hatch.build.hooks.vcs]\nversion-file = "src/shelf/version.py"\n'
STATIC = 'version = "1.4.0"\n'
DYNAMIC = 'dynamic = ["version"]\n[tool.hatch.version]\nsource = "vcs"\n'
PROJECT = """\
[build-system]
requires = ["hatchling", "hatch-vcs", "paperless-report"]
build-backend = "hatchling.build"

[project]
name = "shelf"
"""
HOOK = """\
import os
import tempfile
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        root = Path(self.root)
        {body}
"""
GENERATE = """\
file = root / "src/shelf/version.py"
        file.write_text('__version__ = "1.4.0"\\n')
        build_data["artifacts"].append("/src/shelf/version.py")"""
FORCE = """\
file = Path(tempfile.mkdtemp()) / "version.py"
        file.write_text('__version__ = "1.4.0"\\n')
        place = "shelf" if self.target_name == "wheel" else "src/shelf"
        build_data["force_include"][str(file)] = place + "/version.py\""""
REPLACE = FORCE.replace("[str(file)] = place", " = {str(file): place") + "}"
FORCE_PACKAGE = """\
if self.target_name == "wheel":
            build_data["force_include"]["gen/code"] = "shelf\""""
TRACKED = '__version__ = "1.4.0"\n__channel__ = "dev"\n'


class Project(NamedTuple):
    """A project with another hook.

    Attributes:
        tables: The tables of the hooks, in their order.
        body: What a hook of the project's own does.
        version: How the project states its version.
        version_py: A tracked `version.py`, or "".
        leftover: An ignored `version.py` of an earlier build, or "".
        has_version_py: Whether the wheel has a `version.py`.
        folder: The folder of the package.
    """

    tables: str
    body: str = "pass"
    version: str = STATIC
    version_py: str = ""
    leftover: str = ""
    has_version_py: bool = True
    folder: str = "src/shelf"


PROJECTS = {
    "hatch-vcs before us": Project(VCS + LINE, version=DYNAMIC),
    "hatch-vcs after us": Project(LINE + VCS, version=DYNAMIC),
    "hatch-vcs after us, and the file of an earlier version": Project(
        LINE + VCS, version=DYNAMIC, leftover='__version__ = "1.3.0"\n'
    ),
    "hatch-vcs for the wheel alone": Project(
        LINE + VCS.replace("hooks.vcs", "targets.wheel.hooks.vcs"), version=DYNAMIC
    ),
    "hatch-vcs for the wheel alone, and the file of an earlier version": Project(
        LINE + VCS.replace("hooks.vcs", "targets.wheel.hooks.vcs"),
        version=DYNAMIC,
        leftover='__version__ = "1.3.0"\n__channel__ = "dev"\n',
    ),
    "hatch-vcs and a hook that writes the file again": Project(
        VCS + LINE + CUSTOM, GENERATE, version=DYNAMIC
    ),
    "a hook that writes a plain version": Project(CUSTOM + LINE, GENERATE),
    "a hook that writes a plain version after us": Project(LINE + CUSTOM, GENERATE),
    "a hook that forces a version.py in": Project(CUSTOM + LINE, FORCE),
    "a hook that forces a version.py in after us": Project(LINE + CUSTOM, FORCE),
    "a hook that forces it in over a tracked one": Project(
        LINE + CUSTOM, FORCE, version_py=TRACKED
    ),
    "a hook for the wheel alone that forces it in over a tracked one": Project(
        LINE + CUSTOM.replace("hooks", "targets.wheel.hooks"), FORCE, version_py=TRACKED
    ),
    "a hook that replaces what other hooks force in": Project(
        LINE + CUSTOM, REPLACE, version_py=TRACKED
    ),
    "a hook that forces the package in by a relative path": Project(
        f'{LINE}package = "gen/code"\n{CUSTOM}'
        "[tool.hatch.build.targets.wheel]\nbypass-selection = true\n",
        FORCE_PACKAGE,
        version_py=TRACKED,
        folder="gen/code",
    ),
    "a hook that changes nothing": Project(
        LINE + CUSTOM, version_py='VERSION = "1.4.0"\n'
    ),
    "a hook that ships another folder": Project(
        LINE + CUSTOM.replace("hooks", "targets.wheel.hooks"),
        'build_data["force_include"]["data"] = "shelf/data"',
        has_version_py=False,
    ),
}


def make_project(root: Path, project: Project) -> Repository:
    repository = Repository(root)
    files = {
        "pyproject.toml": PROJECT + project.version + project.tables,
        "hatch_build.py": HOOK.format(body=project.body),
        ".gitignore": "build_info.py\n/dist/\n",
        f"{project.folder}/__init__.py": "",
        "data/books.json": "{}",
    }
    if project.version_py:
        files[f"{project.folder}/version.py"] = project.version_py
    else:
        files[".gitignore"] += "/src/shelf/version.py\n"
    repository.write(files)
    repository.commit()
    repository.tag("v1.4.0")
    if project.leftover:
        repository.write({"src/shelf/version.py": project.leftover})
    return repository


def read_stamp(files: dict[str, str], folder: str) -> dict[str, object]:
    """Run the two stamped files in *folder*, and return what they bind."""
    names: dict[str, object] = {}
    for name in ("version.py", "build_info.py"):
        exec(files.get(f"{folder}/{name}", ""), names)  # noqa: S102  # as it is imported
    return names


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_the_wheel_of_the_tree_the_sdist_and_its_wheel_carry_one_stamp(
    tmp_path: Path, project: Project
) -> None:
    repository = make_project(tmp_path / "project", project)

    sdist, wheel = build_targets(repository.root, tmp_path / "tree", "sdist", "wheel")
    unpacked = unpack(sdist, tmp_path / "unpacked")
    (again,) = build_targets(unpacked, tmp_path / "sdist", "wheel")

    files = read_wheel(wheel)
    assert ("shelf/version.py" in files) == project.has_version_py
    for stamp in (
        read_stamp(read_sdist(sdist), project.folder),
        read_stamp(files, "shelf"),
        read_stamp(read_wheel(again), "shelf"),
    ):
        assert stamp["SOURCE_COMMIT"] == repository.git("rev-parse", "HEAD")[:9]
        assert stamp.get("__channel__", stamp.get("CHANNEL")) == "stable"
        assert stamp.get("__version__", "1.4.0") == "1.4.0"
    assert sorted(read_wheel(again).items()) == sorted(files.items())


MOVE = "Move the table to [tool.hatch.build.hooks.build-info], which applies to both."
ONE_TARGET = {
    "the sdist alone": (
        LINE.replace("hooks", "targets.sdist.hooks"),
        (
            "[tool.hatch.build.targets.sdist.hooks.build-info] is for the sdist alone",
            MOVE,
        ),
    ),
    "the wheel alone": (
        LINE.replace("hooks", "targets.wheel.hooks"),
        (
            "[tool.hatch.build.targets.wheel.hooks.build-info] is for the wheel alone",
            MOVE,
        ),
    ),
    "not the sdist": (
        LINE
        + LINE.replace("hooks", "targets.sdist.hooks")
        + "enable-by-default = false",
        ("is for the wheel alone", "Enable it for both."),
    ),
}


@pytest.mark.parametrize(("table", "messages"), ONE_TARGET.values(), ids=ONE_TARGET)
def test_a_hook_for_one_target_alone_stops_before_a_wheel_gets_half_a_stamp(
    tmp_path: Path, table: str, messages: tuple[str, str]
) -> None:
    repository = make_project(tmp_path, Project(table, version_py=TRACKED))

    # Neither flag: build makes the wheel from the unpacked sdist.
    done = run_build(repository.root)
    printed = done.stdout + done.stderr

    assert done.returncode != 0
    for message in messages:
        assert message in printed
    assert not list(repository.root.glob("dist/*.whl"))


def test_a_hook_for_the_wheel_alone_stamps_a_wheel_of_the_tree(tmp_path: Path) -> None:
    table, _ = ONE_TARGET["the wheel alone"]
    repository = make_project(tmp_path, Project(table, version_py=TRACKED))

    (wheel,) = build_targets(repository.root, tmp_path / "dist", "wheel")

    assert read_stamp(read_wheel(wheel), "shelf")["__channel__"] == "stable"


def test_a_table_of_each_target_is_as_good_as_one_for_all(tmp_path: Path) -> None:
    tables = [LINE.replace("hooks", f"targets.{it}.hooks") for it in ("wheel", "sdist")]
    repository = make_project(tmp_path, Project("".join(tables), version_py=TRACKED))

    sdist, wheel = build_targets(repository.root, tmp_path / "dist", "sdist", "wheel")
    (again,) = build_targets(unpack(sdist, tmp_path / "unpacked"), tmp_path, "wheel")

    assert again.read_bytes() == wheel.read_bytes()


def test_a_variable_that_enables_the_hook_enables_it_for_every_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = f"{LINE}enable-by-default = false\n"
    repository = make_project(tmp_path, Project(table, version_py=TRACKED))
    monkeypatch.setenv("HATCH_BUILD_HOOKS_ENABLE", "true")

    (sdist,) = build_targets(repository.root, tmp_path / "dist", "sdist")

    assert read_stamp(read_sdist(sdist), "src/shelf")["__channel__"] == "stable"


OWN_BUILD_INFO = {
    "a module of the project's own": ("def describe(): ...\n", LINE),
    "a module that another hook forces in": (
        "",
        LINE
        + "[tool.hatch.build.targets.wheel.force-include]\n"
        + '"data/books.json" = "shelf/build_info.py"\n',
    ),
}


@pytest.mark.parametrize(
    ("content", "tables"), OWN_BUILD_INFO.values(), ids=OWN_BUILD_INFO
)
def test_another_build_info_stops_the_build(
    tmp_path: Path, content: str, tables: str
) -> None:
    repository = make_project(tmp_path, Project(tables, version_py=TRACKED))
    if content:
        repository.write({"src/shelf/build_info.py": content})

    done = run_build(repository.root, "--wheel")

    assert done.returncode != 0
    assert "build_info.py" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("tracked", [False, True], ids=["not ignored", "tracked"])
def test_a_file_that_another_hook_writes_is_not_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, tracked: bool
) -> None:
    tables = VCS.replace("version.py", "_version.py") + LINE
    repository = make_project(tmp_path / "shelf", Project(tables, version=DYNAMIC))
    if tracked:
        repository.write({"src/shelf/_version.py": '__version__ = "0"\n'})
        repository.git("tag", "--delete", "v1.4.0")
        repository.commit("Add a placeholder")
        repository.tag("v1.4.0")
    monkeypatch.setenv("SHELF_STRICT", "1")
    # In the tree, hatch-vcs would read a changed file as a version after the tag.
    monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION", "1.4.0")

    for wheel in build_targets(repository.root, tmp_path / "dist", "wheel", "wheel"):
        assert read_stamp(read_wheel(wheel), "shelf")["CHANNEL"] == "stable"


def test_a_change_next_to_a_file_that_another_hook_writes_still_counts(
    tmp_path: Path,
) -> None:
    tables = VCS.replace("version.py", "_version.py") + LINE
    repository = make_project(tmp_path, Project(tables, version=DYNAMIC))
    repository.write({"src/shelf/new.py": ""})

    done = run_build(repository.root, "--wheel", SHELF_STRICT="1")

    assert done.returncode != 0
    assert "src/shelf/new.py" in done.stdout + done.stderr
