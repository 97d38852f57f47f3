"""Checks a project's types with npm's compiler, and then all that needs no npm."""

import subprocess
from pathlib import Path

from usage_receiver import check as without_npm
from worker.local import toolchain, wrangler


def check(project: Path) -> None:
    """Type-check *project*, run its tests, and compare its tables with its contract.

    Raises:
        CheckFailedError: If a test fails.
        GenerationFailedError: If a migration is missing.
        RuntimeFailedError: If a type is wrong; the compiler has printed the reason.
    """
    toolchain.link_packages(project)
    compiler = toolchain.PACKAGES / "typescript" / "bin" / "tsc"
    done = subprocess.run(  # noqa: S603  # no argument comes from a user
        (str(toolchain.NODE), str(compiler)), cwd=project, check=False
    )
    if done.returncode:
        raise wrangler.RuntimeFailedError("The types are wrong. The output is above.")
    without_npm.check(project)
