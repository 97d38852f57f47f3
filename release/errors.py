"""The exceptions of this package, each with a message for the release engineer."""

from build_hooks.errors import StampError


class ReleaseError(StampError):
    """A release that is refused, or whose build or verification fails."""


class NotesError(StampError):
    """A changelog without notes for the release."""
