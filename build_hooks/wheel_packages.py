"""Compares the packages in a wheel with those that git tracks in its project."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from build_hooks import git
from build_hooks.artifact import Artifact
from build_hooks.errors import NoGitFactsError, StampError
from build_hooks.package_choice import normalize
from build_hooks.toml_tables import get_table, read_toml
from build_hooks.tracked_packages import find_missing
from build_hooks.verdicts import Check


def check_packages(
    artifact: Artifact, project: Path, environ: Mapping[str, str]
) -> Check | None:
    """Return a warning if *artifact* lacks packages that git tracks in *project*.

    There is nothing to compare if the artifact is no wheel, or of another project, or if
    git does not answer. Packages may be left out on purpose, so this is never a failure.
    """
    name = artifact.metadata["Name"] if artifact.metadata else None
    pyproject = _read_toml(project / "pyproject.toml")
    declared = get_table(pyproject, "project").get("name")
    if artifact.kind != "wheel" or normalize(str(name)) != normalize(str(declared)):
        return None
    builds = (
        get_table(pyproject, "tool", "hatch", "build"),
        get_table(_read_toml(project / "hatch.toml"), "build"),
    )
    configured = [it for build in builds for it in _list_configured_paths(build)]
    try:
        tracked = git.list_tracked_files(project, configured, environ)
    except NoGitFactsError:
        return None
    missing = find_missing(tracked, artifact.rows)
    if not missing:
        return None
    return Check(
        "packages",
        "warn",
        f"git tracks {', '.join(map(str, missing))}, which this wheel lacks: add to "
        "[tool.hatch.build.targets.wheel] packages, or to exclude if you do not ship it",
    )


def _list_configured_paths(build: dict[str, Any]) -> Iterator[str]:
    """List the paths that a `build` table excludes or renames, as .gitignore patterns."""
    for table in (build, get_table(build, "targets", "wheel")):
        excluded = table.get("exclude")
        yield from map(str, excluded if isinstance(excluded, list) else ())
        for key in ("sources", "force-include"):
            yield from (f"/{it.strip('/')}" for it in get_table(table, key))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except StampError:
        return {}
