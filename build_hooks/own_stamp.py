"""Facts from a tree that carries a stamp itself: an sdist, or a stamped copy."""

from pathlib import Path
from typing import cast, get_args

from build_hooks import python_source
from build_hooks.stamp import BUILD_INFO, VERSION, Facts, Source
from build_hooks.tags import Channel


def is_sdist(root: Path, package: Path) -> bool:
    """Whether *root* is an unpacked sdist that carries a stamp.

    So it is even where a packager has committed it: their commit is not its.
    """
    return (root / "PKG-INFO").is_file() and is_stamped(package)


def is_stamped(package: Path) -> bool:
    """Whether *package* carries a stamp."""
    return (package / BUILD_INFO).is_file()


def read(package: Path, source: Source) -> Facts:
    """The stamp in the files of *package*.

    Raises:
        SourceFileError: If one of them is no Python.
    """
    version = _literals(package / VERSION)
    build_info = _literals(package / BUILD_INFO)
    channel = version.get("__channel__")
    return Facts(
        source,
        _text(build_info.get("SOURCE_COMMIT")),
        _text(build_info.get("BUILD_DATE")),
        channel=cast("Channel", channel) if channel in get_args(Channel) else "dev",
        report_url=_text(build_info.get("REPORT_URL")),
    )


def _literals(path: Path) -> dict[str, object]:
    return (
        python_source.read_literals(path.read_bytes(), path) if path.is_file() else {}
    )


def _text(literal: object) -> str | None:
    return literal if isinstance(literal, str) else None
