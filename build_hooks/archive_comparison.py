"""Compares two wheels or sdists member by member, and says how they differ."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from build_hooks.errors import list_first
from build_hooks.values import Value

_BLOCK_BYTES = 1 << 20
_MOST_NAMES = 5
_RECORD = ".dist-info/RECORD"


class Difference(Value):
    """The names of the members in which two archives differ.

    Attributes:
        added: Those that only the first has.
        lacking: Those that only the second has.
        changed: Those with another content, except for a RECORD that follows from others.
    """

    added: tuple[str, ...]
    lacking: tuple[str, ...]
    changed: tuple[str, ...]


def hash_members(path: Path) -> dict[str, str]:
    """Hash each file in an archive with SHA-256, without reading any into memory whole.

    Returns:
        Hashes by name, without the top folder of an sdist. Folders and links have "".
    """
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: _hash(wheel.open(name)) for name in wheel.namelist()}
    with tarfile.open(path) as tar:
        members = (
            (
                it.name.partition("/")[2] or it.name,
                tar.extractfile(it) if it.isreg() else None,
            )
            for it in tar
        )
        return {name: _hash(file) if file else "" for name, file in members}


def compare(first: Mapping[str, str], second: Mapping[str, str]) -> Difference:
    """Compare the members of two archives."""
    changed = [it for it in first if it in second and first[it] != second[it]]
    added = tuple(it for it in first if it not in second)
    lacking = tuple(it for it in second if it not in first)
    own = tuple(it for it in changed if not it.endswith(_RECORD))
    follows = bool(own or added or lacking)
    return Difference(added, lacking, own if follows else tuple(changed))


def describe(difference: Difference, made: str, absent: str) -> str:
    """Describe *difference* as a clause.

    Args:
        difference: The difference between an artifact and a second build.
        made: What the second build was, such as "a second build".
        absent: What to say about files that only the artifact has.
    """
    clauses = []
    if difference.changed:
        clauses.append(f"{made} has other bytes: {_list(difference.changed)}")
    if difference.added:
        clauses.append(f"{made} has no {_list(difference.added)}{absent}")
    if difference.lacking:
        clauses.append(f"this artifact lacks {_list(difference.lacking)}")
    return "; ".join(clauses) or (
        f"{made} has other bytes, but the same files: only the archive itself differs, "
        "such as the times in it. Set SOURCE_DATE_EPOCH for both builds"
    )


def find_copies(
    paths: Iterable[str], root: Path, members: Mapping[str, str]
) -> Iterator[str]:
    """Yield each of *paths* that is in an archive, at its path or at the end of it.

    Args:
        paths: Files, relative to *root*.
        root: The folder of a project.
        members: The members of an archive, as hashed.
    """
    for path in paths:
        parts = path.split("/")
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        hashes = {members[it] for it in tails if it in members}
        file = root / path
        if hashes and file.is_file() and _hash(file.open("rb")) in hashes:
            yield path


def _list(names: tuple[str, ...]) -> str:
    return list_first(names, _MOST_NAMES)


def _hash(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
