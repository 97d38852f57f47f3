"""Runs wrangler in a project's folder, with the operator's own deployment.jsonc."""

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from usage_receiver import configuration
from worker.local import toolchain


class RuntimeFailedError(Exception):
    """Wrangler or the runtime failed; `str()` of the error says why."""


def run(project: Path, *arguments: str) -> None:
    """Run wrangler with the caller's account and terminal.

    Raises:
        RuntimeFailedError: If it fails; it has printed the reason.
        ConfigurationError: If deployment.jsonc is not valid.
    """
    toolchain.link_packages(project)
    with _configure(project) as options:
        done = subprocess.run(  # noqa: S603  # the caller's own command
            toolchain.wrangler(*options, *arguments),
            cwd=project,
            env={**toolchain.QUIET, **os.environ},
            check=False,
        )
    if done.returncode:
        raise RuntimeFailedError(
            f"wrangler failed with status {done.returncode}. Its output is above."
        )


def read_output(project: Path, *arguments: str) -> str:
    """Run wrangler, which asks nothing, and return its standard output.

    With `--remote` it acts in the caller's account. Without, nothing of the caller's
    environment configures it.

    Raises:
        RuntimeFailedError: If it fails; `str()` of the error has what it printed.
        ConfigurationError: If deployment.jsonc is not valid.
    """
    toolchain.link_packages(project)
    remote = "--remote" in arguments
    home_folder = tempfile.TemporaryDirectory(prefix="worker-home-")
    with home_folder as home, contextlib.ExitStack() as stack:
        options = stack.enter_context(_configure(project)) if remote else []
        local = toolchain.clean_environment(Path(home), os.environ)
        account = {**toolchain.QUIET, **os.environ}
        done = subprocess.run(  # noqa: S603  # no argument comes from a user
            toolchain.wrangler_from_input(),
            # A statement may contain IDs, which no other user of this machine should see.
            input=json.dumps([*options, *arguments]),
            cwd=project,
            env={**(account if remote else local), "CI": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        output = f"{done.stdout}{done.stderr}".strip()
        raise RuntimeFailedError(f"wrangler {arguments[0]} failed:\n{output}")
    return done.stdout


@contextlib.contextmanager
def _configure(project: Path) -> Iterator[list[str]]:
    """Yield the options that make wrangler read deployment.jsonc too, if there is one."""
    if not configuration.deployment_file(project).exists():
        yield []
        return
    # Beside wrangler.jsonc, because paths in it are relative to its folder.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=project, prefix=".wrangler-", suffix=".json"
    ) as file:
        json.dump(configuration.read_all(project), file)
        file.flush()
        yield [f"--config={file.name}"]
