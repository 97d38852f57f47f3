"""From a stamp to the bytes of the files that carry it. Reads, never writes."""

import json
from pathlib import Path

from build_hooks import python_source
from build_hooks.config import Config
from build_hooks.stamp import BUILD_INFO, VERSION, Stamp


def stamped_files(root: Path, config: Config, stamp: Stamp) -> dict[str, bytes]:
    """The files of the package that must be shipped in place of the tree's own.

    An sdist's stamp passes through untouched: its `version.py` ships as it is,
    and its `build_info.py` is named here because `.gitignore`, which the sdist
    carries too, would lose it. With no source of facts there is no
    `build_info.py`: its existence means "release" (decision B5).

    Returns:
        Contents by file name.

    Raises:
        SourceFileError: If `version.py` cannot be stamped.
    """
    package = root / config.package
    build_info = package / BUILD_INFO
    if stamp.source == "sdist":
        return {BUILD_INFO: build_info.read_bytes()} if build_info.is_file() else {}
    version_py = package / VERSION
    files = {
        VERSION: python_source.set_string(
            version_py.read_bytes(), "__channel__", stamp.channel, version_py
        )
    }
    if stamp.commit and stamp.build_date:
        files[BUILD_INFO] = render_build_info(
            stamp.commit, stamp.build_date, config.report_url
        ).encode()
    return files


def render_build_info(commit: str, build_date: str, report_url: str | None) -> str:
    """The text of `build_info.py` (spec, section "build_info.py")."""
    names = {"SOURCE_COMMIT": commit, "BUILD_DATE": build_date}
    if report_url is not None:
        names["REPORT_URL"] = report_url
    # A JSON string of ASCII is a Python string, in the quotes that Python's
    # formatters use.
    lines = (f"{name} = {json.dumps(value)}" for name, value in names.items())
    return "\n".join(('"""Made by the build; never committed."""', "", *lines, ""))
