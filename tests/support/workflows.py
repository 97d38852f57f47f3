"""GitHub's workflow and action files, read, and their shell steps run as they stand."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.needs import require
from tests.support.repository import hermetic

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: What it is called.
        condition: When it runs, or "".
        uses: The action that it uses, or "".
        script: What its shell runs, or "".
        environ: Its variables, expressions and all.
        inputs: What it hands to the action.
    """

    name: str
    condition: str
    uses: str
    script: str
    environ: dict[str, str]
    inputs: dict[str, object]


def load(path: Path) -> dict[str, Any]:
    """The whole file."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return found


def steps(path: Path, job: str = "") -> list[Step]:
    """The steps of an action, or of a workflow's job."""
    found = load(path)
    listed = found["jobs"][job].get("steps", []) if job else found["runs"]["steps"]
    return [
        Step(
            it.get("name", ""),
            it.get("if", ""),
            it.get("uses", ""),
            it.get("run", ""),
            it.get("env", {}),
            it.get("with", {}),
        )
        for it in listed
    ]


def all_steps() -> Iterator[tuple[str, Step]]:
    """Every step of every file, with where it stands."""
    for step in steps(ACTION):
        yield "action.yml", step
    for path in WORKFLOWS:
        for job in load(path)["jobs"]:
            for step in steps(path, job):
                yield f"{path.name}: {job}", step


def step(path: Path, job: str, name: str) -> Step:
    """The one step of that name."""
    (found,) = (it for it in steps(path, job) if it.name == name)
    return found


def variables(declared: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The variables that a job or a step declares, its expressions being *known*."""
    return {
        name: _EXPRESSION.sub(lambda match: known[match[1]], value)
        for name, value in declared.items()
    }


def run(
    one: Step, folder: Path, known: Mapping[str, str], environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run the script of *one* step as GitHub runs `shell: bash`.

    Args:
        one: The step.
        folder: Where.
        known: What each expression in its variables stands for.
        environ: The runner's own variables, and the job's.
    """
    require("bash")
    return subprocess.run(
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", one.script),
        cwd=folder,
        env={**environ, **variables(one.environ, known)},
        capture_output=True,
        text=True,
        check=False,
    )


def act(
    folder: Path, inputs: Mapping[str, str], output: Path, environ: Mapping[str, str]
) -> tuple[list[subprocess.CompletedProcess[str]], dict[str, str]]:
    """Run the action's steps in turn; give what each did, and the step's outputs.

    Args:
        folder: Where the checkout is.
        inputs: What a workflow hands to it.
        output: An empty file, for `$GITHUB_OUTPUT`.
        environ: The calling step's own variables.
    """
    declared = load(ACTION)["inputs"]
    given = {name: it["default"] for name, it in declared.items()} | dict(inputs)
    known = {f"inputs.{name}": value for name, value in given.items()} | {
        "github.action_path": str(ROOT)
    }
    done = []
    for one in steps(ACTION):
        if one.condition == "inputs.copy != ''" and not given["copy"]:
            continue
        here = {**runner(), **environ, "GITHUB_OUTPUT": str(output)}
        done.append(run(one, folder, known, here))
        if done[-1].returncode:
            break
    return done, _outputs(output.read_text(encoding="utf-8"))


def runner() -> dict[str, str]:
    """A runner's variables; Python and what is installed beside it are this session's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**hermetic(os.environ), "PATH": path}


def _outputs(written: str) -> dict[str, str]:
    """$GITHUB_OUTPUT, as GitHub reads it: `name=value`, or a here-document."""
    found = {}
    lines = iter(written.splitlines())
    for line in lines:
        if "<<" in line:
            name, _, end = line.partition("<<")
            found[name] = "\n".join(iter(lambda: next(lines), end))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def declared_outputs(found: Mapping[str, str]) -> dict[str, str]:
    """The outputs that action.yml declares, from those of its step."""
    return {
        name: found[it["value"].removeprefix("${{ steps.stamp.outputs.").rstrip(" }")]
        for name, it in load(ACTION)["outputs"].items()
    }
