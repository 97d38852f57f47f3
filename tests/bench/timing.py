"""Whole processes, timed side by side and interleaved."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One process: seconds of wall clock and of CPU, children included."""

    wall: float
    cpu: float


def timed(command: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> Run:
    """Run *command* in *folder* to its end.

    Raises:
        RuntimeError: If it fails.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"This failed in {folder}: {' '.join(command)}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def interleaved(
    names: Iterable[str], run: Callable[[str], Run], rounds: int, what: str
) -> dict[str, list[Run]]:
    """Each name once a round, each round beginning with another."""
    order = list(names)
    runs: dict[str, list[Run]] = {name: [] for name in order}
    for number in range(-1, rounds):
        say(
            f"  {what}: round {number + 1} of {rounds}"
            if number >= 0
            else f"  {what}: warming up"
        )
        start = number % len(order)
        for name in order[start:] + order[:start]:
            measured = run(name)
            if number >= 0:
                runs[name].append(measured)
    return runs


def beside(runs: Mapping[str, list[Run]], base: str) -> dict[str, tuple[str, str]]:
    """Wall clock as a ratio to *base*'s, and CPU in milliseconds more, round by round."""
    return {
        name: (
            f"1 ({1000 * statistics.median(it.wall for it in mine):.0f} ms)",
            "0",
        )
        if name == base
        else (
            spread([a.wall / b.wall for a, b in zip(mine, runs[base], strict=True)]),
            spread(
                [1000 * (a.cpu - b.cpu) for a, b in zip(mine, runs[base], strict=True)],
                "{:.0f}",
            ),
        )
        for name, mine in runs.items()
    }


def spread(values: list[float], form: str = "{:.2f}") -> str:
    """The median, and the bounds between which the middle half lies."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{form} ({form}–{form})".format(middle, low, high)  # noqa: RUF001  # a range


def say(what: str) -> None:
    """Tell how far it is."""
    print(what, file=sys.stderr, flush=True)
