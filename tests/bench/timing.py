"""Times whole processes, with the variants interleaved so that all see the same machine."""

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
    """The cost of one process, its children included.

    Attributes:
        wall: Seconds of wall clock.
        cpu: Seconds of CPU, user and system.
    """

    wall: float
    cpu: float


def time_process(
    command: tuple[str, ...], folder: Path, environ: Mapping[str, str]
) -> Run:
    """Run *command* in *folder* and measure it.

    Raises:
        RuntimeError: If the command fails.
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
        raise RuntimeError(f"This command failed in {folder}: {' '.join(command)}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def run_interleaved(
    names: Iterable[str], run: Callable[[str], Run], rounds: int, title: str
) -> dict[str, list[Run]]:
    """Run every variant once per round, each round starting with the next one.

    Args:
        names: The variants.
        run: Runs the variant of that name once.
        rounds: How many rounds to measure, after one to warm up.
        title: What the progress lines call this measurement.
    """
    order = list(names)
    runs: dict[str, list[Run]] = {name: [] for name in order}
    for number in range(-1, rounds):
        progress = f"round {number + 1} of {rounds}" if number >= 0 else "warming up"
        log(f"  {title}: {progress}")
        start = number % len(order)
        for name in order[start:] + order[:start]:
            measured = run(name)
            if number >= 0:
                runs[name].append(measured)
    return runs


def compare(runs: Mapping[str, list[Run]], base: str) -> dict[str, tuple[str, str]]:
    """Compare each variant with *base*, round by round.

    Returns:
        For each variant: its wall clock as a ratio, and its extra CPU in milliseconds.
    """
    base_wall = 1000 * statistics.median(run.wall for run in runs[base])
    cells = {}
    for name, measured in runs.items():
        pairs = list(zip(measured, runs[base], strict=True))
        cells[name] = (
            format_spread([mine.wall / theirs.wall for mine, theirs in pairs]),
            format_spread(
                [1000 * (mine.cpu - theirs.cpu) for mine, theirs in pairs], "{:.0f}"
            ),
        )
    cells[base] = (f"1 ({base_wall:.0f} ms)", "0")
    return cells


def format_spread(values: list[float], number: str = "{:.2f}") -> str:
    """Format the median and, in brackets, the two quartiles around it."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{number} ({number}–{number})".format(middle, low, high)  # noqa: RUF001  # a range


def log(message: str) -> None:
    """Report progress on standard error."""
    print(message, file=sys.stderr, flush=True)
