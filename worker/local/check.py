"""Checks a project: its types, its own tests and its migrations."""

import subprocess
from pathlib import Path

from worker.local import generate, serve, toolchain


def check(project: Path) -> None:
    """Type-check *project*, run its tests, and compare its tables with its contract.

    Raises:
        GenerationFailedError: If a migration is missing.
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
    generate.write_migration(project, check=True)
