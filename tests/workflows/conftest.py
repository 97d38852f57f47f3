"""The kit that workflows use, and a project of `hatch new` that uses it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.needs import require
from tests.support.repository import hermetic
from tests.workflows import forge
from tests.workflows.forge import Forge, MakeForge


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's working tree, as the repository that other projects pin."""
    require("act", "bash", "git")
    folder = tmp_path_factory.mktemp("kit")
    commands.copy_files(commands.list_working_tree(), folder)
    forge.spell_out(folder, forge.KIT, forge.KIT_COMMIT)
    return folder


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a new Hatch project, with the build hook and the page's workflow."""
    require("hatch")
    folder = tmp_path_factory.mktemp("hatch-new")
    subprocess.run(
        ("hatch", "new", "shelf"),
        cwd=folder,
        env={**hermetic(os.environ), "HOME": str(folder)},
        capture_output=True,
        check=True,
    )
    project = folder / "shelf"
    pyproject = project / "pyproject.toml"
    text = pyproject.read_text().replace(
        '["hatchling"]', '["hatchling", "paperless-report"]'
    )
    pyproject.write_text(f"{text}\n[tool.hatch.build.hooks.build-info]\n")
    (workflow,) = pages.blocks("docs/how-to/github-actions.md", "yaml")
    target = project / ".github" / "workflows" / "release.yml"
    target.parent.mkdir(parents=True)
    target.write_text(workflow.text)
    return project


@pytest.fixture(scope="module")
def make_shelf(
    shelf: Path, kit: Path, tmp_path_factory: pytest.TempPathFactory
) -> MakeForge:
    """Put the project on a forge of its own, with one commit on main."""

    def make() -> Forge:
        made = Forge(tmp_path_factory.mktemp("forge"), kit, name="someone/shelf")
        shutil.copytree(shelf, made.clone.root, dirs_exist_ok=True)
        made.clone.commit("Start the project")
        made.clone.git("push", "--quiet", "origin", "main")
        return made

    return make


@pytest.fixture(scope="module")
def make_own(kit: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeForge:
    """Put this project on a forge of its own, with a script that runs no tests."""

    def make() -> Forge:
        made = Forge(
            tmp_path_factory.mktemp("forge"),
            kit,
            name="owner/project",
            variables={"IMAGE_REGISTRY": "registry.example"},
        )
        commands.copy_files(commands.list_working_tree(), made.clone.root)
        made.clone.write({".ci/run": '#!/bin/sh\nexec nox "$@"\n'})
        made.clone.commit("Everything")
        made.clone.git("push", "--quiet", "origin", "main")
        return made

    return make
