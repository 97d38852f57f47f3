"""Queries, backs up and restores a database of Cloudflare, or of its runtime on this machine."""

import datetime as dt
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from usage_receiver import configuration
from worker.local import wrangler

BINDING = "DB"
_LOCAL = ("--env=local", "--local")
# Production, in the account that the caller's environment names.
_REMOTE = ("--env=", "--remote")
_SQLITE = b"SQLite format 3\0"
# The server reads this line, too (usage_receiver/restore.py).
_DUMPED = "-- Backed up at {:%Y-%m-%dT%H:%M:%SZ}\n"
_READ_DUMPED = re.compile(r"-- Backed up at (\S+)")
_LIST_TABLES = """SELECT name FROM sqlite_schema WHERE type = 'table'
    AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'"""


def locate(data: Path | None) -> tuple[str, ...]:
    """Return wrangler's options for the database in *data*; None is production's."""
    return _REMOTE if data is None else (*_LOCAL, f"--persist-to={data}")


def query(
    data: Path | None, sql: str, project: Path = configuration.PAPERLESS_NGX
) -> list[dict[str, Any]]:
    """Run *sql* on the database in *data*.

    Args:
        data: The database's folder; None for production's database.
        sql: One or more statements.
        project: The project's folder.

    Returns:
        The rows of the first statement that returns any.

    Raises:
        RuntimeFailedError: If it fails.
    """
    printed = wrangler.read_output(
        project,
        *("d1", "execute", BINDING, *locate(data), "--json", f"--command={sql}"),
    )
    results = [statement["results"] for statement in json.loads(printed)]
    return next(filter(None, results), [])


def execute_file(data: Path | None, file: Path, project: Path) -> None:
    """Run the SQL in *file* on the database in *data*; None is production's.

    Raises:
        RuntimeFailedError: If it fails.
    """
    arguments = ("d1", "execute", BINDING, *locate(data), f"--file={file.absolute()}")
    wrangler.read_output(project, *arguments)


def back_up(data: Path | None, file: Path, project: Path) -> None:
    """Write the database in *data* to *file* as SQL that only the current user can read.

    Args:
        data: The database's folder; None for production's database.
        file: A path where nothing is.
        project: The project's folder.

    Raises:
        RuntimeFailedError: If *file* exists, also as a link, or wrangler fails.
    """
    # An absolute path, since wrangler runs in another folder.
    file = file.absolute()
    if os.path.lexists(file):
        raise wrangler.RuntimeFailedError(
            f"{file} exists. Move it away, or choose another name."
        )
    # It is for the current user only, and the file in it becomes the backup when it is whole.
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as temporary:
        exported, whole = Path(temporary, "exported.sql"), Path(temporary, "whole.sql")
        started = dt.datetime.now(dt.UTC)
        _export(data, exported, project, Path(temporary))
        whole.touch(mode=0o600)
        with whole.open("wb") as target, exported.open("rb") as source:
            target.write(_DUMPED.format(started).encode())
            shutil.copyfileobj(source, target)
        # Unlike a rename, this replaces nothing.
        os.link(whole, file)


def restore(data: Path | None, file: Path, project: Path) -> str:
    """Run the SQL of a backup on the empty database in *data*.

    Args:
        data: The database's folder; None for production's database.
        file: The backup.
        project: The project's folder.

    Returns:
        A sentence on the requests to forget that are lost.

    Raises:
        RuntimeFailedError: If the database has tables, *file* is not SQL, or wrangler fails.
    """
    with file.open("rb") as source:
        start = source.readline(100)
    if start.startswith(_SQLITE):
        raise wrangler.RuntimeFailedError(
            f"{file} is a backup of a server of your own. Restore it there, without"
            " --remote and --runtime."
        )
    if query(data, _LIST_TABLES, project):
        raise wrangler.RuntimeFailedError(
            "The database has tables. Restore the backup into a new one: with --data, name a"
            " new folder; with --remote, create a database and put its name and ID into"
            f" {configuration.deployment_file(project)}."
        )
    execute_file(data, file, project)
    made = _READ_DUMPED.match(start.decode(errors="replace"))
    since = f"after {made[1]}" if made else "after the backup was made"
    return f"Requests to forget that arrived {since} are lost. Repeat those that you know of."


def _export(data: Path | None, target: Path, project: Path, temporary: Path) -> None:
    """Let wrangler write the database to *target*, a file in the folder *temporary*."""
    arguments = ("d1", "export", BINDING, f"--output={target}", "--skip-confirmation")
    if data is None:
        wrangler.read_output(project, *arguments, *_REMOTE)
        return
    # `d1 export` has no --persist-to: it reads the folder beside its configuration.
    (temporary / ".wrangler").mkdir()
    (temporary / ".wrangler" / "state").symlink_to(data)
    configured = configuration.read_environment("local", project)
    file = temporary / "wrangler.json"
    names = ("name", "compatibility_date", "d1_databases")
    file.write_text(json.dumps({name: configured[name] for name in names}))
    wrangler.read_output(project, *arguments, "--local", f"--config={file}")
