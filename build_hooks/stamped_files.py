"""Renders the two files that carry a stamp. Pure."""

from collections.abc import Mapping

from build_hooks.stamp import BUILD_INFO, VERSION, PackageFiles, Stamp, is_switch


def render_files(
    files: PackageFiles, stamp: Stamp, *, generated: bool = False
) -> dict[str, bytes]:
    """Render the files to ship in place of the tree's own.

    If the tree carries this stamp already, `build_info.py` is returned as it is:
    `.gitignore`, which the sdist carries too, would drop it, and hatchling puts forced
    files behind selected ones, so only this way a wheel from the sdist is the same
    bytes as one from the tree.

    Without facts there is no `build_info.py`: its existence means "release" (decision
    B5). A stated channel is a fact, which `version.py` may not be able to carry. If
    reporting is off, the file has that line alone, which does not mean "release".

    Args:
        files: The files as they would be shipped without a stamp.
        stamp: The stamp.
        generated: Whether a build may write `version.py` again.

    Returns:
        Contents by file name; no `version.py` if it has no place for a channel.

    Raises:
        SourceFileError: If `version.py` cannot be stamped.
    """
    version_py, build_info = files.version_py, files.build_info
    rendered = {}
    if version_py and version_py.takes_channel:
        rendered[VERSION] = version_py.with_value("__channel__", stamp.channel)
    if stamp.untouched:
        if build_info:
            rendered[BUILD_INFO] = build_info.content
        return rendered
    channel = stamp.channel if _needs_channel(files, generated=generated) else None
    if stamp.commit or channel not in (None, "dev"):
        rendered[BUILD_INFO] = render_build_info(stamp, channel).encode()
    elif not stamp.reporting or (build_info and is_switch(build_info)):
        literals = {"REPORTING": str(stamp.reporting)}
        rendered[BUILD_INFO] = _render(literals).encode()
    return rendered


def render_build_info(stamp: Stamp, channel: str | None = None) -> str:
    """Render the text of `build_info.py` (spec, section "build_info.py").

    Args:
        stamp: The stamp.
        channel: The channel, if this file carries it.
    """
    facts = {
        "SOURCE_COMMIT": stamp.commit,
        "BUILD_DATE": stamp.build_date,
        "CHANNEL": channel,
        "REPORT_URL": stamp.report_url,
    }
    literals = {name: _quote(it) for name, it in facts.items() if it is not None}
    if not stamp.reporting:
        literals["REPORTING"] = "False"
    return _render(literals)


def _render(literals: Mapping[str, str]) -> str:
    lines = (f"{name} = {literal}" for name, literal in literals.items())
    return "\n".join(('"""Made by the build; never committed."""', "", *lines, ""))


def _needs_channel(files: PackageFiles, *, generated: bool) -> bool:
    """Whether `build_info.py` carries the channel, too (decision B11).

    It does unless `version.py` keeps it safely: in an sdist, the channel must not be in
    a file alone that the next build writes again.
    """
    version_py = files.version_py
    return version_py is None or version_py.version is None or generated


def _quote(value: str) -> str:
    """Return *value* as a Python string in ASCII, in double quotes where possible."""
    plain = value.isascii() and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else ascii(value)
