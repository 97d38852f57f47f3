"""Compares the reporter's counters, import and start-up with those of its peers."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import page
from tests.bench.timing import (
    Run,
    compare,
    format_spread,
    log,
    run_interleaved,
    time_process,
)
from tests.pipeline import commands

OURS, DICTIONARY = "ours", "a dictionary"
PEERS = ("prometheus_client", "OpenTelemetry")
_PACKAGES = ("prometheus-client", "opentelemetry-sdk")
_COUNTING = Path(__file__).with_name("rivals") / "counting.py"
IMPORTS = {
    OURS: "from paperless_report import Project, Reporter",
    PEERS[0]: "from prometheus_client import Counter",
    PEERS[1]: "from opentelemetry.sdk.metrics import MeterProvider",
}
# Prints milliseconds of CPU, KiB, and the packages that do not come with Python.
_IMPORT = """
import json, sys, time
def read_peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
peak, before, began = read_peak(), set(sys.modules), time.process_time()
%s
milliseconds = 1000 * (time.process_time() - began)
names = {it.partition(".")[0] for it in set(sys.modules) - before}
names -= {*sys.stdlib_module_names, "paperless_report"}
print(json.dumps([milliseconds, read_peak() - peak, sorted(names)]))
"""
WITHOUT, AGAIN, WITH = "without the app", "without the app, again", "with the app"
_APPS = {
    WITHOUT: "tests.bench.host",
    AGAIN: "tests.bench.host",
    WITH: "paperless_report,tests.bench.host",
}

# What was measured in each round, by contender.
_Rounds = list[dict[str, float]]


def main(rounds: int) -> None:
    """Measure, print the results, and update the page."""
    with tempfile.TemporaryDirectory(prefix="bench-reporter-") as name:
        folder = Path(name)
        python = _install(folder)
        tables = (
            _format_counts(_measure_counts(python, rounds, folder)),
            _format_imports(_measure_imports(python, rounds)),
            _format_starts(_measure_starts(rounds, folder)),
        )
    text = "\n\n".join((f"{rounds} rounds.", *tables))
    print(text)
    page.write("reporter", text)


def _install(folder: Path) -> Path:
    """Install the peers in an environment; return its Python."""
    uv = (sys.executable, "-m", "uv", "--quiet")
    commands.run(*uv, "venv", "--python", sys.executable, folder / "environment")
    python = folder / "environment" / "bin" / "python"
    commands.run(
        *(*uv, "pip", "install", "--python", python),
        *("--constraint", commands.ROOT / "constraints.txt", *_PACKAGES),
    )
    return python


def _run(python: Path, *arguments: str | Path) -> str:
    return subprocess.run(
        (python, *arguments),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(commands.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _measure_counts(python: Path, rounds: int, folder: Path) -> _Rounds:
    log("Counting")
    measured: _Rounds = json.loads(
        _run(python, _COUNTING, str(rounds), folder / "state")
    )
    return measured


def _format_counts(rounds: _Rounds) -> str:
    rows = []
    for threads in (1, 8):
        for name in (DICTIONARY, OURS, *PEERS):
            times = [it[f"{name}, {threads}"] for it in rounds]
            ratios = [
                it[f"{name}, {threads}"] / it[f"{OURS}, {threads}"] for it in rounds
            ]
            ratio = "1" if name == OURS else format_spread(ratios)
            rows.append(
                f"| {threads} | {name} | {format_spread(times, '{:.0f}')} | {ratio} |"
            )
    return "\n".join(
        (
            "| threads | counter | one count, ns | relative to ours |",
            "| --- | --- | --- | --- |",
            *rows,
        )
    )


def _measure_imports(
    python: Path, rounds: int
) -> dict[str, list[tuple[float, int, list[str]]]]:
    measured: dict[str, list[tuple[float, int, list[str]]]] = {it: [] for it in IMPORTS}
    for number in range(-1, rounds):
        log(f"  imports: round {number + 1} of {rounds}")
        for name, statement in IMPORTS.items():
            result = json.loads(_run(python, "-c", _IMPORT % statement))
            if number >= 0:  # the first compiles the modules
                measured[name].append(result)
    return measured


def _format_imports(measured: dict[str, list[tuple[float, int, list[str]]]]) -> str:
    ours = measured[OURS]
    rows = []
    for name, results in measured.items():
        times = [it[0] for it in results]
        pairs = zip(results, ours, strict=True)
        ratio = "1" if name == OURS else format_spread([a[0] / b[0] for a, b in pairs])
        memory = format_spread([it[1] / 1024 for it in results], "{:.1f}")
        rows.append(
            f"| `{IMPORTS[name]}` | {format_spread(times, '{:.1f}')} | {ratio} | {memory} "
            f"| {', '.join(results[0][2]) or 'none'} |"
        )
    return "\n".join(
        (
            "| import | CPU time, ms | relative to ours | memory, MB | other packages |",
            "| --- | --- | --- | --- | --- |",
            *rows,
        )
    )


def _measure_starts(rounds: int, folder: Path) -> dict[str, list[Run]]:
    data = folder / "host"
    data.mkdir()

    def start(name: str) -> Run:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(commands.ROOT),
            "PAPERLESS_DATA_DIR": str(data),
            "PAPERLESS_APPS": _APPS[name],
        }
        manage = str(commands.ROOT / "demo" / "manage.py")
        return time_process((sys.executable, manage, "nothing"), commands.ROOT, environ)

    return run_interleaved(_APPS, start, rounds, "start-up")


def _format_starts(runs: dict[str, list[Run]]) -> str:
    rows = (
        f"| {name} | {wall} | {cpu} |"
        for name, (wall, cpu) in compare(runs, WITHOUT).items()
    )
    return "\n".join(
        (
            "| start of a Django host | wall time, relative | added CPU time, ms |",
            "| --- | --- | --- |",
            *rows,
        )
    )
