"""Moves the clocks of clients and receiver together."""

import datetime as dt
import os
from pathlib import Path


class Clock:
    """A clock that stands still until it is set.

    The receiver reads it from a file: milliseconds since 1970, in twenty digits.

    Attributes:
        now: The time of the client that does something now, whose clock may be wrong.
    """

    def __init__(self, file: Path, now: dt.datetime) -> None:
        self.file = file
        self._descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
        self.now = now
        self.set(now)

    def set(self, now: dt.datetime, wrong: dt.timedelta = dt.timedelta()) -> None:
        """Set both clocks to *now*, but for that of a client that is *wrong*."""
        self.now = now + wrong
        milliseconds = round(now.timestamp() * 1000)
        os.pwrite(self._descriptor, b"%020d" % milliseconds, 0)

    def read(self) -> dt.datetime:
        """Return the current time, as a reporter asks for it."""
        return self.now
