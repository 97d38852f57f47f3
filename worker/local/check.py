"""Checks a project's types and runs its own tests, without Node of your own."""

import subprocess
from pathlib import Path

from worker.local import serve, toolchain


def check(project: Path) -> None:
    """Type-check *project* and run its tests.

    Raises:
        RuntimeFailedError: If it fails; the compiler or Node has printed the reason.
    """
    toolchain.link_packages(project)
    compiler = toolchain.PACKAGES / "typescript" / "bin" / "tsc"
    for arguments in ((str(compiler),), ("--test",)):
        done = subprocess.run(  # noqa: S603  # no argument comes from a user
            (str(toolchain.NODE), *arguments), cwd=project, check=False
        )
        if done.returncode:
            raise serve.RuntimeFailedError("The check failed. Its output is above.")
