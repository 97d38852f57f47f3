"""Mutates wheels, sdists and repositories until the time is up.

A finding is a traceback, a hang, or an "ok" for an artifact that installs another stamp. It
is printed with the mutations that are needed, and a command that repeats it.

This does not use Hypothesis: a case may hang or take all memory, so it needs a process of
its own, and a run ends when its time is up, whatever it finds.
"""

import argparse
import contextlib
import io
import random
import runpy
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from tests.fuzz import repositories, sdists, wheels
from tests.fuzz.mutations import Mutations
from tests.fuzz.verdicts import Judge, counts, judge_artifact

FINDINGS = Path("fuzz-findings")
_MOST_FINDINGS = 20


class Area(NamedTuple):
    """What is mutated: the names of the mutations, how to make it, how to judge it."""

    mutations: tuple[str, ...]
    make: Callable[[Path, Mutations], Path]
    judge: Judge


AREAS = {
    "wheel": Area(wheels.MUTATIONS, wheels.make, judge_artifact),
    "sdist": Area(sdists.MUTATIONS, sdists.make, judge_artifact),
    "repository": Area(repositories.MUTATIONS, repositories.make, repositories.judge),
}


def main() -> int:
    """Run cases; return 1 if there is a finding."""
    parser = argparse.ArgumentParser(
        prog="nox -s fuzz --", description="Look for wrong verdicts."
    )
    parser.add_argument("--seed", type=int, default=time.time_ns() % (1 << 32))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--area", choices=AREAS, help="what to mutate (default: all)")
    parser.add_argument("--case", help="repeat a finding, and keep what was mutated")
    options = parser.parse_args()
    settings.configure()
    _import_pip()
    if options.case:
        problem = run_case(options.case, keep=True)
        print(problem or "no finding")
        return 1 if problem else 0
    print(
        f"nox -s fuzz -- --seed {options.seed} --minutes {options.minutes}", flush=True
    )
    areas = [options.area] if options.area else list(AREAS)
    for area in areas:
        if problem := run_case(area):
            sys.exit(f"{area}: {problem}")
    return _search(random.Random(options.seed), areas, options.minutes * 60)


def run_case(case: str, *, keep: bool = False) -> str | None:
    """Run a case, such as "wheel add_twin:81 damage:7"; return what is wrong, or None."""
    name, *words = case.split()
    pairs = (word.split(":") for word in words)
    mutations = [(mutation, random.Random(int(seed))) for mutation, seed in pairs]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        made = AREAS[name].make(folder, mutations)
        if keep:
            shutil.rmtree(FINDINGS / "kept", ignore_errors=True)
            shutil.copytree(folder, FINDINGS / "kept", symlinks=True)
        return AREAS[name].judge(made, not mutations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _search(rng: random.Random, areas: list[str], seconds: float) -> int:
    start, cases = time.monotonic(), 0
    findings: set[tuple[str, ...]] = set()
    while time.monotonic() < start + seconds and len(findings) < _MOST_FINDINGS:
        area = rng.choice(areas)
        names = rng.choices(AREAS[area].mutations, k=rng.choice((1, 1, 2, 3)))
        words = [f"{name}:{rng.getrandbits(32)}" for name in names]
        cases += 1
        if not (problem := run_case(" ".join((area, *words)))):
            continue
        for word in tuple(words):  # leave out what is not needed
            rest = [it for it in words if it != word]
            if rest and (again := run_case(" ".join((area, *rest)))):
                words, problem = rest, again
        kind = (*(it.partition(":")[0] for it in words), problem.partition(":")[0])
        if kind in findings:
            continue
        findings.add(kind)
        case = " ".join((area, *words))
        report = f"nox -s fuzz -- --case '{case}'\n{problem}\n"
        passed = time.monotonic() - start
        print(f"\nFinding in case {cases}, after {passed:.0f} s:\n{report}", flush=True)
        FINDINGS.mkdir(exist_ok=True)
        path = FINDINGS / f"{case.replace(' ', '-').replace(':', '-')}.txt"
        path.write_text(report, encoding="utf-8", errors="replace")
    print(
        f"{cases} cases in {time.monotonic() - start:.0f} s, {len(findings)} findings. "
        f"{counts['passed']} artifacts passed; their stamp was compared with that of "
        f"{counts['compared']} installations."
    )
    return 1 if findings else 0


def _import_pip() -> None:
    """Import pip here, so that no child process has to."""
    arguments, sys.argv = sys.argv, ["pip", "install", "--help"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        runpy.run_module("pip", run_name="__main__")
    sys.argv = arguments


if __name__ == "__main__":
    sys.exit(main())
