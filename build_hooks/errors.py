"""The exceptions of this package, each with a message for the person who reads it."""

from collections.abc import Sequence


class StampError(Exception):
    """Something that the user can fix. `str()` of it is ready to print."""


class ConfigurationError(StampError):
    """A table with errors: reports all of them, each with its full TOML path."""

    def __init__(self, *errors: str) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class EnvironmentVariableError(StampError):
    """An environment variable with a malformed value."""


class SourceFileError(StampError):
    """A Python file whose assignments cannot be read or rewritten."""


class VersionMismatchError(StampError):
    """A tag and a `version.py` that disagree (decision B4)."""


class UnknownVersionError(StampError):
    """A version that hatchling cannot be asked for here, and why."""


class StrictError(StampError):
    """A stamp that strict mode does not allow (decision B5)."""


class WriteError(StampError):
    """A tree that must not be stamped in place, or cannot be."""


class ArtifactError(StampError):
    """An artifact that cannot be opened, or without exactly one stamped package."""


class CutError(StampError):
    """A release that cannot be cut."""


class NoGitFactsError(Exception):
    """Git knows nothing about a tree. `str()` of it is a clause, not a sentence."""


def list_first(paths: Sequence[str], limit: int = 3) -> str:
    """List the first *paths* for a message, and say how many more there are."""
    more = f" and {len(paths) - limit} more" if len(paths) > limit else ""
    return ", ".join(map(escape, paths[:limit])) + more


def escape(text: str) -> str:
    """Escape line breaks and everything else that a terminal cannot show."""
    return "".join(it if it.isprintable() else ascii(it)[1:-1] for it in text)
