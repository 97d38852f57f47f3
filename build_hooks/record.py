"""A wheel's RECORD: which files it lists, by which hash. Pure.

The form is that of PyPA's "Recording installed projects".
"""

import base64
import csv
import hashlib
import io
from typing import NamedTuple

# "sha256 or better", as the wheel format asks.
ALGORITHMS = ("sha256", "sha384", "sha512")


class Row(NamedTuple):
    """What RECORD says of one file.

    Attributes:
        algorithm: "sha256"; "" where no hash is given.
        digest: URL-safe base64 without padding; "" where none is given.
    """

    algorithm: str
    digest: str


def rows(text: str) -> dict[str, Row]:
    """The rows of RECORD, by the file's name."""
    found = {}
    for row in csv.reader(io.StringIO(text)):
        if len(row) == 3:  # noqa: PLR2004  # path, hash, size
            algorithm, _, digest = row[1].partition("=")
            found[row[0]] = Row(algorithm, digest)
    return found


def new_hash(algorithm: str) -> "hashlib._Hash":
    """What hashes a file for *algorithm*; for one that RECORD may not use, SHA-256."""
    return hashlib.new(algorithm if algorithm in ALGORITHMS else ALGORITHMS[0])


def row_of(digest: "hashlib._Hash") -> Row:
    """The row that a file of that hash ought to have."""
    text = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return Row(digest.name, text)
