"""Fills a small file system, and frees it."""

import contextlib
import os
from pathlib import Path

_FILLER = "filler"
# Never fill the machine's own disk, or its memory.
_MOST_BYTES = 2**20


def is_small(folder: Path) -> bool:
    """Return whether the file system of *folder* may be filled."""
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize <= _MOST_BYTES


def fill(folder: Path) -> None:
    """Write to *folder* until its file system, which is small, has no byte left."""
    assert is_small(folder), f"{folder} is not small"
    descriptor = os.open(
        folder / _FILLER, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600
    )
    try:
        for size in (65_536, 4096, 1):
            with contextlib.suppress(OSError):
                while os.write(descriptor, bytes(size)):
                    pass
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\0")
            raise AssertionError(f"{folder} is not full")
    finally:
        os.close(descriptor)


def free(folder: Path) -> None:
    """Make room again."""
    (folder / _FILLER).unlink()
