"""Where several sources tell of one tree, the first in the documented order counts."""

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
from build_hooks.stamp import Source
from tests.support.pages import ROOT
from tests.support.repository import Repository
from tests.support.sample_project import FILES

PACKAGE = "src/paperless"


def states(_: Path) -> None:
    """The environment is given apart: see below."""


def leaves_a_stamp(root: Path) -> None:
    (root / PACKAGE / "build_info.py").write_text(f'SOURCE_COMMIT = "{"c" * 9}"\n')


def is_an_sdist(root: Path) -> None:
    leaves_a_stamp(root)
    (root / "PKG-INFO").touch()


def is_a_checkout(root: Path) -> None:
    repository = Repository(root)
    repository.commit()


def is_a_git_archive(root: Path) -> None:
    (root / ".git_archival.txt").write_text(f"node: {'a' * 40}\n")


class Row(NamedTuple):
    """A source, how a tree comes to have it, and what the documentation calls it."""

    source: str
    comes: Callable[[Path], None]
    words: str


# The first that knows a fact decides it.
ORDER = (
    Row("environment", states, "the environment"),
    Row("sdist", is_an_sdist, "an sdist's own stamp"),
    Row("git", is_a_checkout, "git"),
    Row("git-archive", is_a_git_archive, "an expanded `.git_archival.txt`"),
    Row("copy", leaves_a_stamp, "a stamped copy's own stamp"),
)


@pytest.mark.parametrize("first", range(len(ORDER)), ids=[it.source for it in ORDER])
def test_the_first_of_several_decides(tmp_path: Path, first: int) -> None:
    repository = tmp_path / "tree"
    for name, text in FILES.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    for row in ORDER[first:]:
        row.comes(repository)
    stated = {"HOST_SOURCE_COMMIT": "e" * 40} if first == 0 else {}

    config = Config(PurePosixPath(PACKAGE), env_prefix="HOST")
    project = Project(repository, "host", config)
    files = read_package_files(project.package_dir)
    found = resolve(project, files, {**os.environ, **stated})

    assert found.stamp.source == ORDER[first].source
    assert found.stamp.commit is not None


def test_every_source_is_in_the_order() -> None:
    assert [*(it.source for it in ORDER), "none"] == list(get_args(Source))


def test_the_order_is_the_documented_one() -> None:
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    said = ", ".join(it.words for it in ORDER)

    assert said in re.sub(r"\s+", " ", text)
