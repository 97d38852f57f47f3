"""The whole path, step by step: from a git tag to a row in D1.

The demo tells it and the pipeline test judges it; both call these functions.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import Repository, hermetic

ROOT = Path(__file__).resolve().parents[2]
TAG = "v2.15.0-beta.rc1"

_NOT_SOURCE = shutil.ignore_patterns("__pycache__", "data", "dist", "build_info.py")


class StepFailedError(Exception):
    """A command failed; `str()` of it is the command and all that it printed."""


@dataclass(frozen=True)
class Host:
    """An installed demo host.

    Attributes:
        environment: The folder of its virtual environment.
        data: Its PAPERLESS_DATA_DIR.
        url: The Worker that it reports to.
    """

    environment: Path
    data: Path
    url: str

    def manage(self, *arguments: str, answer: str = "") -> str:
        """Run `manage.py`, with *answer* on its standard input; give what it printed."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data),
            "LANG": "C.UTF-8",
            "PAPERLESS_DATA_DIR": str(self.data),
            "PAPERLESS_USAGE_REPORTING_URL": self.url,
        }
        return run(
            self.environment / "bin" / "manage.py",
            *arguments,
            environ=environ,
            answer=answer,
        )


def host_repository(folder: Path, files: Mapping[str, str] | None = None) -> Repository:
    """A fresh repository of the demo host, and *files*, with nothing committed yet."""
    shutil.copytree(ROOT / "demo", folder, ignore=_NOT_SOURCE)
    repository = Repository(folder)
    repository.write(files or {})
    return repository


def tagged_repository(folder: Path) -> Repository:
    """The same, its one commit tagged as a beta."""
    repository = host_repository(folder)
    repository.commit("Release candidate 1 of 2.15.0")
    repository.tag(TAG, annotated=True)
    return repository


def cut(repository: Repository, *words: str) -> str:
    """`build-stamp cut` in *repository*; give what it printed."""
    return run(
        *_python("build_hooks"),
        *("cut", words[0], str(repository.root), *words[1:]),
        environ=hermetic(os.environ),
    )


def date_of(repository: Repository) -> str:
    """When HEAD was committed, as a stamp says it."""
    return repository.git(
        *("log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"),
        TZ="UTC",
    )


def build_own_wheel(folder: Path) -> Path:
    """This project's wheel, made from this tree."""
    run(*_python("build"), "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("paperless_report-*.whl"))


def constrain(folder: Path, own_wheel: Path) -> Path:
    """The project's pins, and this tree's own wheel wherever its name is asked for."""
    path = folder / "constraints.txt"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    path.write_text(
        f"{pins}paperless-report @ {own_wheel.as_uri()}\n", encoding="utf-8"
    )
    return path


def build_host(
    repository: Repository, folder: Path, constraints: Path
) -> tuple[Path, Path]:
    """The demo's sdist, and its wheel made from that sdist, each in isolation."""
    run(
        *_python("build"),
        *("--outdir", str(folder), str(repository.root)),
        environ={**hermetic(os.environ), "PIP_CONSTRAINT": str(constraints)},
    )
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


def install(wheel: Path, own_wheel: Path, folder: Path, constraints: Path) -> Path:
    """Install *wheel*, and the app, in a new virtual environment; give its folder."""
    run(*_python("venv"), folder)
    run(
        *(folder / "bin" / "python", "-m", "pip", "install", "--quiet"),
        *("--disable-pip-version-check", "--constraint", constraints),
        *(wheel, f"{own_wheel}[report]"),
    )
    return folder


def load_rows(host: Host) -> None:
    """Migrate the host's SQLite database and fill it."""
    host.data.mkdir(parents=True, exist_ok=True)
    host.manage("migrate", "--verbosity", "0")
    host.manage("loaddata", "--verbosity", "0", "demo")


def run(
    *command: str | Path, environ: Mapping[str, str] | None = None, answer: str = ""
) -> str:
    """Run *command*; give what it printed on standard output.

    Raises:
        StepFailedError: If it fails.
    """
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(map(str, command))
        raise StepFailedError(f"$ {words}\n{done.stdout}{done.stderr}")
    return done.stdout


def _python(module: str) -> tuple[str, ...]:
    return sys.executable, "-m", module
