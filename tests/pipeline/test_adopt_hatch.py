"""docs/adopt/hatch.md: from an empty folder to a verified beta, typed as it stands."""

import os
import sys
from pathlib import Path

import pytest

from tests.pipeline import flow
from tests.support import pages
from tests.support.needs import needs
from tests.support.repository import COMMITTED, Repository, hermetic

PAGE = "docs/adopt/hatch.md"
# The commit that the page shows.
SHOWN = "5c77e0a31"


def outputs() -> list[str]:
    """What the page says that its commands print."""
    lines = "".join(it.text for it in pages.blocks(PAGE, "console")).splitlines()
    return [line for line in lines if not line.startswith("$ ")]


@pytest.mark.slow
@needs("bash")
def test_an_empty_folder_becomes_a_verified_beta(tmp_path: Path) -> None:
    (tmp_path / "paperless-report").symlink_to(flow.ROOT)
    folder = tmp_path / "shelf"
    version, reader = pages.blocks(PAGE, "python")
    (pyproject,), (ignored,) = pages.blocks(PAGE, "toml"), pages.blocks(PAGE, "text")
    date = f"{COMMITTED} +0000"
    environ = {
        **hermetic(os.environ),
        "PIP_CONSTRAINT": str(flow.ROOT / "constraints.txt"),
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    files = {
        "pyproject.toml": pyproject.text,
        "src/shelf/version.py": version.text,
        ".gitignore": ignored.text,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    # With the environment and the isolated builds of a reader, not this session's.
    with pages.follow("docs/adopt/hatch.md") as page:
        script = "\n".join(map(page.check_off, pages.commands(PAGE)))
        printed = flow.run(
            "bash", "-euc", f"cd {folder}\n{script}", environ=environ, answer="y\n"
        )

    repository = Repository.at(folder)
    commit = repository.git("rev-parse", "HEAD")[:9]
    looked, verified = "\n".join(outputs()[:3]), "\n".join(outputs()[3:])
    assert looked in printed.replace(commit, SHOWN)
    assert printed.replace(commit, SHOWN).endswith(f"{verified}\n")
    assert repository.git("status", "--porcelain") == ""
    (wheel,) = (folder / "dist").glob("*.whl")
    asked = f"{reader.text}\nprint(__version__, __channel__, SOURCE_COMMIT, BUILD_DATE)"
    assert flow.run(
        sys.executable, "-c", asked, environ={"PYTHONPATH": str(wheel)}
    ).split() == ["1.4.0", "beta", commit, "2026-05-18T12:00:00Z"]
