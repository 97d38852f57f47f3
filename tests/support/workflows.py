"""GitHub's workflow and action files, read, and their shell steps run as they stand."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

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
    return subprocess.run(
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", one.script),
        cwd=folder,
        env={**environ, **variables(one.environ, known)},
        capture_output=True,
        text=True,
        check=False,
    )
