"""Install and First release lead from an empty folder to a verified beta and its final."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.needs import needs
from tests.support.repository import COMMITTED, Repository, hermetic

PAGE = "docs/tutorials/first-release.md"
SHOWN_COMMIT = "5c77e0a31"

# They try how pip and build isolate a build, in environments of their own.
pytestmark = [pytest.mark.nightly, pytest.mark.slow, needs("bash")]


def follow(folder: Path, lines: Sequence[str]) -> str:
    """Run Install, and then *lines*, in one shell in *folder*; return what they print.

    The reader has a home, an environment and isolated builds of their own.
    """
    (folder / "paperless-report").symlink_to(commands.ROOT)
    (folder / "home").mkdir()
    ignored, _ = pages.blocks(PAGE, "text")
    (folder / "shelf.gitignore").write_text(ignored.text, encoding="utf-8")
    date = f"{COMMITTED} +0000"
    environ = {
        **hermetic(os.environ),
        "HOME": str(folder / "home"),
        "PIP_CONSTRAINT": str(commands.ROOT / "constraints.txt"),
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    with pages.follow("docs/install.md") as install:
        installed = map(install.check_off, pages.commands("docs/install.md"))
        script = "\n".join((f"cd {folder}", *installed, *lines))
        return commands.run("bash", "-euc", script, environ=environ, answer="y\n")


def test_an_empty_folder_becomes_a_verified_beta_and_its_final(tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    (reader,) = pages.blocks(PAGE, "python")
    (pyproject,) = pages.blocks(PAGE, "toml")
    ignored, words = pages.blocks(PAGE, "text")
    folder.mkdir()
    (folder / "pyproject.toml").write_text(pyproject.text, encoding="utf-8")
    (folder / ".gitignore").write_text(ignored.text, encoding="utf-8")

    with pages.follow("docs/tutorials/first-release.md") as page:
        lines = [*map(page.check_off, pages.commands(PAGE))]
        printed = follow(tmp_path, lines)

    repository = Repository.at(folder)
    commit = repository.git("rev-parse", "HEAD")[:9]
    for block in pages.blocks(PAGE, "console"):
        shown = re.sub(r"^\$ .*\n", "", block.text, flags=re.MULTILINE)
        assert shown in printed.replace(commit, SHOWN_COMMIT)
    assert words.text in printed
    assert repository.git("status", "--porcelain") == ""
    (wheel,) = (folder / "dist").glob("*.whl")
    code = f"{reader.text}\nprint(CHANNEL, SOURCE_COMMIT, BUILD_DATE)"
    read = commands.run(sys.executable, "-c", code, environ={"PYTHONPATH": str(wheel)})
    assert read.split() == ["stable", commit, "2026-05-18T12:00:00Z"]


def test_a_project_of_hatch_new_becomes_the_same(tmp_path: Path) -> None:
    lines = pages.commands(PAGE)
    start = lines.index("mkdir -p shelf/src/shelf")
    end = lines.index("build-stamp init --yes")
    made = [*pages.exempt(PAGE), "mv ../shelf.gitignore .gitignore"]

    printed = follow(tmp_path, [*lines[:start], *made, *lines[end:]])

    folder = tmp_path / "shelf"
    assert printed.count("is the same bytes") == 4
    assert sorted(it.suffix for it in (folder / "dist").iterdir()) == [".gz", ".whl"]
    assert "FAIL" not in printed
    assert Repository.at(folder).git("status", "--porcelain") == ""
