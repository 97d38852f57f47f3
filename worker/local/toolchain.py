"""Finds the Worker's tools, and runs them: Node, the locked packages, wrangler."""

import contextlib
import json
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from usage_receiver import node, tree

NODE = node.NODE
WORKER = tree.WORKER
PACKAGES = WORKER / "node_modules"
_SCRIPT = PACKAGES / "wrangler" / "wrangler-dist" / "cli.js"
# The name of worker/package.json.
ENGINE = "usage-receiver"

# The wheel's bin/npm looks for its files in the wrong place.
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

# Without these, the local runtime looks up names and sends usage data.
QUIET = {
    "CLOUDFLARE_CF_FETCH_ENABLED": "false",
    "NO_COLOR": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "WRANGLER_HIDE_BANNER": "true",
    "WRANGLER_SEND_METRICS": "false",
    "WRANGLER_WRITE_LOGS": "false",
}
_FOREIGN = ("CLOUDFLARE_", "WRANGLER_", "NODE_", "CF_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class EngineMissingError(Exception):
    """A project's package.json names an engine that is not there."""


def link_packages(project: Path) -> None:
    """Let *project* import the engine and its types, unless npm has installed them there.

    All folders of this repository share one link, in its root. Any other project may name
    the engine in its package.json, as a folder or a packed file; by default, it is this one.

    Raises:
        EngineMissingError: If it is not there.
    """
    root = WORKER.parent
    if project.resolve().is_relative_to(root):
        _link(root / "node_modules" / ENGINE, Path("..", WORKER.name))
        return
    file = project / "package.json"
    try:
        dependencies = json.loads(file.read_text(encoding="utf-8"))["dependencies"]
        declared = str(dependencies[ENGINE]).removeprefix("file:")
    except (FileNotFoundError, KeyError):
        declared = str(WORKER)
    engine, packages = project / declared, project / "node_modules"
    if not (packages / ENGINE).exists():
        if not engine.exists():
            raise EngineMissingError(
                f"{file} names {declared} as {ENGINE}, but there is"
                f" nothing. Name the folder {WORKER} or a packed file, after `file:`."
            )
        if engine.is_dir():
            _link(packages / ENGINE, engine.resolve())
        else:
            _unpack(engine, packages / ENGINE)
    types = Path("@cloudflare", "workers-types")
    _link(packages / types, PACKAGES / types)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(target)


def _unpack(file: Path, folder: Path) -> None:
    """Unpack what `npm pack` has packed, as npm does."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent) as temporary,
        tarfile.open(file) as archive,
    ):
        # Python before 3.11.4 lacks the filter. The file's code runs here in any case.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(temporary)  # noqa: S202  # see above
        Path(temporary, "package").rename(folder)


def clean_environment(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Make the runtime's environment: *environ* without variables that configure it.

    Args:
        home: An empty folder for the runtime's own files.
        environ: The caller's environment.
    """
    kept = {
        key: value
        for key, value in environ.items()
        if not key.startswith(_FOREIGN) and key.upper() not in _PROXIES
    }
    return {**kept, **QUIET, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}


def wrangler(*arguments: str) -> list[str]:
    """Return the command that runs wrangler with *arguments*."""
    return [str(NODE), "--no-warnings", str(_SCRIPT), *arguments]


def wrangler_from_input() -> list[str]:
    """Return the command that runs wrangler with the arguments on standard input, as JSON.

    Other users of this machine do not see them in the list of processes.
    """
    wrapper = WORKER / "local" / "wrangler.mjs"
    return [str(NODE), "--no-warnings", str(wrapper), str(_SCRIPT)]
