"""Deploys a project's Worker to the operator's own account on Cloudflare."""

from pathlib import Path

from usage_receiver import configuration
from worker.local import database, wrangler

# The names of the environments that can be deployed, with wrangler's names.
ENVIRONMENTS = {"production": "", "preview": "preview"}
_PLACEHOLDER = "00000000-"


def deploy(project: Path, environment: str, *, dry_run: bool = False) -> None:
    """Apply the new migrations to the database in the account, and then upload the Worker.

    Args:
        project: The project's folder.
        environment: A key of ENVIRONMENTS.
        dry_run: Whether to bundle the Worker and do nothing else. This needs no account.

    Raises:
        RuntimeFailedError: If the configuration has no database, or wrangler fails.
        ConfigurationError: If deployment.jsonc is not valid.
    """
    name = ENVIRONMENTS[environment]
    if dry_run:
        wrangler.run(project, "deploy", f"--env={name}", "--dry-run")
        return
    require_database(project, environment)
    migrations = ("d1", "migrations", "apply", database.BINDING)
    wrangler.run(project, *migrations, "--remote", f"--env={name}")
    wrangler.run(project, "deploy", f"--env={name}")


def require_database(project: Path, environment: str = "production") -> None:
    """Check that the configuration names a database in the operator's account.

    Raises:
        RuntimeFailedError: If it still has the placeholder.
        ConfigurationError: If deployment.jsonc is not valid.
    """
    name = ENVIRONMENTS[environment]
    (database,) = configuration.read_environment(name, project)["d1_databases"]
    if database["database_id"].startswith(_PLACEHOLDER):
        entry = '"d1_databases": [{ "binding": "DB", "database_id": "YOUR ID" }]'
        if name:
            entry = f'"env": {{ "{name}": {{ {entry} }} }}'
        raise wrangler.RuntimeFailedError(
            f"{configuration.wrangler_file(project)} has only a placeholder for the"
            f" database of {environment}. Run `nox -s wrangler -- --project {project} d1"
            f" create {database['database_name']}`, and put the ID that it prints into"
            f" {configuration.deployment_file(project)}, which git ignores:\n{{ {entry} }}"
        )
