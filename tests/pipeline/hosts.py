"""Creates repositories of the demo project, and runs an installation of it."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.pipeline import commands
from tests.support.repository import Repository

BETA, STABLE = "v2.15.0-beta.rc1", "v2.15.0"
# `git archive` fills in the commit and its date.
ARCHIVAL = {
    ".git_archival.txt": "node: $Format:%H$\nnode-date: $Format:%cI$\n",
    ".gitattributes": ".git_archival.txt export-subst\n",
}
# paperless-ngx has no build system, and its version.py has no `__channel__`.
PAPERLESS = {
    "pyproject.toml": """\
[project]
name = "paperless-ngx"
version = "2.15.0"
requires-python = ">=3.11"

[tool.uv]
package = false
""",
    "src/paperless/version.py": """\
from typing import Final

__version__: Final[tuple[int, int, int]] = (2, 15, 0)
# Version string like X.Y.Z
__full_version_str__: Final[str] = ".".join(map(str, __version__))
""",
}

_NOT_SOURCE = shutil.ignore_patterns("__pycache__", "data", "dist", "build_info.py")


def create(folder: Path, files: Mapping[str, str] | None = None) -> Repository:
    """Create a repository of the demo project plus *files*, with nothing committed yet."""
    shutil.copytree(commands.ROOT / "demo", folder, ignore=_NOT_SOURCE)
    repository = Repository(folder)
    repository.write(files or {})
    return repository


def create_beta(folder: Path, files: Mapping[str, str] | None = None) -> Repository:
    """Create the same with one commit, tagged as a beta."""
    repository = create(folder, files)
    repository.commit("Release candidate 1 of 2.15.0")
    repository.tag(BETA, annotated=True)
    return repository


def expected_stamp(repository: Repository, channel: str) -> dict[str, str]:
    """Return the facts that a report from HEAD of *repository* must contain."""
    return {
        "version": "2.15.0",
        "channel": channel,
        "commit": repository.git("rev-parse", "HEAD")[:9],
        "build_date": repository.git(
            *("log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"),
            TZ="UTC",
        ),
    }


@dataclass(frozen=True)
class Host:
    """An installation of the demo project, or of another Django project.

    Attributes:
        command: The program that runs its management commands.
        data: Its data directory.
        url: The endpoint that it reports to, or "".
        variables: Its other environment variables.
        prefix: What the names of its own variables begin with.
    """

    command: tuple[str | Path, ...]
    data: Path
    url: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    prefix: str = "PAPERLESS"

    @classmethod
    def imported_from(
        cls, folder: Path, data: Path, url: str = "", name: str = "paperless"
    ) -> Self:
        """Return the host whose package *name* lies in *folder*, run by this Python."""
        return cls(
            (sys.executable, "-P", "-m", "django"),
            data,
            url,
            {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": f"{name}.settings"},
            name.upper(),
        )

    @property
    def environ(self) -> dict[str, str]:
        """All environment variables of its processes."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data),
            "LANG": "C.UTF-8",
            f"{self.prefix}_DATA_DIR": str(self.data),
            f"{self.prefix}_USAGE_REPORTING_URL": self.url,
            **self.variables,
        }

    def manage(self, *arguments: str, answer: str = "") -> str:
        """Run a management command, with *answer* on its standard input."""
        return commands.run(
            *(*self.command, *arguments),
            environ=self.environ,
            answer=answer,
        )

    def load_sample_data(self) -> None:
        """Create the database and load the demo fixture."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.manage("migrate", "--verbosity", "0")
        self.manage("loaddata", "--verbosity", "0", "demo")
