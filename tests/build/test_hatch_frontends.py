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


@pytest.mark.parametrize("quiet", ["", "-q"])
@pytest.mark.parametrize("target", ["--wheel", "--sdist"])
def test_build_names_the_reason(project: Repository, quiet: str, target: str) -> None:
    printed = build_strictly(project, *BUILD, *filter(None, (quiet,)), target)

    assert REASON in printed
    if not quiet:
        assert "Traceback" not in printed
        assert printed.count(REASON) == 1


def test_a_log_that_is_a_pipe_is_no_reason_for_a_traceback(project: Repository) -> None:
    """`python -m build 2>&1 | tee log`: both streams are one pipe, as with -q."""
    assert "Traceback" not in build_strictly(project, *BUILD, "--wheel")


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_pip_names_the_reason(project: Repository, quiet: tuple[str, ...]) -> None:
    printed = build_strictly(project, *PIP, *quiet)

    assert REASON in printed


@needs("uv")
def test_uv_names_the_reason(project: Repository) -> None:
    assert REASON in build_strictly(project, *UV, "--python", sys.executable)
