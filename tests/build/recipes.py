"""Runs the recipes of tests/build/dirty_trees.py, and others of the same kind."""

import os
import subprocess

from tests.build.dirty_trees import SHELL
from tests.support.repository import Repository, hermetic


def run_recipe(project: Repository, recipe: str) -> None:
    """Run *recipe*, shell commands, in the project's folder; stop at the first failure."""
    subprocess.run(
        ("sh", "-euc", SHELL + recipe),
        cwd=project.root,
        env=hermetic(os.environ),
        check=True,
    )
