"""Writes a stamp into a copied tree, in place."""

from collections.abc import Mapping
from pathlib import Path

from build_hooks import git, tags
from build_hooks.errors import NoGitFactsError, VersionMismatchError, WriteError
from build_hooks.file_replacement import replace_files
from build_hooks.own_stamp import read_reporting
from build_hooks.project import Project
from build_hooks.project_files import read_file
from build_hooks.stamp import BUILD_INFO, VERSION, PackageFiles, Stamp
from build_hooks.stamped_files import render_files


def write_stamp(
    target: Project,
    files: PackageFiles,
    stamp: Stamp,
    environ: Mapping[str, str],
    *,
    copied: PackageFiles,
) -> list[Path]:
    """Write *stamp* into the package of *target*, which has these *files*.

    A stamp without facts removes nothing: a package that carries a stamp keeps it. A
    package whose reporting is off stays off, unless a variable says otherwise.

    Args:
        target: The copied tree.
        files: The files of its package.
        stamp: The stamp.
        environ: The environment.
        copied: The files of the package that *files* are a copy of.

    Returns:
        The files that changed; none the second time.

    Raises:
        StampError: If git tracks the package, or the package has another version.
    """
    _refuse_work_tree(target, environ)
    is_off = read_reporting(files) is False or not target.config.reporting
    if is_off and "reporting" not in stamp.decided:
        stamp = stamp._replace(reporting=False)
    if files.version != copied.version and not _fits(files.version, stamp.version):
        raise VersionMismatchError(
            f"{target.package_dir / VERSION} says {files.version}, but the stamp is for "
            f"{stamp.version}. Copy the tree that the stamp belongs to."
        )
    if stamp.source != "none" or files.build_info is None or not files.has_stamp:
        contents = render_files(files, stamp)
    elif stamp.reporting:
        return []
    else:
        contents = {BUILD_INFO: files.build_info.with_value("REPORTING", new=False)}
    rendered = {target.package_dir / name: it for name, it in contents.items()}
    changed = {
        path: content for path, content in rendered.items() if _differs(path, content)
    }
    # build_info.py first: a channel without a commit would be half a stamp.
    order = sorted(changed, key=lambda path: path.name != BUILD_INFO)
    replace_files(
        {path: changed[path] for path in order}, like=_find_model(target.package_dir)
    )
    return list(changed)


def _find_model(package: Path) -> Path:
    """Return the file whose mode and owner a new `build_info.py` gets."""
    models = (package / VERSION, package / "__init__.py", *sorted(package.glob("*.py")))
    return next(filter(Path.is_file, models), package)


def _fits(literal: str | None, version: str | None) -> bool:
    """Whether a copy that says *literal* can be one of a tree of this *version*."""
    if literal is None or version is None:
        return True
    parsed = tags.parse_version(version)
    return literal == version or (parsed is not None and parsed.fits(literal))


def _differs(path: Path, content: bytes) -> bool:
    return read_file(path) != content


def _refuse_work_tree(target: Project, environ: Mapping[str, str]) -> None:
    fix = "Copy the tree, stamp the copy, and pass this tree with --from."
    try:
        tracked = git.is_tracked(target.root, target.config.package, environ)
    except NoGitFactsError as reason:
        raise WriteError(
            f"{target.package_dir} is in a repository, but git cannot say whether it "
            f"tracks that folder ({reason}). {fix}"
        ) from reason
    if tracked:
        raise WriteError(
            f"git tracks {target.package_dir}: stamping it would change the work tree. "
            f"{fix}"
        )
