"""If a tree has several sources of facts, the first in the documented order decides."""

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NamedTuple, get_args

import pytest

from build_hooks.config import Config
from build_hooks.own_stamp import read_package_files
from build_hooks.project import Project
from build_hooks.resolve import resolve
from build_hooks.stamp import Source, TreeVersion
from tests.support.pages import ROOT
from tests.support.repository import Repository
from tests.support.sample_project import FILES

PACKAGE = "src/paperless"


def add_nothing(_: Path) -> None:
    """Do nothing: the test states the facts itself."""


def add_stamp(root: Path) -> None:
    (root / PACKAGE / "build_info.py").write_text(f'SOURCE_COMMIT = "{"c" * 9}"\n')


def make_sdist(root: Path) -> None:
    add_stamp(root)
    (root / "PKG-INFO").touch()


def make_checkout(root: Path) -> None:
    repository = Repository(root)
    repository.commit()


def make_archive(root: Path) -> None:
    (root / ".git_archival.txt").write_text(f"node: {'a' * 40}\n")


class Row(NamedTuple):
    """A source, a function that gives it to a tree, and its name in the documentation."""

    source: str
    add: Callable[[Path], None]
    name: str


# The first source that knows a fact decides it.
ORDER = (
    Row("environment", add_nothing, "the environment"),
    Row("sdist", make_sdist, "an sdist's own stamp"),
    Row("git", make_checkout, "git"),
    Row("git-archive", make_archive, "an expanded `.git_archival.txt`"),
    Row("copy", add_stamp, "a stamped copy's own stamp"),
)


@pytest.mark.parametrize("first", range(len(ORDER)), ids=[it.source for it in ORDER])
def test_the_first_of_several_decides(tmp_path: Path, first: int) -> None:
    repository = tmp_path / "tree"
    for name, text in FILES.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    for row in ORDER[first:]:
        row.add(repository)
    stated = {"HOST_SOURCE_COMMIT": "e" * 40} if first == 0 else {}

    config = Config(PurePosixPath(PACKAGE), env_prefix="HOST")
    project = Project(repository, "host", config)
    files = read_package_files(project.package_dir)
    version = TreeVersion("2.15.0", "pyproject.toml")
    resolution = resolve(project, files, version, {**os.environ, **stated})

    assert resolution.stamp.source == ORDER[first].source
    assert resolution.stamp.commit is not None


def test_every_source_is_in_the_order() -> None:
    assert [*(it.source for it in ORDER), "none"] == list(get_args(Source)), (
        "Add each source to Source in build_hooks/stamp.py and to ORDER in "
        "tests/build/test_sources.py, in the same place."
    )


def test_the_order_is_the_documented_one() -> None:
    text = (ROOT / "docs" / "explanation" / "stamp.md").read_text(encoding="utf-8")
    order = ", ".join(row.name for row in ORDER)

    assert order in re.sub(r"\s+", " ", text), (
        f"Add the order of the sources to docs/explanation/stamp.md: {order}."
    )
