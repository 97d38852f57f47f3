"""Compares whole builds with the hook and with its peers, interleaved in one run.

Each variant has an environment of its own, as in an isolated build: hatchling
imports every plugin in its environment.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import page
from tests.bench.timing import Run, compare, log, run_interleaved, time_process
from tests.pipeline import commands
from tests.support.repository import COMMITTED, Repository, hermetic

BARE = "bare hatchling"
FLOOR = "a plugin that does nothing"
OURS = "build-info"

_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "host"
{version}

[tool.hatch.build.targets.wheel]
packages = ["src/host"]
{more}
"""
_NOTHING = """\
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

class Nothing(BuildHookInterface):
    PLUGIN_NAME = "nothing"

@hookimpl
def hatch_register_build_hook():
    return Nothing
"""
_STATIC, _DYNAMIC = 'version = "2.15.0"', 'dynamic = ["version"]'


@dataclass(frozen=True)
class Variant:
    """One way to stamp: what it needs in addition to hatchling, and its tables."""

    requires: tuple[str, ...]
    version: str
    more: str = ""


VARIANTS = {
    BARE: Variant((), _STATIC),
    FLOOR: Variant((), _STATIC, "[tool.hatch.build.hooks.nothing]"),
    OURS: Variant(
        ("paperless-report",),
        _STATIC,
        '[tool.hatch.build.hooks.build-info]\npackage = "src/host"',
    ),
    "hatch-vcs, version file": Variant(
        ("hatch-vcs",),
        _DYNAMIC,
        '[tool.hatch.version]\nsource = "vcs"\n'
        '[tool.hatch.build.hooks.vcs]\nversion-file = "src/host/_version.py"',
    ),
    "versioningit, onbuild": Variant(
        ("versioningit",),
        _DYNAMIC,
        '[tool.hatch.version]\nsource = "versioningit"\n'
        "[tool.hatch.build.hooks.versioningit-onbuild]\n"
        'source-file = "src/host/_stamp.py"\nbuild-file = "host/_stamp.py"',
    ),
    "uv-dynamic-versioning": Variant(
        ("uv-dynamic-versioning",),
        _DYNAMIC,
        '[tool.hatch.version]\nsource = "uv-dynamic-versioning"',
    ),
}
_INDEX_GRAIN_SECONDS = 1.1
# Commits, files, tags.
REPOSITORIES = {"small": (200, 50, 5), "big": (20_000, 3_000, 200)}


def main(rounds: int) -> None:
    """Measure, print the results, and update the page."""
    with tempfile.TemporaryDirectory(prefix="bench-stamp-") as name:
        folder = Path(name)
        pythons = {
            it: _environment(folder, it, variant) for it, variant in VARIANTS.items()
        }
        rows: list[str] = []
        for size, shape in REPOSITORIES.items():
            log(
                f"Making the {size} repository: {shape[0]:,} commits, {shape[1]:,} files"
            )
            trees = _trees(folder / size, shape)
            processes = {
                it: _git_processes(pythons[it], trees[it], folder) for it in VARIANTS
            }
            rows += _rows(size, _measure(pythons, trees, rounds, size), processes)
    table = "\n".join((*_HEAD, *rows))
    print(table)
    page.write("stamp", f"{rounds} rounds.\n\n{table}")


_HEAD = (
    "| repository | plugin | wall time, relative to bare hatchling | added CPU time, ms | git processes |",
    "| --- | --- | --- | --- | --- |",
)


def _measure(
    pythons: dict[str, Path], trees: dict[str, Path], rounds: int, what: str
) -> dict[str, list[Run]]:
    def build(name: str) -> Run:
        return _build(pythons[name], trees[name])

    return run_interleaved(VARIANTS, build, rounds, what)


def _rows(
    size: str, runs: dict[str, list[Run]], processes: dict[str, int]
) -> Iterator[str]:
    for name, (wall, cpu) in compare(runs, BARE).items():
        yield f"| {size} | {name} | {wall} | {cpu} | {processes[name]} |"


def _build(python: Path, tree: Path, **environ: str) -> Run:
    clean = {
        key: it
        for key, it in hermetic(os.environ).items()
        if key != "PYTHONDONTWRITEBYTECODE"
    }
    out = str(tree.parent / "out")
    command = (str(python), "-m", "hatchling", "build", "-t", "wheel", "-d", out)
    return time_process(command, tree, {**clean, **environ})


def _git_processes(python: Path, tree: Path, folder: Path) -> int:
    """How often a build runs git, counted by a git that keeps a log."""
    shim, log = folder / "shim", folder / "count"
    shim.mkdir(exist_ok=True)
    log.write_text("")
    git = shutil.which("git")
    (shim / "git").write_text(f'#!/bin/sh\necho >> {log}\nexec {git} "$@"\n')
    (shim / "git").chmod(0o755)
    _build(python, tree, PATH=f"{shim}{os.pathsep}{os.environ['PATH']}")
    return len(log.read_text().splitlines())


def _environment(folder: Path, name: str, variant: Variant) -> Path:
    log(f"Installing {name}")
    place = folder / "environments" / name.partition(",")[0].replace(" ", "-")
    commands.run(sys.executable, "-m", "venv", place)
    requires: list[str | Path] = ["hatchling", *variant.requires]
    if name == OURS:
        requires = ["hatchling", commands.build_own_wheel(folder / "own")]
    commands.run(
        *(place / "bin" / "python", "-m", "pip", "install", "--quiet"),
        *("--constraint", commands.ROOT / "constraints.txt", *requires),
    )
    if name == FLOOR:
        _add_plugin_that_does_nothing(place)
    return place / "bin" / "python"


def _add_plugin_that_does_nothing(environment: Path) -> None:
    """What any plugin costs: hatchling looks through all that is installed for it."""
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "nothing.py").write_text(_NOTHING)
    info = packages / "nothing-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nothing\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hatch]\nnothing = nothing\n")


def _trees(folder: Path, shape: tuple[int, int, int]) -> dict[str, Path]:
    """A clone for each variant, its pyproject.toml committed and tagged v2.15.0."""
    base = Repository(folder / "base")
    _fill(base, *shape)
    trees = {}
    for number, (name, variant) in enumerate(VARIANTS.items()):
        path = folder / str(number) / "tree"
        base.git("clone", "--quiet", "--local", str(base.root), str(path))
        tree = Repository.at(path)
        tree.write(
            {
                "pyproject.toml": _PROJECT.format(
                    version=variant.version, more=variant.more
                )
            }
        )
        tree.commit("Stamp")
        tree.git("tag", "v2.15.0")
        trees[name] = path
    # As in any tree that has been worked in: else git reads again whatever is as
    # young as the index, and only those that may write the index do so just once.
    time.sleep(_INDEX_GRAIN_SECONDS)
    for path in trees.values():
        Repository.at(path).git("status")
    return trees


def _fill(repository: Repository, commits: int, files: int, tags: int) -> None:
    """History by fast-import: every commit changes one file, tags lie evenly."""
    first = {
        ".gitignore": "_version.py\n/dist/\n__pycache__/\n",
        "src/host/__init__.py": "",
        "src/host/version.py": '__version__ = (2, 15, 0)\n__channel__ = "dev"\n',
        "src/host/_stamp.py": "VERSION = None\n",
        **{
            f"src/host/part{number // 100}/m{number}.py": f"N = {number}\n"
            for number in range(files)
        },
    }
    stream = []
    for number in range(commits):
        stream += [
            "commit refs/heads/main",
            f"mark :{number + 1}",
            f"committer A <a@example.org> {COMMITTED - commits + number} +0000",
            "data 1\nx",
        ]
        changed = (
            first
            if number == 0
            else {f"src/host/part0/m{number % 100}.py": f"N = {number}\n"}
        )
        for name, content in changed.items():
            stream += [f"M 644 inline {name}", f"data {len(content)}\n{content}"]
        if number % (commits // tags) == 0:
            stream += [f"reset refs/tags/v1.{number}.0", f"from :{number + 1}"]
    subprocess.run(
        ("git", "fast-import", "--quiet"),
        cwd=repository.root,
        env=hermetic(os.environ),
        input="\n".join((*stream, "")).encode(),
        check=True,
    )
    repository.git("gc", "--quiet")
