"""Runs wrangler on the operator's own account, and deploys a project there."""

import os
import subprocess
from pathlib import Path

from usage_receiver import configuration
from worker.local import serve, toolchain

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
    """
    name = ENVIRONMENTS[environment]
    if dry_run:
        run_wrangler(project, "deploy", f"--env={name}", "--dry-run")
        return
    configured = configuration.read_environment(name, project)
    (database,) = configured["d1_databases"]
    if database["database_id"].startswith(_PLACEHOLDER):
        raise serve.RuntimeFailedError(
            f"{configuration.wrangler_file(project)} names no database for {environment}."
            f" Run `nox -s wrangler -- --project {project} d1 create"
            f" {database['database_name']}`, and put the ID that it prints there, as"
            " database_id."
        )
    migrations = ("d1", "migrations", "apply", serve.DATABASE)
    run_wrangler(project, *migrations, "--remote", f"--env={name}")
    run_wrangler(project, "deploy", f"--env={name}")


def run_wrangler(project: Path, *arguments: str) -> None:
    """Run wrangler in the folder of *project* with the caller's account and terminal.

    Raises:
        RuntimeFailedError: If it fails; it has printed the reason.
    """
    toolchain.link_packages(project)
    done = subprocess.run(  # noqa: S603  # the caller's own command
        toolchain.wrangler(*arguments),
        cwd=project,
        env={**toolchain.QUIET, **os.environ},
        check=False,
    )
    if done.returncode:
        raise serve.RuntimeFailedError(
            f"wrangler failed with status {done.returncode}. Its output is above."
        )
