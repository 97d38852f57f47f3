"""Defines the members of an archive, and how much of one is read. Pure."""

from typing import Literal, NamedTuple

# The largest wheels of the package index have 20,000 files and unpack to 5 GB.
MOST_MEMBERS = 200_000
MOST_BYTES = 16 << 30
# Of a file that could carry a stamp, and of all of them: to parse 1 MiB takes seconds.
MOST_SOURCE_BYTES = 256 << 10
MOST_BYTES_OF_ALL_SOURCES = 4 << 20
# Of METADATA, PKG-INFO or RECORD, and of all of them.
MOST_METADATA_BYTES = 32 << 20
MOST_BYTES_OF_ALL_METADATA = 64 << 20
BLOCK_BYTES = 1 << 20


class Member(NamedTuple):
    """A member of an archive.

    Attributes:
        name: Its name, as the archive writes it.
        kind: What it unpacks to; "special" is a device or a FIFO.
        size: The number of its bytes.
        target: The name that a link points to.
        is_hard: Whether it is a hard link, whose target is a member's name.
    """

    name: str
    kind: Literal["file", "folder", "link", "special"]
    size: int = 0
    target: str = ""
    is_hard: bool = False
