"""The version and the channel of this distribution."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _read_version() -> str:
    try:
        return version("paperless-report")
    except PackageNotFoundError:  # run from a tree that is not installed
        return "0"


__version__: Final[str] = _read_version()
# The build hook replaces it in the shipped copy, from the tag.
__channel__: Final[str] = "dev"
