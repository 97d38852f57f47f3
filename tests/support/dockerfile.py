"""A Dockerfile's instructions, carried out one by one in folders: no engine is needed.

A stage is a folder with a Python environment of its own, in which each RUN runs as the
shell command that it is. What only an engine can tell is left out: users, layers, and
the base image.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.support.needs import require

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass
class Stage:
    """What a FROM begins.

    Attributes:
        root: The folder that stands for `/`.
        workdir: Where RUN and COPY work, absolute in the image.
        environ: ENV.
        arguments: ARG, for RUN.
        labels: LABEL.
        user: USER, or "".
        entrypoint: ENTRYPOINT, as it is written.
        command: CMD, as it is written.
    """

    root: Path
    workdir: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    environ: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = ""
    entrypoint: str = ""
    command: str = ""

    def place(self, path: str) -> Path:
        """Where *path*, absolute or relative to the working directory, is here."""
        return self.root / str(self.workdir / path).lstrip("/")

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run *command* as RUN does."""
        require("sh")
        host = {key: it for key, it in os.environ.items() if key.startswith("PIP_")}
        inside = {
            # Paths of the image lie in the stage's folder.
            name: str(self.root / value.lstrip("/")) if value.startswith("/") else value
            for name, value in self.environ.items()
        }
        return subprocess.run(
            ("sh", "-c", command),
            cwd=self.place("."),
            env={
                **host,
                "PIP_NO_COMPILE": "1",
                "PATH": f"{self.root / 'python' / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.root),
                "LANG": "C.UTF-8",
                **self.arguments,
                **inside,
            },
            capture_output=True,
            text=True,
            check=False,
        )


def instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """Each instruction and its words, lines joined, comments gone."""
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, words = line.strip().partition(" ")
            yield name, re.sub(r"\s+", " ", words)


@dataclass
class _Build:
    """A build under way: its stages by name, and the one that is being made."""

    context: Path
    given: Mapping[str, str]
    folder: Path
    stages: dict[str, Stage] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        return list(self.stages.values())[-1]

    def do_from(self, words: str) -> None:
        name = words.partition(" AS ")[2] or "final"
        self.stages[name] = Stage(self.folder / name)
        subprocess.run(
            (sys.executable, "-m", "venv", self.stage.root / "python"), check=True
        )

    def do_workdir(self, words: str) -> None:
        self.stage.workdir = PurePosixPath(words)
        self.stage.place(".").mkdir(parents=True)

    def do_arg(self, words: str) -> None:
        for word in words.split():
            name, _, default = word.partition("=")
            if value := self.given.get(name, default):
                self.stage.arguments[name] = value

    def do_env(self, words: str) -> None:
        self.stage.environ |= _pairs(words, self.stage)

    def do_label(self, words: str) -> None:
        self.stage.labels |= _pairs(words, self.stage)

    def do_run(self, words: str) -> None:
        done = self.stage.shell(words)
        if done.returncode:
            raise AssertionError(f"RUN {words}\n{done.stdout}{done.stderr}")

    def do_copy(self, words: str) -> None:
        # Whose files they are is an engine's own matter.
        *sources, target = (it for it in words.split() if it[:8] != "--chown=")
        origin = self.context
        if sources[0].startswith("--from="):
            origin = self.stages[sources.pop(0).removeprefix("--from=")].root
        into = self.stage.place(target)
        for source in sources:
            found = list(origin.glob(source.lstrip("/")))
            assert found, f"COPY {source}: nothing is there"
            for path in found:
                if path.is_dir():
                    shutil.copytree(path, into, dirs_exist_ok=True)
                else:
                    folder = into if target.endswith("/") else into.parent
                    folder.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, folder)

    def do_user(self, words: str) -> None:
        self.stage.user = words

    def do_entrypoint(self, words: str) -> None:
        self.stage.entrypoint = words

    def do_cmd(self, words: str) -> None:
        self.stage.command = words

    def do_volume(self, words: str) -> None:
        """An engine's own matter."""


def build(
    dockerfile: Path, context: Path, build_args: Mapping[str, str], folder: Path
) -> dict[str, Stage]:
    """Carry out *dockerfile* in *folder*; give its stages, the last one as "final".

    Args:
        dockerfile: The file.
        context: The files that it may copy.
        build_args: `--build-arg`.
        folder: An empty folder.

    Raises:
        AssertionError: If a command fails, with what it printed.
        AttributeError: If an instruction cannot be carried out here.
    """
    under_way = _Build(context, build_args, folder)
    for name, words in instructions(dockerfile):
        getattr(under_way, f"do_{name.lower()}")(words)
    return under_way.stages


def allowed(ignored: Path, files: list[str]) -> list[str]:
    """Those of *files* that reach an engine past the `.dockerignore` *ignored*."""
    rules = [
        line
        for line in ignored.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    def is_out(file: str) -> bool:
        path = PurePosixPath(file)
        out = False
        for rule in rules:
            pattern = rule.removeprefix("!")
            any_depth = pattern.startswith("**/")
            if any(
                it.match(pattern.removeprefix("**/"))
                and (any_depth or len(it.parts) == len(PurePosixPath(pattern).parts))
                for it in (path, *path.parents)
            ):
                out = not rule.startswith("!")
        return out

    return [file for file in files if not is_out(file)]


def _pairs(words: str, stage: Stage) -> dict[str, str]:
    pairs = re.findall(r'([\w.]+)=("[^"]*"|\S+)', words)
    return {
        key: _VARIABLE.sub(lambda it: stage.arguments.get(it[1], ""), value.strip('"'))
        for key, value in pairs
    }
