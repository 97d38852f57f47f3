"""What can go wrong, as sentences for the person who reads them."""

from collections.abc import Sequence


class StampError(Exception):
    """A stamp that cannot be made. `str()` of it is fit to print as it is."""


class ConfigurationError(StampError):
    """Wrong configuration: every error at once, each with its full TOML path."""

    def __init__(self, *errors: str) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class SourceFileError(StampError):
    """A Python file whose assignments cannot be read or rewritten."""


class VersionMismatchError(StampError):
    """The tag and the version in `version.py` disagree (decision B4)."""


class StrictError(StampError):
    """A stamp that strict mode does not allow (decision B5)."""


class EnvironmentVariableError(StampError):
    """An environment variable that does not hold what it must."""


def some(paths: Sequence[str], most: int = 3) -> str:
    """The first of *paths*, and how many more there are, for a sentence."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
