"""Stamps a copied tree in place: the only module that writes into a tree."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from build_hooks import git, own_stamp, python_source
from build_hooks.errors import StampError, VersionMismatchError
from build_hooks.project import Project
from build_hooks.stamp import Stamp
from build_hooks.stamped_files import stamped_files


class WorkTreeError(StampError):
    """A tree that git tracks, and that must therefore stay as it is."""


def write(target: Project, stamp: Stamp, environ: Mapping[str, str]) -> list[Path]:
    """Make the package of *target* carry *stamp*.

    A stamp without a source of facts takes nothing away: a package that carries
    one already keeps it.

    Returns:
        The files that changed; none the second time.

    Raises:
        StampError: If git tracks the package, or it is of another version.
    """
    _refuse_work_tree(target, environ)
    version = python_source.read_version(target.version_py)
    if version and stamp.version and version != stamp.version:
        raise VersionMismatchError(
            f"{target.version_py} says {version}, but the stamp is for {stamp.version}. "
            "Copy the tree that the stamp is of."
        )
    if stamp.source == "none" and own_stamp.is_stamped(target.package_dir):
        return []
    changed = []
    for name, content in stamped_files(target, stamp).items():
        path = target.package_dir / name
        if not path.is_file() or path.read_bytes() != content:
            _replace(path, content)
            changed.append(path)
    return changed


def _refuse_work_tree(target: Project, environ: Mapping[str, str]) -> None:
    with contextlib.suppress(git.NoGitFactsError):
        git.read(target.root, target.config.package, environ)
        raise WorkTreeError(
            f"git tracks {target.package_dir}: stamping it would change the work tree. "
            "Copy the tree, stamp the copy, and name this one with --from."
        )


def _replace(path: Path, content: bytes) -> None:
    """Give *path* new content whole or not at all, its mode kept."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, name)
        else:
            Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
