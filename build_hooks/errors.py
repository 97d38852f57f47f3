"""The exceptions of this package, each with a message for the person who reads it."""

from collections.abc import Sequence

# The first line that the hook prints when it stops a build. The reason follows.
STOPPED = "build-info: the build stops here."


class StampError(Exception):
    """Something that the user can fix.

    Attributes:
        lines: The lines of the message. Escape each before you print it: they may quote
            what somebody else wrote.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class ConfigurationError(StampError):
    """A table with errors: reports all of them, each with its full TOML path."""


class ProjectFileError(StampError):
    """Something in the place of a project's file that is not a file of a sane size."""


class GitStuckError(StampError):
    """A command of git that does not end."""


class FactError(StampError):
    """A fact that a stamp or an output for programs cannot carry."""


class EnvironmentVariableError(StampError):
    """An environment variable with a malformed value."""


class SourceFileError(StampError):
    """A Python file whose assignments cannot be read or rewritten."""


class VersionMismatchError(StampError):
    """A tag and a `version.py` that disagree (decision B4)."""


class UnknownVersionError(StampError):
    """A version that hatchling cannot be asked for here, and why."""


class HatchlingError(StampError):
    """A failure of hatchling, or its absence.

    Attributes:
        is_missing: Whether hatchling, or a package that it needs, is not installed.
    """

    def __init__(self, *lines: str, is_missing: bool) -> None:
        super().__init__(*lines)
        self.is_missing = is_missing


class SetupError(StampError):
    """A project that `init` cannot set up."""


class StrictError(StampError):
    """A stamp that strict mode does not allow (decision B5)."""


class WriteError(StampError):
    """A tree that must not be stamped in place, or cannot be."""


class ArtifactError(StampError):
    """An artifact that cannot be opened, or without exactly one stamped package."""


class CheckoutError(StampError):
    """A commit that git cannot check out, with git's reason."""


class CutError(StampError):
    """A release that cannot be cut."""


class NoGitFactsError(Exception):
    """Git knows nothing about a tree. `str()` of it is a clause, not a sentence."""


def list_first(paths: Sequence[str], limit: int = 3) -> str:
    """List the first *paths* for a message, and say how many more there are."""
    more = f" and {len(paths) - limit} more" if len(paths) > limit else ""
    return ", ".join(paths[:limit]) + more
