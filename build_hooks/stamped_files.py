"""Renders the two files that carry a stamp. Pure."""

from build_hooks.stamp import BUILD_INFO, VERSION, PackageFiles, Stamp


def render_files(files: PackageFiles, stamp: Stamp) -> dict[str, bytes]:
    """Render the files to ship in place of the tree's own.

    If the tree carries this stamp already, both files are returned as they are:
    `.gitignore`, which the sdist carries too, would drop `build_info.py`, and hatchling
    puts forced files behind selected ones, so only this way a wheel from the sdist is
    the same bytes as one from the tree.

    Without facts there is no `build_info.py`: its existence means "release" (decision
    B5).

    Returns:
        Contents by file name.

    Raises:
        SourceFileError: If `version.py` cannot be stamped.
    """
    version_py, build_info = files
    if stamp.untouched:
        own = {VERSION: version_py.content}
        return own | ({BUILD_INFO: build_info.content} if build_info else {})
    rendered = {VERSION: version_py.with_string("__channel__", stamp.channel)}
    if stamp.commit:
        rendered[BUILD_INFO] = render_build_info(stamp).encode()
    return rendered


def render_build_info(stamp: Stamp) -> str:
    """Render the text of `build_info.py` (spec, section "build_info.py")."""
    names = {
        "SOURCE_COMMIT": stamp.commit,
        "BUILD_DATE": stamp.build_date,
        "REPORT_URL": stamp.report_url,
    }
    lines = (
        f"{name} = {_quote(value)}"
        for name, value in names.items()
        if value is not None
    )
    return "\n".join(('"""Made by the build; never committed."""', "", *lines, ""))


def _quote(value: str) -> str:
    """Return *value* as a Python string in ASCII, in double quotes where possible."""
    plain = value.isascii() and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else ascii(value)
