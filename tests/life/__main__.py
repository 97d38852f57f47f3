"""Lets installations of all systems live, two systems at a time, and prints what was found."""

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.projects.clients import VARIABLES
from tests.support.pages import ROOT

# The longest first.
SYSTEMS = ("octoprint", "codegraph", "manyfold", "paperless_ngx", "printernizer")
_CORES = 2
_MOST_FAULTS = 40
_SMALL_DISK = "size=256k"
# Mounts a small disk, and runs the rest of the arguments in its mount namespace.
_MOUNT = f'mount -t tmpfs -o {_SMALL_DISK} none "$0" && exec "$@"'
_COLUMNS = (
    "steps",
    "requests",
    "held back",
    "arrived",
    "rows",
    "counters",
    "cells",
    "IDs",
    "seconds",
)
_LINE = "{:<14}{:>7}{:>9}{:>10}{:>8}{:>6}{:>9}{:>6}{:>6}{:>8}{:>7}"


def main() -> int:
    """Run the simulations; return 1 if anything differs from the models."""
    parser = argparse.ArgumentParser(
        prog="nox -s life --", description="Live a week, and compare with the models."
    )
    parser.add_argument("--seed", type=int, default=time.time_ns() % (1 << 32))
    parser.add_argument("--installations", type=int, default=200)
    parser.add_argument("systems", nargs="*", help="their modules (default: all)")
    options = parser.parse_args()
    systems = options.systems or SYSTEMS
    given = f"--seed {options.seed} --installations {options.installations}"
    print("nox -s life --", given, *options.systems, flush=True)
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(_CORES) as pool:
        results = [
            *pool.map(
                lambda it: _simulate(it, options.seed, options.installations), systems
            )
        ]
    _print_table(dict(zip(systems, results, strict=True)))
    print(f"{options.installations} installations of each. ", end="")
    print(f"All of it took {time.monotonic() - start:.0f} s.")
    return int(any(it["faults"] for it in results))


def _simulate(system: str, seed: int, installations: int) -> dict[str, Any]:
    """Run a system's simulation in a process of its own, and return its result."""
    with tempfile.TemporaryDirectory(
        prefix=f"life-{system}-", dir=_find_memory()
    ) as it:
        folder = Path(it)
        small = folder / "small"
        small.mkdir()
        command = [sys.executable, "-m", "tests.life.simulate", system, str(folder)]
        command += ["--seed", str(seed), "--installations", str(installations)]
        with subprocess.Popen(
            [*_find_mount(small), *command],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**_keep_variables(), "TMPDIR": str(folder)},
            text=True,
        ) as process:
            assert process.stdout
            result: dict[str, Any] = {}
            for line in process.stdout:
                result = json.loads(line)
                if "night" in result:
                    _print_progress(system, result)
        if "faults" not in result:
            return {"faults": [f"it ended with {process.returncode}"]}
        return result


def _find_memory() -> str | None:
    """Return a folder in memory, where a commit need not wait for a disk."""
    memory = "/dev/shm"  # noqa: S108  # `tempfile` makes the folder in it
    return memory if os.access(memory, os.W_OK) else None


def _keep_variables() -> dict[str, str]:
    """Return the environment without what changes what clients do, such as CI."""
    return {name: it for name, it in os.environ.items() if name not in VARIABLES}


def _find_mount(small: Path) -> list[str]:
    """Return the command that gives the rest a small disk; nothing where it is not allowed."""
    if shutil.which("unshare") is None:
        return []
    as_root = ["--user", "--map-root-user"] if os.geteuid() else []
    mount = ["unshare", *as_root, "--mount", "sh", "-c", _MOUNT, str(small)]
    done = subprocess.run([*mount, "true"], capture_output=True, check=False)
    return mount if done.returncode == 0 else []


def _print_progress(system: str, night: dict[str, Any]) -> None:
    print(
        f"{system:14} {night['night']}: {night['requests']} requests so far", flush=True
    )


def _print_table(results: Mapping[str, dict[str, Any]]) -> None:
    """Print what differs from the models, then a line for each system."""
    for system, result in results.items():
        for fault in result["faults"][:_MOST_FAULTS]:
            print(f"{system}: {fault}")
    print(_LINE.format("", *_COLUMNS, "wrong"))
    for system, result in results.items():
        numbers = (result.get(name, "-") for name in _COLUMNS)
        print(_LINE.format(system, *numbers, len(result["faults"])))


if __name__ == "__main__":
    sys.exit(main())
