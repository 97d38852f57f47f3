"""Read GitHub's workflow and action files, and run their shell steps as a runner does."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.needs import require
from tests.support.repository import hermetic

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "action.yml"
CHECK_TAG, INSTALL = (
    ROOT / ".github" / "actions" / name / "action.yml"
    for name in ("check-tag", "install")
)
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BUILD, CI, NIGHTLY, RELEASE, WORKER = (
    ROOT / ".github" / "workflows" / name
    for name in ("build.yml", "ci.yml", "nightly.yml", "release.yml", "worker.yml")
)

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One step of a job or an action.

    Attributes:
        name: Its name, or "".
        condition: Its `if`, or "".
        uses: The action it uses, or "".
        script: Its shell script, or "".
        environ: Its variables, with expressions unresolved.
        inputs: The inputs it passes to the action.
    """

    name: str
    condition: str
    uses: str
    script: str
    environ: dict[str, str]
    inputs: dict[str, object]


def load(path: Path) -> dict[str, Any]:
    """Read a workflow or action file."""
    return parse(path.read_text("utf-8"))


def parse(text: str) -> dict[str, Any]:
    """Parse the text of a workflow or action."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content


def steps(path: Path, job: str = "") -> list[Step]:
    """Read the steps of an action, or of a workflow's *job*."""
    content = load(path)
    listed = content["jobs"][job].get("steps", []) if job else content["runs"]["steps"]
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
    """Read every step of every file, each with its file and job."""
    for path in (ACTION, CHECK_TAG, INSTALL):
        for step in steps(path):
            yield path.relative_to(ROOT).as_posix(), step
    for path in WORKFLOWS:
        for job in load(path)["jobs"]:
            for step in steps(path, job):
                yield f"{path.name}: {job}", step


def find_step(path: Path, job: str, name: str) -> Step:
    """Read the one step called *name*."""
    (step,) = (it for it in steps(path, job) if it.name == name)
    return step


def resolve_variables(
    declared: Mapping[str, str], expressions: Mapping[str, str]
) -> dict[str, str]:
    """Replace the expressions in *declared* variables by their values."""
    return {
        name: _EXPRESSION.sub(lambda match: expressions[match[1]], value)
        for name, value in declared.items()
    }


def run_step(
    step: Step,
    folder: Path,
    expressions: Mapping[str, str],
    environ: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    """Run the script of *step* as GitHub runs `shell: bash`.

    Args:
        step: The step.
        folder: The working directory.
        expressions: The value of each expression in the step's variables.
        environ: The variables of the runner and the job.
    """
    require("bash")
    return subprocess.run(
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script),
        cwd=folder,
        env={**environ, **resolve_variables(step.environ, expressions)},
        capture_output=True,
        text=True,
        check=False,
    )


def run_action(
    folder: Path, inputs: Mapping[str, str], output: Path, environ: Mapping[str, str]
) -> tuple[list[subprocess.CompletedProcess[str]], dict[str, str]]:
    """Run the steps of action.yml until one fails; return them and their outputs.

    Args:
        folder: The checkout.
        inputs: The inputs that the workflow passes.
        output: An empty file, for `$GITHUB_OUTPUT`.
        environ: The variables of the calling step.
    """
    declared = load(ACTION)["inputs"]
    values = {name: it["default"] for name, it in declared.items()} | dict(inputs)
    expressions = {f"inputs.{name}": value for name, value in values.items()} | {
        "github.action_path": str(ROOT)
    }
    finished = []
    for step in steps(ACTION):
        if step.condition == "inputs.copy != ''" and not values["copy"]:
            continue
        variables = {**runner_environment(), **environ, "GITHUB_OUTPUT": str(output)}
        finished.append(run_step(step, folder, expressions, variables))
        if finished[-1].returncode:
            break
    return finished, _parse_outputs(output.read_text(encoding="utf-8"))


def run_build(
    checkout: Path,
    tag: str,
    temporary: Path,
    *,
    project: str = ".",
    created: str = "true",
    after_build: Callable[[], None] = lambda: None,
) -> tuple[str, str]:
    """Run the scripts of build.yml on a checkout of *tag*, until one fails.

    Args:
        checkout: The checkout.
        tag: The tag that was pushed.
        temporary: A folder for the runner's own files; the artifacts go to dist/ in it.
        project: The folder of the project in the checkout.
        created: Whether the push created the tag.
        after_build: What happens between the build and its verification.

    Returns:
        The step that failed, and what it printed; empty if all passed.
    """
    output = temporary / "output"
    output.touch()
    environ = {
        **runner_environment(),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_REF_NAME": tag,
        "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
        "PROJECT": project,
        "RUNNER_TEMP": str(temporary),
        "TAG": tag,
    }
    for step in (*steps(CHECK_TAG), *steps(BUILD, "build")):
        if not step.script:
            continue
        outputs = _parse_outputs(output.read_text(encoding="utf-8"))
        expressions = {
            "inputs.branch || github.event.repository.default_branch": "main",
            "inputs.constraints": "",
            "github.event.created": created,
            "steps.tools.outputs.wheels": "",
            "steps.stamp.outputs.env_prefix": outputs.get("env_prefix", ""),
        }
        # Build with the packages of this environment: that is quick.
        script = step.script.replace(
            "pyproject-build ", "pyproject-build --no-isolation "
        )
        script = script.replace("--rebuild", "--rebuild --no-isolation")
        quick = replace(step, script=script)
        done = run_step(quick, checkout, expressions, environ)
        if done.returncode:
            return step.name, done.stdout + done.stderr
        if step.name == "Build":
            after_build()
    return "", ""


def runner_environment() -> dict[str, str]:
    """Return a runner's variables, with this session's Python first on PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**hermetic(os.environ), "PATH": path}


def _parse_outputs(text: str) -> dict[str, str]:
    """Parse $GITHUB_OUTPUT: `name=value` lines and here-documents."""
    outputs = {}
    lines = iter(text.splitlines())
    for line in lines:
        if "<<" in line:
            name, _, end = line.partition("<<")
            outputs[name] = "\n".join(iter(lambda: next(lines), end))
        else:
            name, _, value = line.partition("=")
            outputs[name] = value
    return outputs


def declared_outputs(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the outputs that action.yml declares, from those of its step."""
    return {
        name: outputs[it["value"].removeprefix("${{ steps.stamp.outputs.").rstrip(" }")]
        for name, it in load(ACTION)["outputs"].items()
    }
