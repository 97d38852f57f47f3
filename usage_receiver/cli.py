"""Runs the command `usage-receiver`."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from usage_receiver import (
    check,
    command_line,
    configuration,
    data,
    database,
    exclude_command,
    failures,
    generate,
    node,
    restore,
    scaffold,
    selection,
    server,
    settings,
    withhold,
)
from usage_receiver import (
    options as command_options,
)

# What `str()` explains to the person who runs the command.
_FAILURES = (
    check.CheckFailedError,
    configuration.ConfigurationError,
    database.DataError,
    selection.ExcludeError,
    generate.GenerationFailedError,
    node.NodeFailedError,
    scaffold.ScaffoldFailedError,
    server.ServerFailedError,
    withhold.UnknownFieldError,
    OSError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status, unless Node takes over."""
    return run(command_line.create_parser().parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Run a command and return its exit status, unless Node takes over."""
    try:
        _COMMANDS[options.command](options)
    except _FAILURES as error:
        print(failures.describe(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    return 0


def _configure(options: argparse.Namespace) -> dict[str, Any]:
    environment = None if options.env == command_line.PRODUCTION else options.env
    data_folder = options.data or command_line.DATA
    return settings.make_settings(options.project, data_folder, environment)


def _serve(options: argparse.Namespace) -> None:
    configured = _configure(options)
    secret_file = options.operator_secret_file
    server.require_free(options.host, options.port)
    server.lock(configured)
    if options.sample and (notice := server.fill(configured, options.sample)):
        print(notice, file=sys.stderr)
    server.replace_process(
        "serve",
        configured
        | {
            "host": options.host,
            "port": options.port,
            "minutes": options.minutes,
            "secretFile": None if secret_file is None else str(secret_file),
            "trustedProxies": options.trusted_proxy,
            "durability": options.durability,
            # Refuses a web page whose own name leads to this machine (DNS rebinding).
            "local": options.env == "local",
        },
    )


def _count(options: argparse.Namespace) -> None:
    # A new one would be empty, and its counts zero.
    database.require(_find_data(options) / database.DATABASE)
    server.replace_process("count", _configure(options))


def _sql(options: argparse.Namespace) -> None:
    print(data.to_json(data.run_sql(_find_data(options), options.sql)))


def _backup(options: argparse.Namespace) -> None:
    data.back_up(_find_data(options), options.file.absolute())


def _restore(options: argparse.Namespace) -> None:
    configured = _configure(options)
    # Before the folder is made.
    restore.require_file(options.file.absolute())
    server.lock(configured)
    for line in server.restore(configured, options.file.absolute()):
        print(line)


def _withhold(options: argparse.Namespace) -> None:
    folder = _find_data(options)
    database.require(folder / database.DATABASE)

    def query(sql: str) -> list[dict[str, Any]]:
        return data.run_sql(folder, sql)

    field, value = options.field, options.value
    # An undo also removes what an earlier version stored for a wrong name.
    if not options.undo:
        published = generate.list_published(options.project)
        withhold.require_field(query, field, value, published)
    for line in withhold.withhold(query, field, value, undo=options.undo):
        print(line)


def _exclude(options: argparse.Namespace) -> None:
    folder = _find_data(options)
    database.require(folder / database.DATABASE)
    selected = command_options.read_selection(options)

    def query(sql: str) -> list[dict[str, Any]]:
        return data.run_sql(folder, sql)

    for line in exclude_command.run_exclude(options, selected, query):
        print(line)


def _migrate(options: argparse.Namespace) -> None:
    written = generate.write_migration(
        *(options.project, options.rename, options.drop), check=options.check
    )
    print(written, end="")


def _new(options: argparse.Namespace) -> None:
    folder = options.folder.resolve()
    name = options.name or folder.name
    scaffold.create(
        *(folder, name, options.schema, options.engine), counters=options.counters
    )
    print(f"Made {folder}. Its README.md has the next commands.")


def _find_data(options: argparse.Namespace) -> Path:
    return Path(_configure(options)["data"])


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "backup": _backup,
    "check": lambda options: check.check(options.project),
    "count": _count,
    "exclude": _exclude,
    "migrate": _migrate,
    "new": _new,
    "restore": _restore,
    "serve": _serve,
    "sql": _sql,
    "withhold": _withhold,
}
