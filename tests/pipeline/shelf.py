"""The programs of First report and of Any Python program, in a folder and an environment of their own."""

import contextlib
import datetime as dt
import os
import shlex
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from paperless_report.state import choices, history
from paperless_report.state.database import Database
from tests.pipeline import commands
from tests.support import pages
from usage_receiver import data

PAGE = "docs/tutorials/first-report.md"
# More programs, which import the first.
MORE = "docs/how-to/python.md"
MODULE = "python -m paperless_report --project shelf:project"
# Where the page has the receiver.
ENDPOINT = "http://127.0.0.1:8787"
NAMES = ("shelf.py", "cli.py", "service.py", "manage.py", "thread.py")


@dataclass(frozen=True)
class Shelf:
    """A folder with the page's programs, and the Python that they run on."""

    folder: Path
    python: Path
    receiver: Path

    def run(self, command: str, answer: str = "") -> str:
        """Run *command* of the page in the folder; return what it prints."""
        return commands.run(
            *("bash", "-euc", command),
            answer=answer,
            environ=self.environ,
            folder=self.folder,
        )

    @contextlib.contextmanager
    def start(self, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
        """Run Python with *arguments*; yield the process and the log, and stop it at the end."""
        log = self.folder / "log"
        with (
            log.open("w", encoding="utf-8") as output,
            subprocess.Popen(
                (self.python, *arguments),
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            try:
                yield process, log
            finally:
                process.terminate()

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a program: no proxy, and nothing of this session."""
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "HOME": str(self.folder),
            "NO_PROXY": "*",
            "PATH": path,
        }

    def read_counts(self) -> dict[tuple[str, str], int]:
        """Return the sums that wait here, by the name of the command and the sum."""
        select = "SELECT labels ->> 'name', name, SUM(value) FROM sums GROUP BY 1, 2"
        with Database(self._data_dir).read() as connection:
            assert connection
            return {(label, name): n for label, name, n in connection.execute(select)}

    def wait(self, days: int) -> None:
        """Date everything that is stored back by *days*, as if they had passed."""
        with Database(self._data_dir).write() as connection:
            connection.execute(
                "UPDATE sums SET day = date(day, -? || ' days')", (days,)
            )
            connection.execute(
                "UPDATE sending SET last_sent = last_sent - ? * 86400", (days,)
            )
            choice = choices.read_choice(connection)
            if choice.on and choice.at:
                choices.store_choice(
                    connection,
                    on=True,
                    at=choice.at - dt.timedelta(days=days),
                    accepted=choice.accepted,
                )

    def list_answers(self) -> list[str | None]:
        """Return the answer to each request that was ever made, or None without one."""
        with Database(self._data_dir).read() as connection:
            return [it.answer for it in history.list_sent(connection)]

    @property
    def _data_dir(self) -> Path:
        return self.folder / ".shelf"

    def read_counters(self) -> list[dict[str, Any]]:
        """Return the operator's sums by name."""
        select = next(it for it in pages.commands(PAGE) if " sql " in it)
        rows = data.run_sql(self.receiver / "receiver-data", shlex.split(select)[2])
        return [dict(row) for row in rows]


def make(folder: Path, python: Path, receiver: Path, url: str = ENDPOINT) -> Shelf:
    """Write the page's programs into *folder*; *receiver* has its data, and is at *url*."""
    texts = [
        block.text for page in (PAGE, MORE) for block in pages.blocks(page, "python")
    ]
    for name, text in zip(NAMES, texts, strict=True):
        (folder / name).write_text(text.replace(ENDPOINT, url), encoding="utf-8")
    return Shelf(folder, python, receiver)


def make_receiver(folder: Path) -> None:
    """Make the receiver's project, and copy its schemas, as the page does."""
    new, copy = pages.commands(PAGE)[3:5]
    commands.run(sys.executable, "-m", *_modules(new), folder=folder)
    commands.run(*shlex.split(copy), folder=folder)


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run the page's command that serves the receiver; yield its URL."""
    command = next(it for it in pages.commands(PAGE) if " serve " in it)
    arguments = _modules(command.replace("8787", "0"))
    with subprocess.Popen(
        (sys.executable, "-m", *arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, f"{command} did not start."
            yield url
        finally:
            process.terminate()


def _modules(command: str) -> list[str]:
    program, *arguments = shlex.split(command)
    return [program.replace("-", "_"), *arguments]


def make_environment(folder: Path, wheel: Path, extra: str) -> Path:
    """Install *wheel* with *extra* and nothing else in *folder*; return its Python."""
    venv.create(folder, symlinks=True)
    commands.run_module(
        *("pip", "--python", folder / "bin" / "python", "install", "--quiet"),
        *("--no-index", "--no-deps", "--disable-pip-version-check", wheel),
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in _list_dependencies(_read_requirements(packages), extra):
        _link(metadata.distribution(name), packages)
    return folder / "bin" / "python"


def _read_requirements(packages: Path) -> list[str]:
    (installed,) = metadata.distributions(name="paperless-report", path=[str(packages)])
    return installed.requires or []


def _list_dependencies(requirements: Iterable[str], extra: str = "") -> set[str]:
    names: set[str] = set()
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            needed = metadata.requires(requirement.name) or []
            names |= {requirement.name, *_list_dependencies(needed)}
    return names


def _link(distribution: metadata.Distribution, packages: Path) -> None:
    """Link what *distribution* has in this session into *packages*."""
    tops = {it.parts[0] for it in distribution.files or () if it.parts[0] != ".."}
    for name in tops - {"__pycache__"}:
        target = packages / name
        if not target.exists():
            target.symlink_to(Path(str(distribution.locate_file(name))))
