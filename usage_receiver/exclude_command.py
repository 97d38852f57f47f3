"""Does what the command `exclude` was asked for, on the database of either runtime."""

import argparse

from usage_receiver import exclude, generate, waves
from usage_receiver.exclude import Query
from usage_receiver.selection import Selection


def run_exclude(
    options: argparse.Namespace, selected: Selection, query: Query
) -> list[str]:
    """Find waves, or exclude or readmit *selected* installations.

    Args:
        options: What the command line says.
        selected: The installations that it means.
        query: Runs SQL on the database and returns the rows of its first statement.

    Returns:
        The lines to print.

    Raises:
        ExcludeError: If the selection names an unknown field or value.
        GenerationFailedError: If the project cannot be read.
    """
    described = generate.describe_installations(options.project)
    if options.find:
        return waves.find_waves(query, described)
    return exclude.exclude(
        *(query, described, selected), apply=options.yes, undo=options.undo
    )
