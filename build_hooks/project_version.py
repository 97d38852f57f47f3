"""Reads the version of a tree, which its tag is compared with (decision B4)."""

from pathlib import Path

from build_hooks import hatchling_project
from build_hooks.errors import UnknownVersionError
from build_hooks.project import Project
from build_hooks.stamp import VERSION, PackageFiles, TreeVersion


def read_version(project: Project, files: PackageFiles) -> TreeVersion:
    """Return the version that a build of *project* has.

    Hatchling says it where it is the build backend. Elsewhere, as in paperless-ngx, it is
    the literal of `version.py`, or the one that `[project]` states.

    Raises:
        SourceFileError: If `version.py` is read, but is not valid Python.
    """
    if hatchling_project.is_built_by_hatchling(project.root):
        try:
            return hatchling_project.read_version(project.root)
        except UnknownVersionError as error:
            return TreeVersion(None, "hatchling", str(error))
    stated = None if files.version else hatchling_project.read_static(project.root)
    if stated:
        return TreeVersion(stated, "pyproject.toml")
    return TreeVersion(files.version, str(Path(project.config.package, VERSION)))
