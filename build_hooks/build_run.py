"""Builds a project with `python -m build`, and reads why that failed."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_hooks.errors import STOPPED

# What `build` prints after the output of a backend that failed.
_AFTERWARDS = ("TIP ", "ERROR ", "Traceback ")


def run_build(
    tree: Path, artifacts: Path, options: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Build *tree* into the folder *artifacts*. Return the output if it failed."""
    words = ("-P", "-m", "build", "--outdir", str(artifacts), *options, str(tree))
    done = subprocess.run(  # noqa: S603  # our own arguments and the user's project
        (sys.executable, *words),
        env=dict(environ),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if not done.returncode:
        return []
    return f"{done.stdout}{done.stderr}".strip().splitlines() or ["no output"]


def find_statement(output: list[str]) -> list[str]:
    """Return the lines in which the hook says why it stopped the build, if it did."""
    if STOPPED not in output:
        return []
    lines = output[output.index(STOPPED) + 1 :]
    ends = (n for n, it in enumerate(lines) if not it or it.startswith(_AFTERWARDS))
    return lines[: next(ends, len(lines))]
