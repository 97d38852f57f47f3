"""Stamps a copied tree in place: the only module that writes into a tree."""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from build_hooks import git, own_stamp, python_source
from build_hooks.errors import StampError, VersionMismatchError
from build_hooks.project import Project
from build_hooks.stamp import Stamp
from build_hooks.stamped_files import stamped_files


class WriteError(StampError):
    """A tree that must stay as it is, or cannot be written to."""


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
    files = {
        target.package_dir / name: content
        for name, content in stamped_files(target, stamp).items()
    }
    changed = {
        path: content for path, content in files.items() if _differs(path, content)
    }
    _replace(changed, like=target.version_py)
    return list(changed)


def _differs(path: Path, content: bytes) -> bool:
    if path.is_dir():
        raise WriteError(f"{path} is a folder: remove it.")
    return not path.is_file() or path.read_bytes() != content


def _refuse_work_tree(target: Project, environ: Mapping[str, str]) -> None:
    mend = "Copy the tree, stamp the copy, and name this one with --from."
    try:
        tracked = git.tracks(target.root, target.config.package, environ)
    except git.NoGitFactsError as reason:
        raise WriteError(
            f"{target.package_dir} lies in a repository, and whether that tracks it is "
            f"not known ({reason}). {mend}"
        ) from reason
    if tracked:
        raise WriteError(
            f"git tracks {target.package_dir}: stamping it would change the work tree. {mend}"
        )


def _replace(files: Mapping[Path, bytes], like: Path) -> None:
    """Give *files* new contents; none is touched before all are written beside them.

    Mode and owner stay, and are those of *like*, less what may be run, for a new file.
    """
    # build_info.py first: a channel without a commit would be half a stamp.
    order = sorted(files, key=lambda path: path.name == like.name)
    written: list[tuple[Path, Path]] = []
    try:
        for path in order:
            descriptor, name = tempfile.mkstemp(
                prefix=f".{path.name}.", dir=path.parent
            )
            written.append((Path(name), path))
            with os.fdopen(descriptor, "wb") as file:
                file.write(files[path])
                model = (path if path.exists() else like).stat()
                mode = stat.S_IMODE(model.st_mode)
                os.fchmod(file.fileno(), mode if path.exists() else mode & ~0o111)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), model.st_uid, model.st_gid)
        while written:
            temporary, path = written[0]
            temporary.replace(path)
            del written[0]
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)
