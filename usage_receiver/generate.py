"""Writes the files of a project that follow from its report kinds.

These are its next migration, its OpenAPI document, at first its words on the contract, and
made-up reports. Node imports the kinds from the project's `project.ts`.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from usage_receiver import node, tree

_SCRIPTS = tree.WORKER / "tools"


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


def read_contract(schema: Path) -> dict[str, Any]:
    """Return what the files of a new project say about the contract in *schema*.

    Returns:
        `report`, an example; `id`, its ID; `overTime`, a published field; and `once`, whether
        reports are stored once in some days.

    Raises:
        GenerationFailedError: If it is not a contract, or publishes nothing.
    """
    contract: dict[str, Any] = json.loads(_run("read-contract.mjs", schema))
    return contract


def list_published(project: Path) -> list[str]:
    """Return the names of all published fields of *project*, a folder.

    Raises:
        GenerationFailedError: If the project cannot be imported.
    """
    names: list[str] = json.loads(_run("list-published.mjs", project))
    return names


def describe_installations(project: Path) -> dict[str, Any]:
    """Return how the installations of *project*, a folder, are stored.

    Returns:
        `kind`, the name of the counted report kind; `table` and its column `key`; `firstSeen`,
        SQL; `hasTime`, whether that has a time of day; `fields`, their types by name;
        `countsAgain`, the `removed` of a publication that makes the next daily run count it
        again; and `hasCounters`.

    Raises:
        GenerationFailedError: If the project cannot be imported.
    """
    described: dict[str, Any] = json.loads(_run("describe-installations.mjs", project))
    return described


def describe_full_database(folder: Path) -> str:
    """Say why a sample is not stored in the database in *folder*, which is served as it is."""
    return (
        f"The database in {folder} already has reports, so --sample adds none."
        " For made-up reports, name an empty folder with --data."
    )


def make_sample(project: Path, installations: int) -> dict[str, str]:
    """Make up reports of so many installations of *project*.

    Returns:
        `sql`, the statements that store them, and `count`, a query for the number of rows
        in the tables that they fill.

    Raises:
        GenerationFailedError: If the project cannot be imported.
    """
    sample: dict[str, str] = json.loads(_run("sample.mjs", project, str(installations)))
    return sample


def _run(script: str, subject: Path, *options: str) -> str:
    try:
        return node.run(_SCRIPTS / script, str(subject), *options)
    except node.NodeFailedError as error:
        raise GenerationFailedError(str(error)) from error
