"""A forge on this machine: a remote, the events of pushes, and act as its runners."""

import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.pipeline import commands
from tests.support import workflows
from tests.support.repository import Repository, hermetic
from tests.workflows import stand_in

KIT, KIT_COMMIT = "OWNER/REPOSITORY", "COMMIT"
# A name that a careless script would run.
SHELL_CHARACTERS = "a\"$(touch${IFS}$FORGE/pwned)`id`;&|'"
# Every run of a workflow looks for the inputs of every action in the same files.
_parse = functools.cache(workflows.parse)
_LONGEST = 1_200  # seconds; a run takes about 20
_NOISE = ("LocalRepositoryCache", "\N{WHITE MEDIUM STAR} Run P", "  \N{GEAR}  ::")
_USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)((?:/[\w./-]+)?)@([\w.-]+)")


@dataclass(frozen=True)
class Run:
    """What one run of a workflow did.

    Attributes:
        jobs: The result of each job that ran, by its ID: "success" or "failure".
        summary: The summaries of its jobs.
        log: All that its steps printed, and act's own lines.
    """

    jobs: Mapping[str, str]
    summary: str
    log: str


@dataclass
class Forge:
    """A project's remote, its clone, and what its workflows left.

    Attributes:
        folder: Everything is in here.
        kit: This project with its workflows and actions, as `act` can run them.
        name: The repository, OWNER/NAME.
        default_branch: The repository's default branch.
        variables: The variables of its environments.
        secrets: The secrets of its environments.
        is_fork: Whether the repository is a fork of another.
    """

    folder: Path
    kit: Path
    name: str = "someone/project"
    default_branch: str = "main"
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    is_fork: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.state = self.folder / "forge"
        self.remote = Repository.bare(self.state / f"{self.name}.git")
        self.remote.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.clone = Repository(self.folder / "clone")
        self.clone.git("remote", "add", "origin", str(self.remote.root))
        tools = self.folder / "tools"
        tools.mkdir()
        for name in stand_in.TOOLS:
            script = f'exec "$SESSION_PYTHON" "{stand_in.__file__}" {name} "$@"'
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o755)

    def push_tag(self, tag: str, *, workflow: str = "release.yml") -> Run:
        """Tag HEAD of the clone, push the tag, and run *workflow*."""
        self.clone.git("tag", "--annotate", "--message", tag, tag)
        self.clone.git("push", "--quiet", "origin", f"refs/tags/{tag}")
        return self.run(workflow, *self.tag_event(tag))

    def tag_event(self, tag: str, *, created: bool = True) -> tuple[str, str, str, Any]:
        """Return a push of *tag*: the event's name, its ref, its commit and its payload."""
        commit = self.remote.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
        ref = f"refs/tags/{tag}"
        payload = {"ref": ref, "after": commit, "created": created, "deleted": False}
        return "push", ref, commit, payload

    def branch_event(self, branch: str) -> tuple[str, str, str, Any]:
        """Push HEAD of the clone to *branch*, and return the event."""
        ref = f"refs/heads/{branch}"
        self.clone.git("push", "--quiet", "origin", f"HEAD:{ref}")
        commit = self.clone.git("rev-parse", "HEAD")
        payload = {"ref": ref, "after": commit, "created": False, "deleted": False}
        return "push", ref, commit, payload

    def pull_request_event(self, head: str) -> tuple[str, str, str, Any]:
        """Return a pull request for HEAD, from the branch *head* of a fork."""
        ref = "refs/pull/1/merge"
        self.clone.git("push", "--quiet", "origin", f"HEAD:{ref}")
        commit = self.clone.git("rev-parse", "HEAD")
        pull_request = {
            "head": {"ref": head, "sha": commit, "repo": {"fork": True}},
            "base": {"ref": self.default_branch},
            "title": head,
        }
        payload = {"number": 1, "pull_request": pull_request}
        return "pull_request", ref, commit, payload

    def run(
        self,
        workflow: str,
        event: str,
        ref: str,
        commit: str,
        payload: Mapping[str, Any],
    ) -> Run:
        """Run the *workflow* file of *commit* for an event, and wait until it ends."""
        number = str(next(self._numbers))
        place = self.folder / f"run-{number}"
        source = place / "source"
        self._export(commit, source)
        repository = {
            "default_branch": self.default_branch,
            "full_name": self.name,
            "fork": self.is_fork,
        }
        (place / "event.json").write_text(
            json.dumps({**payload, "repository": repository})
        )
        variables = {
            "GITHUB_REPOSITORY": self.name,
            "GITHUB_REF": ref,
            "GITHUB_RUN_ID": number,
            "SHA_REF": commit,
        }
        home = place / "home"
        (home / "act").mkdir(parents=True)
        (home / "act" / "actrc").touch()  # or act asks which image to use
        done = subprocess.run(
            [
                *("act", event, "--directory", source, "--json"),
                *("--workflows", source / ".github" / "workflows" / workflow),
                *("--eventpath", place / "event.json"),
                *("--platform", "ubuntu-24.04=-self-hosted"),
                *("--no-cache-server", "--no-skip-checkout", "--action-offline-mode"),
                *("--action-cache-path", place / "cache", "--artifact-server-addr"),
                *("127.0.0.1", "--defaultbranch", self.default_branch),
                *_repeat("--env", variables),
                *_repeat("--local-repository", self._repositories(place, source)),
                *_repeat("--var", self.variables),
                *_repeat("--secret", self.secrets),
                *(("--secret", "GITHUB_TOKEN=a-token") if event == "push" else ()),
            ],
            env=self._environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_LONGEST,
        )
        (place / "log").write_text(done.stdout)
        shutil.rmtree(place / "cache", ignore_errors=True)
        return _read_run(done.stdout)

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """Return what the stand-ins noted, in order."""
        return [
            json.loads(path.read_text())
            for path in sorted((self.state / kind).glob("*.json"))
        ]

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Return the recorded calls of an action or a tool."""
        return [it for it in self.notes("calls") if it["name"] == name]

    def index(self) -> list[str]:
        """Return the names of the files on the package index."""
        return sorted(path.name for path in (self.state / "index").glob("*"))

    def hashes(self, folder: str) -> dict[str, str]:
        """Return the SHA-256 of each file in a folder of the forge by name."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.state / folder).glob("*"))
        }

    def channels_on_index(self) -> set[str]:
        """Return the channels that `build-stamp verify` reads from the wheels there."""
        wheels = (self.state / "index").glob("*.whl")
        printed = "".join(commands.build_stamp("verify", wheel) for wheel in wheels)
        return set(re.findall(r"ok +channel +(\w+)", printed))

    def releases(self) -> dict[str, dict[str, Any]]:
        """Return the releases on the forge by tag."""
        found = (self.state / "releases").glob("*/release.json")
        releases = [json.loads(path.read_text()) for path in found]
        return {it["tag"]: it for it in releases}

    def leave(self, marker: str) -> None:
        """Leave a marker for the stand-ins, such as "fail-index"."""
        (self.state / marker).touch()

    def _export(self, commit: str, source: Path) -> None:
        """Write the files of *commit*, with "$/" spelt out, which act does not know."""
        packed = source.with_suffix(".tar")
        source.mkdir(parents=True)
        self.remote.git("archive", f"--output={packed}", commit)
        shutil.unpack_archive(packed, source)
        spell_out(source, self.name, commit)

    def _repositories(self, place: Path, source: Path) -> dict[str, str]:
        """Return the folder of each repository that a workflow uses."""
        used: dict[str, set[str]] = {}
        for root in (source, self.kit):
            for path in (root / ".github").rglob("*.yml"):
                for name, _, ref in _USES.findall(path.read_text("utf-8")):
                    used.setdefault(name, set()).add(ref)
        folders = {f"{KIT}@{KIT_COMMIT}": str(self.kit)}
        for name, refs in used.items():
            if name == KIT:
                continue
            folder = (
                source if name == self.name else _write(name, place, source, self.kit)
            )
            folders |= {f"{name}@{ref}": str(folder) for ref in refs}
        return folders

    def _environment(self, home: Path) -> dict[str, str]:
        kept = {
            key: value
            for key, value in hermetic(os.environ).items()
            # A runner has none of these.
            if not key.startswith(("PYTEST", "COV_", "GITHUB_", "NOX", "VIRTUAL_ENV"))
        }
        path = [self.folder / "tools", Path(sys.executable).parent, os.environ["PATH"]]
        return {
            **kept,
            "FORGE": str(self.state),
            "HOME": str(home),
            "PATH": os.pathsep.join(map(str, path)),
            "SESSION_PYTHON": sys.executable,
            "XDG_CONFIG_HOME": str(home),
        }


def spell_out(folder: Path, name: str, ref: str) -> None:
    """Replace "$/", this repository at this commit, in the workflows and actions."""
    for path in (folder / ".github").rglob("*.yml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"uses: \$/(\S+)", rf"uses: {name}/\1@{ref}", text))


def _repeat(option: str, values: Mapping[str, str]) -> Iterable[str]:
    for name, value in values.items():
        yield from (option, f"{name}={value}")


def _write(name: str, place: Path, *roots: Path) -> Path:
    """Write an action that runs the stand-in of *name*, with all inputs that are used."""
    folder = place / "actions" / name
    if folder.exists():
        return folder
    if name not in stand_in.ACTIONS:
        message = f"{name} has no stand-in: write one in {stand_in.__file__}"
        raise AssertionError(message)
    used = {key for root in roots for key in _inputs_of(name, root)}
    action = {
        "name": f"Stand-in for {name}",
        "inputs": {key: {"default": ""} for key in sorted(used)},
        "outputs": {
            key: {"value": f"${{{{ steps.it.outputs.{key} }}}}"}
            for key in ("tags", "labels", "digest")
        },
        "runs": {
            "using": "composite",
            "steps": [
                {
                    "id": "it",
                    "shell": "bash",
                    "env": {"INPUTS": "${{ toJSON(inputs) }}"},
                    "run": f'"$SESSION_PYTHON" "{stand_in.__file__}" {name}',
                }
            ],
        },
    }
    folder.mkdir(parents=True)
    (folder / "action.yml").write_text(json.dumps(action))
    return folder


def _inputs_of(name: str, root: Path) -> Iterator[str]:
    """Yield the inputs that the workflows and actions in *root* pass to an action."""
    for path in (root / ".github").rglob("*.yml"):
        content = _parse(path.read_text("utf-8"))
        jobs = [*content.get("jobs", {}).values(), content.get("runs", {})]
        for step in (step for job in jobs for step in job.get("steps", [])):
            if step.get("uses", "").partition("@")[0] == name:
                yield from step.get("with", {})


def _read_run(printed: str) -> Run:
    jobs: dict[str, str] = {}
    summaries, log = [], []
    for line in printed.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            log.append(line)
            continue
        message = str(entry.get("msg", "")).rstrip()
        if not message.startswith(_NOISE):
            log.append(f"[{entry.get('jobID', '')}] {message}")
        if entry.get("command") == "summary":
            summaries.append(entry["content"])
        if result := entry.get("jobResult"):
            jobs[entry["jobID"]] = result
    return Run(jobs, "\n".join(summaries), "\n".join(log))


# Makes a forge with a project on it.
MakeForge = Callable[[], Forge]
