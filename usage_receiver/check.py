"""Checks a project without npm: its own tests and its migrations."""

import os
import subprocess
from pathlib import Path

from usage_receiver import generate, node


class CheckFailedError(Exception):
    """A test failed; Node has printed which one."""


def check(project: Path) -> None:
    """Run the tests of *project*, and compare its tables with its contract.

    Raises:
        CheckFailedError: If a test fails.
        GenerationFailedError: If a migration is missing.
    """
    done = subprocess.run(  # noqa: S603  # no argument comes from a user
        node.make_command("--test"),
        cwd=project,
        env=node.make_environment(os.environ),
        check=False,
    )
    if done.returncode:
        raise CheckFailedError("A test failed. The output is above.")
    generate.write_migration(project, check=True)
