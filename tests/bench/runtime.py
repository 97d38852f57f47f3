"""Starts a Worker on the local runtime as it would be deployed, without wrangler's servers."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.worker.database import split_statements
from usage_receiver import configuration
from worker.local import toolchain
from worker.local.harness import Harness, run_script

_DATE = configuration.read_environment()["compatibility_date"]


@contextlib.contextmanager
def run_bundle(
    entry: Path, migrations: Path, project: Path = configuration.PAPERLESS_NGX
) -> Iterator[Harness]:
    """Run the Worker that *entry* exports, with the tables of *migrations*.

    Args:
        entry: A module whose default export is a Worker.
        migrations: A folder of SQL files.
        project: The folder with its wrangler.jsonc.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        bundle(entry, Path(name), project)
        with run_script(
            Path(__file__).with_name("runtime.mjs"),
            {"bundle": name, "compatibilityDate": _DATE},
        ) as worker:
            for path in sorted(migrations.glob("*.sql")):
                for statement in split_statements(path.read_text(encoding="utf-8")):
                    worker.query(statement)
            yield worker


def bundle(
    entry: Path, folder: Path, project: Path = configuration.PAPERLESS_NGX
) -> None:
    """Write to *folder* what `wrangler deploy` would upload, and a source map."""
    toolchain.link_packages(project)
    with tempfile.TemporaryDirectory(prefix="worker-home-") as home:
        subprocess.run(
            toolchain.wrangler(
                *("deploy", str(entry)),
                *("--config", str(configuration.wrangler_file(project))),
                *("--env=", "--dry-run", "--outdir", str(folder)),
            ),
            cwd=project,
            env=toolchain.clean_environment(Path(home), os.environ),
            stdout=subprocess.DEVNULL,
            check=True,
        )
