"""Install and First release lead from an empty folder to a verified beta and its final."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.needs import needs
from tests.support.repository import COMMITTED, Repository, hermetic

PAGE = "docs/tutorials/first-release.md"
SHOWN_COMMIT = "5c77e0a31"


# It tries how pip and build isolate a build, in environments of their own.
@pytest.mark.nightly
@pytest.mark.slow
@needs("bash")
def test_an_empty_folder_becomes_a_verified_beta_and_its_final(tmp_path: Path) -> None:
    (tmp_path / "paperless-report").symlink_to(commands.ROOT)
    folder = tmp_path / "shelf"
    (reader,) = pages.blocks(PAGE, "python")
    (pyproject,) = pages.blocks(PAGE, "toml")
    ignored, words = pages.blocks(PAGE, "text")
    folder.mkdir()
    (folder / "pyproject.toml").write_text(pyproject.text, encoding="utf-8")
    (folder / ".gitignore").write_text(ignored.text, encoding="utf-8")
    date = f"{COMMITTED} +0000"
    environ = {
        **hermetic(os.environ),
        "PIP_CONSTRAINT": str(commands.ROOT / "constraints.txt"),
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }

    # The reader has an environment and isolated builds of their own, not this session's.
    with (
        pages.follow("docs/install.md") as install,
        pages.follow("docs/tutorials/first-release.md") as page,
    ):
        script = "\n".join(
            (
                f"cd {tmp_path}",
                *map(install.check_off, pages.commands("docs/install.md")),
                f"cd {folder}",
                *map(page.check_off, pages.commands(PAGE)),
            )
        )
        printed = commands.run("bash", "-euc", script, environ=environ, answer="y\n")

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
