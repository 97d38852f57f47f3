"""Makes a repository with the hook's table from a project's newest sdist, and builds it."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import NamedTuple

from tests.pipeline import commands
from tests.support import tarballs
from tests.support.repository import Repository, hermetic

# A plugin of the hook's name that does nothing. First on PYTHONPATH, it replaces ours, so
# that a build without the hook has the same environment, tree and commit.
_EMPTY_PLUGIN = """\
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

class Nothing(BuildHookInterface):
    PLUGIN_NAME = "build-info"

@hookimpl
def hatch_register_build_hook():
    return Nothing
"""


class BuildFailedError(Exception):
    """A command failed; the message is the command and everything it printed."""


class RealProject(NamedTuple):
    """A project from the index in a repository, with the hook's table in it.

    Attributes:
        repository: Its repository, with one commit and no tag.
        version: Its version.
        python: The interpreter of an environment that has all that its build needs.
        without_hook: The variables with which a build runs an empty hook.
        variables: More variables that its build needs.
    """

    repository: Repository
    version: str
    python: Path
    without_hook: Mapping[str, str]
    variables: Mapping[str, str]

    def build(self, tree: Path, folder: Path, *targets: str, hook: bool = True) -> None:
        """Build *targets* ("sdist", "wheel") of *tree* into *folder*."""
        options = (word for target in targets for word in ("--target", target))
        self._run(
            *("hatchling", "build", *options, "--directory", str(folder)),
            folder=tree,
            variables={**self.variables, **({} if hook else self.without_hook)},
        )

    def verify(self, tag: str, *artifacts: Path) -> None:
        """Run `build-stamp verify --strict`."""
        self._run(
            *("build_hooks", "verify", "--strict", "--tag", tag, *map(str, artifacts)),
            folder=self.repository.root,
            variables={},
        )

    def _run(
        self, module: str, *arguments: str, folder: Path, variables: Mapping[str, str]
    ) -> None:
        command = (str(self.python), "-m", module, *arguments)
        done = subprocess.run(
            command,
            cwd=folder,
            env={**hermetic(os.environ), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            line = " ".join(command)
            raise BuildFailedError(f"{folder}$ {line}\n{done.stdout}{done.stderr}")


def fetch(
    name: str, own_wheel: Path, folder: Path, variables: Mapping[str, str]
) -> RealProject:
    """Download the newest sdist of *name*, and add the hook's table to its configuration.

    If the wheel ships several packages, also add the first line that the error suggests.
    In *variables*, "{version}" stands for the project's version.
    """
    sdists = folder / "sdists"
    commands.run_module(
        *("pip", "download", "--quiet", "--no-deps", "--no-binary", name),
        *("--dest", sdists, name),
    )
    (sdist,) = sdists.iterdir()
    root = tarballs.unpack(sdist, folder / "repository")
    # A repository has none. Hatchling and we recognize an unpacked sdist by this file.
    metadata = root / "PKG-INFO"
    version = BytesHeaderParser().parsebytes(metadata.read_bytes())["Version"]
    metadata.unlink()
    python = _make_environment(root, own_wheel, folder / "environment")
    package = folder / "empty" / "build_hooks"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(_EMPTY_PLUGIN, encoding="utf-8")
    without_hook = {"PYTHONPATH": str(package.parent)}
    repository = Repository(root)
    if (root / ".gitignore").is_file():
        # Projects that ignore every hidden file track this one all the same.
        repository.git("add", "--force", ".gitignore")
    resolved = {key: text.format(version=version) for key, text in variables.items()}
    project = RealProject(repository, version, python, without_hook, resolved)
    _add_hook(project, folder / "first")
    return project


def _make_environment(root: Path, own_wheel: Path, folder: Path) -> Path:
    """Make an environment with what the project's build needs, and our own wheel."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = pyproject["build-system"]["requires"]
    uv = (sys.executable, "-m", "uv", "--quiet")
    python = folder / "bin" / "python"
    commands.run(*uv, "venv", "--python", sys.executable, folder)
    commands.run(
        *(*uv, "pip", "install", "--python", python),
        *("hatchling", own_wheel, *requirements),
    )
    return python


def _add_hook(project: RealProject, folder: Path) -> None:
    """Add the table, and the line that the error of a first build suggests."""
    root = project.repository.root
    hatch, pyproject = root / "hatch.toml", root / "pyproject.toml"
    if hatch.is_file() and "build" in tomllib.loads(hatch.read_text(encoding="utf-8")):
        file, table = hatch, "build.hooks.build-info"
    else:
        file, table = pyproject, "tool.hatch.build.hooks.build-info"
    content = file.read_text(encoding="utf-8")
    file.write_text(f"{content}\n[{table}]\n", encoding="utf-8")
    project.repository.commit("Add the hook")
    try:
        project.build(root, folder, "wheel")
    except BuildFailedError as error:
        suggestion = re.search(r'^\s*(package = ".+")$', str(error), re.MULTILINE)
        if suggestion is None:
            raise
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"{suggestion[1]}\n")
        project.repository.commit("Name the package")
