"""Compares what `build-stamp` prints with what really gets installed."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from build_hooks import cli
from tests.fuzz import installers
from tests.fuzz.limits import CRASHED, HUNG, run_limited
from tests.fuzz.mutations import FACTS

Judge = Callable[[Path, bool], str | None]
# Every check must cope with every artifact.
_OPTIONS = ("--strict", "--tag", "v2.15.0", "--index", "--report-url", "https://x.org/")
# How many artifacts passed `verify`, and how many installations it was compared with.
counts: Counter[str] = Counter()


def judge_artifact(artifact: Path, untouched: bool) -> str | None:  # noqa: FBT001  # a Judge
    """Return what is wrong with the verdict on *artifact*, or None.

    Args:
        artifact: A wheel or an sdist, in a folder that may be written to.
        untouched: Whether it has no mutation: then every installer must accept it.
    """
    folder = artifact.parent
    for options in (_OPTIONS, ()):
        status, output = run_build_stamp(folder, "verify", str(artifact), *options)
        if problem := find_problem(status, output):
            return problem
    if status:
        return None
    counts["passed"] += 1
    words = set(re.split(r"[\s,;]+", output))
    for install in installers.FOR[artifact.suffix]:
        target = folder / install.__name__
        status, printed = run_limited(folder, install, artifact, target)
        if status and untouched:
            return f"{install.__name__} refuses what has no mutation:\n{printed}"
        if status:
            continue
        status, printed = run_limited(folder, installers.print_stamp, target)
        if status and "ImportError" not in printed:
            continue  # an error in the code itself, which `verify` does not judge
        counts["compared"] += 1
        facts = {"an import that fails"}
        if not status:
            *_, found, version = map(json.loads, printed.splitlines()[-2:])
            facts = {*found, *([version] if "version.py says" in output else [])}
        # Nothing that is not printed, and nothing printed that is not there.
        if facts - words or (FACTS & words) - facts:
            return f"ok, but {install.__name__} gives {sorted(facts)}:\n{output}"
    return None


def run_build_stamp(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command in *folder*, in a child process; return its status and output."""
    return run_limited(folder, cli.main, arguments)


def find_problem(status: int, output: str) -> str | None:
    """Return what is wrong with an answer of the command, whatever it is about."""
    if status == HUNG:
        return f"hangs:\n{output}"
    if status == CRASHED or "Traceback" in output:
        return f"crashes:\n{output}"
    lines = output.split("\n")
    checks = [line[8:16] for line in lines if re.match(r"  (ok|FAIL|skip|warn) ", line)]
    if len(set(checks)) < len(checks) or any(line.startswith("::") for line in lines):
        return f"prints a forged line:\n{output}"
    if not all(map(str.isprintable, lines)):
        return f"prints control characters:\n{output!r}"
    return None
