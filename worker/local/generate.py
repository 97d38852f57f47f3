"""Writes the files of a project that follow from its report kinds.

These are its next migration and its OpenAPI document. Node imports the kinds from the
project's `project.ts`.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from worker.local import toolchain


class GenerationFailedError(Exception):
    """Nothing was written; `str()` of the error says why."""


def write_migration(
    project: Path,
    renames: Iterable[str] = (),
    drops: Iterable[str] = (),
    *,
    check: bool = False,
) -> str:
    """Write the next migration of *project*, if its tables lack anything.

    Args:
        project: The project's folder.
        renames: Columns or tables that get a new name, as `OLD=NEW`.
        drops: Names of columns or tables whose data may be lost.
        check: Whether to fail instead of writing a migration.

    Returns:
        A sentence that says what was done.

    Raises:
        GenerationFailedError: If something needs consent or is wrong.
    """
    options = [f"--rename={pair}" for pair in renames]
    options += [f"--drop={name}" for name in drops]
    options += ["--check"] if check else []
    return _run("migrate.mjs", project, *options)


def render_description(project: Path) -> str:
    """Return the OpenAPI document of *project*, a folder, as JSON.

    Raises:
        GenerationFailedError: If the project cannot be imported.
    """
    return _run("describe.mjs", project)


def _run(script: str, project: Path, *options: str) -> str:
    toolchain.link_packages(project)
    path = Path(__file__).with_name(script)
    done = subprocess.run(  # noqa: S603  # no shell, and the script checks its arguments
        [toolchain.NODE, "--no-warnings", path, project, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise GenerationFailedError(done.stderr.strip())
    return done.stdout
