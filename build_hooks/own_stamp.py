"""Reads the files that carry a stamp, and the facts that they state.

An sdist and a stamped copy carry their stamp in the tree itself.
"""

from pathlib import Path
from typing import cast, get_args

from build_hooks.errors import SourceFileError
from build_hooks.python_source import PythonSource
from build_hooks.stamp import BUILD_INFO, NAMES, VERSION, Facts, PackageFiles, Source
from build_hooks.tags import Channel


def read_package_files(package: Path) -> PackageFiles:
    """Read the two files of the folder *package* that carry a stamp.

    Raises:
        SourceFileError: If one of them cannot be read, or `build_info.py` is a module of
            the project's own.
    """
    build_info = read_file(package / BUILD_INFO)
    if build_info and build_info.names and not build_info.names & set(NAMES):
        raise SourceFileError(
            f"{build_info.path} is not a stamp: it binds none of {', '.join(NAMES)}. A "
            "stamp would replace it, so give it another name."
        )
    return PackageFiles(read_file(package / VERSION), build_info)


def is_sdist(root: Path, files: PackageFiles) -> bool:
    """Whether *root* is an unpacked sdist that carries a stamp.

    It stays an sdist if a packager commits it: their commit is not the stamped one.
    """
    return files.build_info is not None and (root / "PKG-INFO").is_file()


def read_facts(files: PackageFiles, source: Source) -> Facts:
    """Return the facts that *files* state.

    Raises:
        SourceFileError: If one of them is not valid Python.
    """
    build_info = files.build_info.literals if files.build_info else {}
    version_py = files.version_py.literals if files.version_py else {}
    # Another hook may have written version.py again since.
    channel = build_info.get("CHANNEL", version_py.get("__channel__"))
    return Facts(
        source,
        _as_text(build_info.get("SOURCE_COMMIT")),
        _as_text(build_info.get("BUILD_DATE")),
        channel=cast("Channel", channel) if channel in get_args(Channel) else "dev",
        report_url=_as_text(build_info.get("REPORT_URL")),
    )


def read_file(path: Path) -> PythonSource | None:
    """Read the Python file at *path*; None if there is none.

    Raises:
        SourceFileError: If it cannot be read.
    """
    if not path.is_file():
        return None
    try:
        return PythonSource(path.read_bytes(), path)
    except OSError as error:
        raise SourceFileError(f"{path} cannot be read: {error.strerror}.") from error


def _as_text(literal: object) -> str | None:
    return literal if isinstance(literal, str) else None
