"""Runs the commands of developers and packagers: build, pip, git and build-stamp."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support import tarballs
from tests.support.repository import Repository, hermetic

ROOT = Path(__file__).resolve().parents[2]


class CommandFailedError(Exception):
    """A command failed; the message is the command and everything it printed."""


def run(
    *command: str | Path,
    environ: Mapping[str, str] | None = None,
    answer: str = "",
    folder: Path = ROOT,
) -> str:
    """Run *command* in *folder*; return its standard output.

    Args:
        command: The program and its arguments.
        environ: All its environment variables; by default this process's.
        answer: Its standard input.
        folder: By default, the project's root.

    Raises:
        CommandFailedError: If its exit status is not 0.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        line = " ".join(map(str, command))
        raise CommandFailedError(f"$ {line}\n{done.stdout}{done.stderr}")
    return done.stdout


def run_module(module: str, *arguments: str | Path, **variables: str) -> str:
    """Run `python -m module`, unaffected by this machine's git configuration."""
    return run(
        *(sys.executable, "-m", module, *arguments),
        environ={**hermetic(os.environ), **variables},
    )


def build(project: Path, folder: Path, *options: str, **variables: str) -> None:
    """Build *project* into *folder* with the packages of this environment."""
    run_module(
        *("build", "--no-isolation", *options, "--outdir"),
        *(folder, project),
        **variables,
    )


def build_own_wheel(folder: Path) -> Path:
    """Build this project's own wheel from the working tree."""
    run(
        *(sys.executable, "-m", "hatchling", "build", "--target", "wheel"),
        *("--directory", folder),
    )
    return next(folder.glob("paperless_report-*.whl"))


def variables_for_pip(own_wheel: Path) -> dict[str, str]:
    """Make pip find *own_wheel*, which is on no index yet, and use the project's pins."""
    return {
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {own_wheel.parent}",
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
    }


def install(artifact: Path, folder: Path, **variables: str) -> Path:
    """Install *artifact* without its dependencies; return the folder to import it from."""
    target = folder / "installed"
    run_module(
        *("pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--no-build-isolation", "--no-compile", "--disable-pip-version-check"),
        *("--target", target, artifact),
        **variables,
    )
    return target


def build_stamp(*arguments: str | Path, **variables: str) -> str:
    """Run `build-stamp`; return its standard output."""
    return run_module("build_hooks", *arguments, **variables)


def archive(checkout: Repository, folder: Path) -> Path:
    """Export HEAD with `git archive` and unpack it; return the unpacked tree."""
    packed = folder / "archive.tar"
    checkout.git("archive", "--prefix=archive/", f"--output={packed}", "HEAD")
    return tarballs.unpack(packed, folder / "unpacked")


def pack(tree: Path, packed: Path) -> None:
    """Pack *tree* as paperless-ngx packs its releases, with xz."""
    packed.parent.mkdir(exist_ok=True)
    with tarfile.open(packed, "w:xz") as tar:
        tar.add(tree, tree.name)


def list_working_tree() -> list[str]:
    """List the files of this working tree that git does not ignore."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard")
    paths = {name: ROOT / name for name in listed.splitlines()}
    return [name for name, it in paths.items() if it.is_file() or it.is_symlink()]


def copy_files(names: Iterable[str], folder: Path) -> None:
    """Copy files of this working tree, with their modes, to the same paths below *folder*."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target, follow_symlinks=False)
