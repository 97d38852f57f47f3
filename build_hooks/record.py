"""Reads a wheel's RECORD: its files with their hashes. Pure.

The format is PyPA's "Recording installed projects".
"""

import base64
import csv
import hashlib
import io
from typing import NamedTuple

# The wheel format requires "sha256 or better".
ALGORITHMS = ("sha256", "sha384", "sha512")


class Row(NamedTuple):
    """The hash of one file in RECORD.

    Attributes:
        algorithm: "sha256"; "" without a hash.
        digest: URL-safe base64 without padding; "" without a hash.
    """

    algorithm: str
    digest: str


def list_rows(text: str) -> list[tuple[str, Row]]:
    """Parse the *text* of RECORD into rows, each with its file's name."""
    rows = []
    for row in csv.reader(io.StringIO(text)):
        if len(row) == 3:  # noqa: PLR2004  # path, hash, size
            algorithm, _, digest = row[1].partition("=")
            rows.append((row[0], Row(algorithm, digest)))
    return rows


def make_hash(algorithm: str) -> "hashlib._Hash":
    """Make a hash for *algorithm*; SHA-256 if RECORD may not use that one."""
    return hashlib.new(algorithm if algorithm in ALGORITHMS else ALGORITHMS[0])


def make_row(digest: "hashlib._Hash") -> Row:
    """Make the row that a file with this *digest* should have."""
    text = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return Row(digest.name, text)
