"""Carries out a Dockerfile's instructions in folders, without a container engine.

Each stage is a folder with a Python environment of its own, and each RUN is run there by
the shell. Users, layers and the base image need an engine, so they are left out.
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
    """One stage of a build.

    Attributes:
        root: The folder that stands for `/`.
        workdir: WORKDIR, an absolute path in the image.
        environ: The variables of ENV.
        arguments: The arguments of ARG, which RUN gets as variables.
        labels: The labels of LABEL.
        user: The text after USER, or "".
        entrypoint: The text after ENTRYPOINT.
        command: The text after CMD.
    """

    root: Path
    workdir: PurePosixPath = field(default_factory=lambda: PurePosixPath("/"))
    environ: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = ""
    entrypoint: str = ""
    command: str = ""

    def resolve(self, path: str) -> Path:
        """Return where *path*, absolute or relative to WORKDIR, lies on this machine."""
        return self.root / str(self.workdir / path).lstrip("/")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run *command* in the shell, as RUN does."""
        require("sh")
        pip = {name: text for name, text in os.environ.items() if name[:4] == "PIP_"}
        inside = {
            # A path in the image is a path below the stage's folder here.
            name: str(self.root / value.lstrip("/")) if value.startswith("/") else value
            for name, value in self.environ.items()
        }
        return subprocess.run(
            ("sh", "-c", command),
            cwd=self.resolve("."),
            env={
                **pip,
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
    """Yield each instruction and its text, with lines joined and comments removed."""
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, words = line.strip().partition(" ")
            yield name, re.sub(r"\s+", " ", words)


@dataclass
class _Build:
    """A running build and its stages by name; the last stage is the current one."""

    context: Path
    build_args: Mapping[str, str]
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
        self.stage.resolve(".").mkdir(parents=True)

    def do_arg(self, words: str) -> None:
        for word in words.split():
            name, _, default = word.partition("=")
            if value := self.build_args.get(name, default):
                self.stage.arguments[name] = value

    def do_env(self, words: str) -> None:
        self.stage.environ |= _pairs(words, self.stage)

    def do_label(self, words: str) -> None:
        self.stage.labels |= _pairs(words, self.stage)

    def do_run(self, words: str) -> None:
        done = self.stage.run(words)
        if done.returncode:
            raise AssertionError(f"RUN {words}\n{done.stdout}{done.stderr}")

    def do_copy(self, words: str) -> None:
        # Owners of files need an engine.
        *sources, target = (word for word in words.split() if word[:8] != "--chown=")
        origin = self.context
        if sources[0].startswith("--from="):
            origin = self.stages[sources.pop(0).removeprefix("--from=")].root
        destination = self.stage.resolve(target)
        for source in sources:
            paths = list(origin.glob(source.lstrip("/")))
            assert paths, f"COPY {source}: no such file"
            for path in paths:
                if path.is_dir():
                    shutil.copytree(path, destination, dirs_exist_ok=True)
                else:
                    in_folder = target.endswith("/")
                    folder = destination if in_folder else destination.parent
                    folder.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, folder)

    def do_user(self, words: str) -> None:
        self.stage.user = words

    def do_entrypoint(self, words: str) -> None:
        self.stage.entrypoint = words

    def do_cmd(self, words: str) -> None:
        self.stage.command = words

    def do_volume(self, words: str) -> None:
        """Do nothing: volumes need an engine."""


def build(
    dockerfile: Path, context: Path, build_args: Mapping[str, str], folder: Path
) -> dict[str, Stage]:
    """Carry out *dockerfile* in *folder*; return its stages, an unnamed one as "final".

    Args:
        dockerfile: The file.
        context: The build context, the folder that COPY reads.
        build_args: The values of `--build-arg`.
        folder: An empty folder.

    Raises:
        AssertionError: If a command fails; the message is what it printed.
        AttributeError: If this module does not know an instruction.
    """
    running = _Build(context, build_args, folder)
    for name, words in instructions(dockerfile):
        getattr(running, f"do_{name.lower()}")(words)
    return running.stages


def without_ignored(dockerignore: Path, files: list[str]) -> list[str]:
    """Return those of *files* that the `.dockerignore` lets into the build context."""
    rules = [
        line
        for line in dockerignore.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    def is_ignored(file: str) -> bool:
        path = PurePosixPath(file)
        ignored = False
        for rule in rules:
            pattern = rule.removeprefix("!")
            any_depth = pattern.startswith("**/")
            if any(
                parent.match(pattern.removeprefix("**/"))
                and (
                    any_depth or len(parent.parts) == len(PurePosixPath(pattern).parts)
                )
                for parent in (path, *path.parents)
            ):
                ignored = not rule.startswith("!")
        return ignored

    return [file for file in files if not is_ignored(file)]


def _pairs(words: str, stage: Stage) -> dict[str, str]:
    pairs = re.findall(r'([\w.]+)=("[^"]*"|\S+)', words)
    return {
        key: _VARIABLE.sub(
            lambda match: stage.arguments.get(match[1], ""), value.strip('"')
        )
        for key, value in pairs
    }
