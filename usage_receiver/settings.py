"""Builds the settings of the server from a project's wrangler.jsonc and the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from usage_receiver import configuration

MEMORY = ":memory:"


def make_settings(
    project: Path,
    data: str,
    environment: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what worker/server/main.ts reads, apart from the name of its command.

    Args:
        project: The project's folder.
        data: The folder of the database, or `:memory:`.
        environment: An environment of wrangler.jsonc; without one, production.
        options: Settings that are not in wrangler.jsonc, such as the port.

    Raises:
        ConfigurationError: If wrangler.jsonc has no such environment, or lacks something.
    """
    configured = configuration.read_environment(environment, project)
    try:
        return build_settings(configured, project, data, options)
    except (KeyError, IndexError, ValueError) as error:
        raise configuration.ConfigurationError(
            f"{configuration.wrangler_file(project)} must have one entry in d1_databases,"
            " for its migrations_dir, and one in triggers.crons, for the daily run's time."
        ) from error


def build_settings(
    configured: Mapping[str, Any],
    project: Path,
    data: str,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the same, from *configured*: the content of wrangler.jsonc."""
    (database,) = configured["d1_databases"]
    return {
        "project": str(project),
        "migrations": str(project / database.get("migrations_dir", "migrations")),
        "data": data if data == MEMORY else str(Path(data).resolve()),
        "limits": {it["name"]: it["simple"] for it in configured.get("ratelimits", [])},
        "vars": configured.get("vars", {}),
        "cron": configured["triggers"]["crons"][0],
        **(options or {}),
    }
