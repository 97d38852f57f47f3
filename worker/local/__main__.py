"""`python -m worker.local`: serves, checks and deploys a project's receiver."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from usage_receiver import check as without_npm
from usage_receiver import (
    cli,
    configuration,
    exclude_command,
    failures,
    generate,
    selection,
    server,
    settings,
    withhold,
)
from usage_receiver import data as server_data
from usage_receiver import (
    options as command_options,
)
from worker.local import (
    check,
    cloudflare,
    command_line,
    database,
    pack,
    packages,
    remote_count,
    serve,
    toolchain,
    wrangler,
)

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What `str()` explains to the person who runs the command.
_FAILURES = (
    configuration.ConfigurationError,
    selection.ExcludeError,
    generate.GenerationFailedError,
    remote_count.CountFailedError,
    server.ServerFailedError,
    toolchain.EngineMissingError,
    without_npm.CheckFailedError,
    wrangler.RuntimeFailedError,
    OSError,
)


def main() -> int:
    """Run the command line and return its exit status, unless Node takes over."""
    options = command_line.create_parser().parse_args()
    if command_line.is_for_server(options):
        return cli.run(options)
    # Both stop the Worker and its runtime. Python leaves SIGINT alone if the parent ignores
    # it, as a shell does for background jobs.
    for number in _STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        if packages.install_needed():
            print("Installing the Worker's packages ...", file=sys.stderr, flush=True)
            packages.install()
        with packages.hold():
            toolchain.link_packages(toolchain.WORKER)
            _COMMANDS[options.command](options)
    except subprocess.CalledProcessError as error:
        print(f"npm or tsc failed with status {error.returncode}.", file=sys.stderr)
        return 1
    except _FAILURES as error:
        print(failures.describe(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _migrate(options: argparse.Namespace) -> Path:
    """Migrate the local database, and return its folder."""
    data = _find_data(options)
    print(f"Migrating the database in {data} ...", file=sys.stderr, flush=True)
    serve.migrate(data, options.project)
    return data


def _find_data(options: argparse.Namespace) -> Path:
    """Return the folder of the local database. A new one is for the current user only."""
    if options.data == settings.MEMORY:
        raise wrangler.RuntimeFailedError(
            "Only the server can keep its database in memory: use --runtime server."
        )
    data = Path(options.data or command_line.DATA).resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data


def _locate(options: argparse.Namespace) -> Path | None:
    """Return the folder of the local database; None for production's database."""
    if not options.remote:
        return _find_data(options)
    cloudflare.require_database(options.project)
    return None


def _serve(options: argparse.Namespace) -> None:
    """Serve until the time is up, and print nothing but the URL to standard output."""
    server.require_free("127.0.0.1", options.port)
    data, project, minutes = _migrate(options), options.project, options.minutes
    if options.sample:
        print("Storing and counting made-up reports ...", file=sys.stderr, flush=True)
        if notice := serve.fill(data, options.sample, project):
            print(notice, file=sys.stderr, flush=True)
        else:
            serve.count(data, sys.stderr, project)
    print("Starting the Worker ... (Ctrl-C stops it)", file=sys.stderr, flush=True)
    running = serve.run_server(
        *(data, options.port, sys.stderr, project),
        secret_file=options.operator_secret_file,
    )
    with running as (url, process):
        print(url, flush=True)
        try:
            process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"Stopped after {minutes:g} minutes.", file=sys.stderr)
            return
    raise wrangler.RuntimeFailedError("The runtime stopped. Its output is above.")


def _withhold(options: argparse.Namespace) -> None:
    data = _locate(options) and _migrate(options)
    for line in withhold.withhold(
        lambda sql: database.query(data, sql, options.project),
        *(options.field, options.value),
        undo=options.undo,
    ):
        print(line)


def _exclude(options: argparse.Namespace) -> None:
    selected = command_options.read_selection(options)
    data = _locate(options) and _migrate(options)

    def query(sql: str) -> list[dict[str, Any]]:
        return database.query(data, sql, options.project)

    for line in exclude_command.run_exclude(options, selected, query):
        print(line)


def _count(options: argparse.Namespace) -> None:
    if not options.remote:
        serve.count(_migrate(options), sys.stderr, options.project)
        return
    if options.operator_secret_file is None:
        raise remote_count.CountFailedError(
            "Name the file of the operator's secret with --operator-secret-file."
        )
    for line in remote_count.count(options.remote, options.operator_secret_file):
        print(line)


def _sql(options: argparse.Namespace) -> None:
    rows = database.query(_locate(options), options.sql, options.project)
    print(server_data.to_json(rows))


def _backup(options: argparse.Namespace) -> None:
    database.back_up(_locate(options), options.file, options.project)


def _restore(options: argparse.Namespace) -> None:
    data = _locate(options)
    lost = database.restore(data, options.file, options.project)
    if data is None:
        print(
            "The next daily run deletes reports that are older than their retention. To"
            " run it now, deploy the Worker, and then run `nox -s count -- --remote URL`."
        )
    else:
        # It also deletes reports that are older than their retention.
        serve.count(_migrate(options), sys.stderr, options.project)
    print(lost)


def _describe(options: argparse.Namespace) -> None:
    path = options.project / "openapi.json"
    path.write_text(generate.render_description(options.project), encoding="utf-8")
    print(f"Wrote {path}")


def _deploy(options: argparse.Namespace) -> None:
    cloudflare.deploy(options.project, options.env, dry_run=options.dry_run)


def _pack(options: argparse.Namespace) -> None:
    print(pack.pack(options.out, options.version))


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "backup": _backup,
    "check": lambda options: check.check(options.project),
    "count": _count,
    "deploy": _deploy,
    "describe": _describe,
    "exclude": _exclude,
    "install": lambda _: None,  # every command installs what it needs
    "pack": _pack,
    "restore": _restore,
    "serve": _serve,
    "sql": _sql,
    "withhold": _withhold,
    "wrangler": lambda options: wrangler.run(options.project, *options.arguments),
}


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Nox sends SIGTERM shortly after Ctrl-C, and must not cut short what the first one began.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
