"""`python -m worker.local`: serves, checks and deploys a project's Worker."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import FrameType

from usage_receiver import check as without_npm
from usage_receiver import generate, scaffold, withhold
from worker.local import (
    check,
    cloudflare,
    command_line,
    pack,
    packages,
    serve,
    toolchain,
)

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What `str()` explains to the person who runs the command.
_FAILURES = (
    without_npm.CheckFailedError,
    generate.GenerationFailedError,
    scaffold.ScaffoldFailedError,
    serve.RuntimeFailedError,
    toolchain.EngineMissingError,
)


def main() -> int:
    """Run the command line and return its exit status."""
    options = command_line.create_parser().parse_args()
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
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _migrate(options: argparse.Namespace) -> None:
    print(f"Migrating the database in {options.data} ...", file=sys.stderr, flush=True)
    options.data.mkdir(parents=True, exist_ok=True)
    serve.migrate(options.data.resolve(), options.project)


def _serve(options: argparse.Namespace) -> None:
    """Serve until the time is up, and print nothing but the URL to standard output."""
    _migrate(options)
    data, project, minutes = options.data.resolve(), options.project, options.minutes
    if options.sample:
        print("Storing and counting made-up reports ...", file=sys.stderr, flush=True)
        serve.fill(data, options.sample, project)
        serve.count(data, sys.stderr, project)
    print("Starting the Worker ... (Ctrl-C stops it)", file=sys.stderr, flush=True)
    server = serve.run_server(
        *(data, options.port, sys.stderr, project),
        secret_file=options.operator_secret_file,
    )
    with server as (url, process):
        print(url, flush=True)
        try:
            process.wait(None if minutes is None else minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"Stopped after {minutes:g} minutes.", file=sys.stderr)
            return
    raise serve.RuntimeFailedError("The runtime stopped. Its output is above.")


def _withhold(options: argparse.Namespace) -> None:
    if not options.remote:
        _migrate(options)
    data = None if options.remote else options.data.resolve()
    for line in withhold.withhold(
        lambda sql: serve.query(data, sql, options.project),
        *(options.field, options.value),
        undo=options.undo,
    ):
        print(line)


def _count(options: argparse.Namespace) -> None:
    _migrate(options)
    serve.count(options.data.resolve(), sys.stderr, options.project)


def _migrate_contract(options: argparse.Namespace) -> None:
    print(
        generate.write_migration(
            *(options.project, options.rename, options.drop), check=options.check
        ),
        end="",
    )


def _describe(options: argparse.Namespace) -> None:
    path = options.project / "openapi.json"
    path.write_text(generate.render_description(options.project), encoding="utf-8")
    print(f"Wrote {path}")


def _deploy(options: argparse.Namespace) -> None:
    cloudflare.deploy(options.project, options.env, dry_run=options.dry_run)


def _new(options: argparse.Namespace) -> None:
    folder = options.folder.resolve()
    name = options.name or folder.name
    scaffold.create(folder, name, options.schema, options.engine)
    print(f"Made {folder}. Its README.md has the next commands.")


def _pack(options: argparse.Namespace) -> None:
    print(pack.pack(options.out, options.version))


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "check": lambda options: check.check(options.project),
    "count": _count,
    "deploy": _deploy,
    "describe": _describe,
    "install": lambda _: None,  # every command installs what it needs
    "migrate": _migrate_contract,
    "new": _new,
    "pack": _pack,
    "serve": _serve,
    "withhold": _withhold,
    "wrangler": lambda options: cloudflare.run_wrangler(
        options.project, *options.arguments
    ),
}


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Nox sends SIGTERM shortly after Ctrl-C, and must not cut short what the first one began.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
