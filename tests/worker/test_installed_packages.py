"""Packages are updated without changing those that a running program uses."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.local import packages, toolchain

# Imports one module at the start and another one at each line of input.
PROGRAM = """
import { createInterface } from "node:readline";
import { version } from "shelf";
console.log(version);
for await (const _ of createInterface({ input: process.stdin })) {
  console.log((await import("shelf/later.js")).later);
}
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program that needs one package, installed by npm."""
    folder = tmp_path / "worker"
    folder.mkdir()
    (folder / "program.mjs").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(toolchain, "WORKER", folder)
    monkeypatch.setattr(toolchain, "PACKAGES", folder / "node_modules")
    monkeypatch.setattr(packages, "_FOLDERS", folder / ".packages")
    lock_version(folder, "1.0.0")
    packages.install()
    return folder


@pytest.fixture
def program(worker: Path) -> Iterator[subprocess.Popen[str]]:
    """The program, after its first import."""
    with subprocess.Popen(
        (toolchain.NODE, worker / "program.mjs"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1.0.0\n"
        yield process
        process.kill()


def lock_version(worker: Path, version: str) -> None:
    """Write package.json and a lock file that name *version* of a packed package."""
    source = worker.parent / version / "package"
    source.mkdir(parents=True)
    package = {"name": "shelf", "version": version, "type": "module"}
    (source / "package.json").write_text(json.dumps(package), encoding="utf-8")
    (source / "index.js").write_text(f'export const version = "{version}";')
    (source / "later.js").write_text(f'export const later = "{version}";')
    packed = source.parent / "shelf.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(source, "package")
    root = {"name": "worker", "dependencies": {"shelf": f"file:{packed}"}}
    lock = {
        "name": "worker",
        "lockfileVersion": 3,
        "packages": {
            "": root,
            "node_modules/shelf": {"version": version, "resolved": f"file:{packed}"},
        },
    }
    for name, content in (("package.json", root), ("package-lock.json", lock)):
        (worker / name).write_text(json.dumps(content), encoding="utf-8")


def import_later(program: subprocess.Popen[str]) -> str:
    """Let *program* import its second module, and return the version of that."""
    printed, _ = program.communicate("\n", timeout=60)
    return printed.strip()


def read_version(worker: Path) -> str:
    package = worker / "node_modules" / "shelf" / "package.json"
    version: str = json.loads(package.read_text(encoding="utf-8"))["version"]
    return version


def test_an_update_leaves_a_running_program_its_packages(
    worker: Path, program: subprocess.Popen[str]
) -> None:
    with packages.hold():
        lock_version(worker, "2.0.0")

        packages.install()

        assert read_version(worker) == "2.0.0"
        assert import_later(program) == "1.0.0"


def test_packages_that_no_program_uses_are_removed(worker: Path) -> None:
    old = (worker / "node_modules").resolve().parent
    lock_version(worker, "2.0.0")

    packages.install()

    assert not old.exists()


def test_npm_ci_leaves_a_running_program_its_packages(
    worker: Path, program: subprocess.Popen[str]
) -> None:
    subprocess.run(
        (toolchain.NODE, toolchain.NPM, "ci", "--ignore-scripts", "--no-audit"),
        cwd=worker,
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": f"{toolchain.NODE.parent}:{os.environ['PATH']}"},
    )

    assert import_later(program) == "1.0.0"
    assert packages.install_needed()
    packages.install()
    assert not packages.install_needed()
    assert read_version(worker) == "1.0.0"


def test_an_interrupted_installation_is_repeated(worker: Path) -> None:
    shutil.rmtree(worker / ".packages")
    (worker / ".packages" / "new" / "node_modules" / "shelf").mkdir(parents=True)
    (worker / ".packages" / "replaced").mkdir()
    assert packages.install_needed()

    packages.install()

    assert read_version(worker) == "1.0.0"
    assert len([*(worker / ".packages").glob("*/node_modules")]) == 1
