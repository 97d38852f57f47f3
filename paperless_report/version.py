"""This distribution's version and channel."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("paperless-report")
    except PackageNotFoundError:  # run from a tree that is not installed
        return "0"


__version__: Final[str] = _installed()
# Set in what is shipped, by the build hook, from the tag.
__channel__: Final[str] = "dev"
