"""Whatever runs a strict build, the person reads why it failed."""

import os
import subprocess
import sys

import pytest

from tests.support.needs import needs
from tests.support.repository import Repository, hermetic

pytestmark = pytest.mark.slow

REASON = "This is a dev build: its commit has no release tag."
BUILD = (sys.executable, "-m", "build", "--no-isolation")
PIP = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation")
UV = ("uv", "build", "--no-build-isolation", "--offline")


def build_strictly(project: Repository, *command: str) -> str:
    done = subprocess.run(
        (*command, "."),
        cwd=project.root,
        env={**hermetic(os.environ), "HOST_STRICT": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout


@pytest.mark.parametrize(
    "options", [("--wheel",), ("--wheel", "-q"), ("--sdist", "-q")], ids=" ".join
)
def test_build_names_the_reason(project: Repository, options: tuple[str, ...]) -> None:
    """Here, both streams of a build are one pipe, with -q and without."""
    printed = build_strictly(project, *BUILD, *options)

    assert REASON in printed
    if "-q" not in options:
        assert "Traceback" not in printed
        assert printed.count(REASON) == 1


def test_pip_names_the_reason(project: Repository) -> None:
    assert REASON in build_strictly(project, *PIP, "-q")


@needs("uv")
def test_uv_names_the_reason(project: Repository) -> None:
    assert REASON in build_strictly(project, *UV, "--python", sys.executable)
