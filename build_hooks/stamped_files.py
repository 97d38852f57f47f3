"""From a stamp to the bytes of the files that carry it. Reads, never writes."""

from build_hooks import python_source
from build_hooks.project import Project
from build_hooks.stamp import BUILD_INFO, VERSION, Stamp


def stamped_files(project: Project, stamp: Stamp) -> dict[str, bytes]:
    """The files of the package that must be shipped in place of the tree's own.

    An sdist's stamp passes through untouched. Both of its files are named all the
    same: `.gitignore`, which the sdist carries too, would lose `build_info.py`, and
    hatchling orders what is forced behind what is selected, so that only thus a
    wheel from the sdist is the same bytes as one from the tree. With no source of
    facts there is no `build_info.py`: its existence means "release" (decision B5).

    Returns:
        Contents by file name.

    Raises:
        SourceFileError: If `version.py` cannot be stamped.
    """
    version_py = project.version_py
    build_info = project.package_dir / BUILD_INFO
    if stamp.untouched:
        own = (path for path in (version_py, build_info) if path.is_file())
        return {path.name: path.read_bytes() for path in own}
    files = {
        VERSION: python_source.set_string(
            version_py.read_bytes(), "__channel__", stamp.channel, version_py
        )
    }
    if stamp.commit:
        files[BUILD_INFO] = render_build_info(stamp).encode()
    return files


def render_build_info(stamp: Stamp) -> str:
    """The text of `build_info.py` (spec, section "build_info.py")."""
    names = {
        "SOURCE_COMMIT": stamp.commit,
        "BUILD_DATE": stamp.build_date,
        "REPORT_URL": stamp.report_url,
    }
    lines = (
        f"{name} = {_quoted(value)}"
        for name, value in names.items()
        if value is not None
    )
    return "\n".join(('"""Made by the build; never committed."""', "", *lines, ""))


def _quoted(value: str) -> str:
    """*value* as Python source in ASCII, in the quotes that formatters use if it can."""
    plain = value.isascii() and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else ascii(value)
