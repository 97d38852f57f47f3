"""Stands in for the actions of others, and for the tools that talk to other machines.

act runs `python stand_in.py NAME` as the only step of an action, with the action's inputs
as JSON in $INPUTS. The tools on $PATH run it with their arguments. Every call is recorded
in the folder $FORGE, which holds all that GitHub, the index and the registry would keep.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

FORGE = Path(os.environ.get("FORGE", "."))
Inputs = Mapping[str, str]
SECRETS = ("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")


def checkout(inputs: Inputs) -> None:
    """Clone the commit that was pushed, as deep as the workflow says."""
    ref, commit = os.environ["GITHUB_REF"], os.environ["GITHUB_SHA"]
    remote = inputs["repository"] or os.environ["GITHUB_REPOSITORY"]
    _git("init", "--quiet", "--initial-branch=unborn")
    _git("remote", "add", "origin", str(FORGE / f"{remote}.git"))
    depth = inputs["fetch-depth"] or "1"
    fetch = ["fetch", "--quiet", "--no-tags", "origin"]
    if depth == "0":
        _git(*fetch, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    else:
        fetch.append(f"--depth={depth}")
    if ref.startswith("refs/tags/"):
        _git(*fetch, f"+{commit}:{ref}")
    elif inputs["fetch-tags"] == "true":
        _git(*fetch, f"+{commit}:refs/remotes/run", "+refs/tags/*:refs/tags/*")
    else:
        _git(*fetch, f"+{commit}:refs/remotes/run")
    _git("checkout", "--quiet", "--detach", commit)
    if (FORGE / "change-after-checkout").exists():
        changed = Path(_git("ls-files", "--", "src").splitlines()[-1])
        changed.write_text(f"{changed.read_text()}# changed\n")


def setup_python(_: Inputs) -> None:
    """Put a new environment on PATH, with the packages of the test session.

    All but this project: a runner has not installed it yet.
    """
    temporary = Path(os.environ["RUNNER_TEMP"])
    home, shared = temporary / "python", temporary / "session-packages"
    _run(os.environ["SESSION_PYTHON"], "-m", "venv", "--without-pip", str(home))
    shared.mkdir()
    session = Path(sysconfig.get_path("purelib"))
    for path in session.iterdir():
        if not path.name.startswith(("paperless_report", "__editable__")):
            (shared / path.name).symlink_to(path)
    # Outside the environment: pip must not replace a package of the session.
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "session.pth").write_text(f"{shared}\n")
    _append("GITHUB_PATH", f"{home / 'bin'}")
    pip = home / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec python -m pip "$@"\n')
    pip.chmod(0o755)


def upload_artifact(inputs: Inputs) -> None:
    """Keep files under a name, which a run can use once."""
    found = _find(inputs["path"])
    if not found and inputs["if-no-files-found"] == "error":
        _fail(f"No files were found with the provided path: {inputs['path']}")
    folder = _artifacts() / inputs["name"]
    if folder.exists():
        _fail(f"An artifact with the name {inputs['name']} exists already")
    for path, name in found:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)


def download_artifact(inputs: Inputs) -> None:
    """Copy one artifact into a folder, or each into a folder of its own name."""
    target = Path(inputs["path"] or ".")
    if name := inputs["name"]:
        if not (_artifacts() / name).is_dir():
            _fail(f"Artifact not found for name: {name}")
        shutil.copytree(_artifacts() / name, target, dirs_exist_ok=True)
        return
    for artifact in _artifacts().iterdir():
        shutil.copytree(artifact, target / artifact.name, dirs_exist_ok=True)


def upload_pages(inputs: Inputs) -> None:
    """Keep the files of a website for the job that publishes it."""
    upload_artifact({**inputs, "name": "github-pages", "if-no-files-found": "error"})


def deploy_pages(_: Inputs) -> None:
    """Publish these files, in place of those before."""
    website = FORGE / "website"
    shutil.rmtree(website, ignore_errors=True)
    shutil.copytree(_artifacts() / "github-pages", website)


def attest(inputs: Inputs) -> None:
    """Note the hash of each file, as an attestation would sign it."""
    if inputs["subject-digest"]:
        return
    found = _find(inputs["subject-path"])
    if not found:
        _fail(f"Could not find subject at path {inputs['subject-path']}")
    for path, name in found:
        _note("attested", {"name": name, "sha256": _hash(path)})


def publish(inputs: Inputs) -> None:
    """Upload files one by one, as the index accepts them: a name takes one content."""
    index = FORGE / "index"
    index.mkdir(exist_ok=True)
    folder = Path(inputs["packages-dir"] or "dist")
    for path in sorted(folder.iterdir(), reverse=True):
        kept = index / path.name
        if kept.exists() and _hash(kept) != _hash(path):
            _fail(f"400 File already exists ({path.name}).")
        shutil.copy(path, kept)
        if _consume("fail-index"):
            _fail("503 Service Unavailable")


def metadata(inputs: Inputs) -> None:
    """Make the names of an image from the rules that these workflows use."""
    tags = [
        f"{inputs['images']}:{rule.rpartition('value=')[2]}"
        for rule in inputs["tags"].split()
    ]
    _output("tags", "\n".join(tags))
    _output("labels", inputs["labels"])


def build_push(inputs: Inputs) -> None:
    """Note what would be built, and push it under its tags."""
    registry = FORGE / "registry"
    registry.mkdir(exist_ok=True)
    wheels = sorted(path.name for path in Path("dist").glob("*.whl"))
    for tag in inputs["tags"].split():
        image = json.dumps({**inputs, "wheels": wheels})
        (registry / tag.rpartition(":")[2]).write_text(image)
    _output("digest", f"sha256:{hashlib.sha256(inputs['tags'].encode()).hexdigest()}")


def record_only(_: Inputs) -> None:
    """Do nothing: its inputs are recorded."""


ACTIONS: Mapping[str, Callable[[Inputs], None]] = {
    "actions/checkout": checkout,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload_artifact,
    "actions/download-artifact": download_artifact,
    "actions/upload-pages-artifact": upload_pages,
    "actions/deploy-pages": deploy_pages,
    "actions/attest": attest,
    "pypa/gh-action-pypi-publish": publish,
    "docker/setup-qemu-action": record_only,
    "docker/setup-buildx-action": record_only,
    "docker/login-action": record_only,
    "docker/metadata-action": metadata,
    "docker/build-push-action": build_push,
}


def gh(arguments: Sequence[str]) -> None:
    """Look at a release, or create it: once, for a tag that exists."""
    command, verb, tag, *rest = arguments
    folder = FORGE / "releases" / hashlib.sha256(tag.encode()).hexdigest()
    if (command, verb) == ("release", "view"):
        if not folder.exists():
            _fail("release not found")
        return
    if (command, verb) != ("release", "create"):
        _fail(f"The stand-in for gh has no {command} {verb}")
    if folder.exists():
        _fail("a release with the same tag name already exists")
    remote = FORGE / f"{os.environ['GH_REPO']}.git"
    _git("-C", str(remote), "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}")
    if not os.environ.get("GH_TOKEN"):
        _fail("gh: set the GH_TOKEN environment variable")
    folder.mkdir(parents=True)
    options = [it for it in rest if it.startswith("--")]
    # The values of --title and --notes-file are paths or names, too.
    files = [it for it in rest if it.startswith(("dist/", "receiver/", "engine/"))]
    for path in files:
        shutil.copy(path, folder)
    about = {"tag": tag, "options": options, "files": [Path(it).name for it in files]}
    (folder / "release.json").write_text(json.dumps(about))


def docker(arguments: Sequence[str]) -> None:
    """Keep the arguments of a build, and print in `run` what the image would print."""
    image = FORGE / "docker-image"
    if arguments[0] == "build":
        image.write_text("\n".join(arguments))
    elif "id" in arguments:
        print("1000")
    else:
        stated = dict(it.split("=", 1) for it in image.read_text().split() if "=" in it)
        facts = {name.rpartition("_")[2]: value for name, value in stated.items()}
        print(f"  Channel : {facts['CHANNEL']}")
        print(f"  Commit : {facts['COMMIT'][:9]}  (built {facts['DATE']})")


def nox(arguments: Sequence[str]) -> None:
    """Write what the sessions `pack` and `docs` would; the others leave nothing."""
    if "docs" in arguments and "lint" not in arguments:
        Path("site").mkdir()
        Path("site", "index.html").write_text(os.environ["GITHUB_SHA"])
    if "pack" in arguments:
        folder = Path(arguments[-1])
        folder.mkdir()
        (folder / "usage-receiver.tgz").write_bytes(b"packed")


TOOLS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "gh": gh,
    "docker": docker,
    "nox": nox,
    "sudo": lambda _: None,
}


def main() -> None:
    """Run the action or the tool that the first argument names."""
    name, *arguments = sys.argv[1:]
    failed = _consume(f"fail-{name}")
    secrets = [key for key in SECRETS if os.environ.get(key)]
    if name in TOOLS:
        _note("calls", {"name": name, "arguments": arguments, "secrets": secrets})
        if not failed:
            TOOLS[name](arguments)
    else:
        # An input that no workflow sets is empty.
        inputs = defaultdict(str, json.loads(os.environ["INPUTS"]))
        _note("calls", {"name": name, "inputs": inputs})
        if not failed:
            ACTIONS[name](inputs)
    if failed:
        _fail(f"{name} fails once, because the test wants it")


def _artifacts() -> Path:
    folder = FORGE / "artifacts" / os.environ["GITHUB_RUN_ID"]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _find(patterns: str) -> list[tuple[Path, str]]:
    """Find files, each with its name in an artifact."""
    found = []
    for pattern in patterns.split():
        for match in _glob(pattern):
            inside = match.rglob("*") if match.is_dir() else [match]
            base = match if match.is_dir() else match.parent
            found += [(it, str(it.relative_to(base))) for it in inside if it.is_file()]
    return found


def _glob(pattern: str) -> list[Path]:
    """Find what *pattern* names, relative to the current folder or absolute."""
    path = Path(pattern)
    folder = Path(path.anchor or ".")
    return sorted(folder.glob(str(path.relative_to(folder))))


def _consume(marker: str) -> bool:
    """Whether the test left *marker*; it counts once."""
    path = FORGE / marker.replace("/", "-")
    exists = path.exists()
    path.unlink(missing_ok=True)
    return exists


def _note(kind: str, entry: Mapping[str, object]) -> None:
    folder = FORGE / kind
    folder.mkdir(exist_ok=True)
    job = {"job": os.environ.get("GITHUB_JOB", ""), "run": os.environ["GITHUB_RUN_ID"]}
    # Jobs run at the same time: each note is a file.
    name = f"{time.time_ns():020}-{uuid.uuid4().hex}.json"
    (folder / name).write_text(json.dumps({**entry, **job}))


def _output(name: str, value: str) -> None:
    _append("GITHUB_OUTPUT", f"{name}<<end-of-{name}\n{value}\nend-of-{name}")


def _append(variable: str, line: str) -> None:
    with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _git(*arguments: str) -> str:
    return _run("git", "-c", "safe.directory=*", *arguments)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        _fail(f"$ {shlex.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _fail(message: str) -> NoReturn:
    print(f"::error::{message}")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
