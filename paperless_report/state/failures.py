"""Turns the errors of SQLite and of the file system into codes with details."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from paperless_report.errors import Problem, ReportingError
from paperless_report.state.folder import NotRegularFileError

# The second word of SQLite's error names, or a whole name.
_PROBLEMS = {
    "SQLITE_READONLY_DBMOVED": Problem.STATE_BUSY,  # deleted by another process
    "BUSY": Problem.STATE_BUSY,
    "LOCKED": Problem.STATE_BUSY,
    "PROTOCOL": Problem.STATE_BUSY,
    "FULL": Problem.STATE_FULL,
    "READONLY": Problem.STATE_READ_ONLY,
    "PERM": Problem.STATE_NOT_PERMITTED,
    "CORRUPT": Problem.STATE_DAMAGED,
    "NOTADB": Problem.STATE_DAMAGED,
    "ERROR": Problem.STATE_DAMAGED,  # a table or a column is missing
    "CONSTRAINT": Problem.STATE_DAMAGED,
    "MISMATCH": Problem.STATE_DAMAGED,
}
_OS_PROBLEMS = {
    errno.ENOENT: Problem.STATE_NO_FOLDER,
    errno.ENOTDIR: Problem.STATE_NO_FOLDER,
    errno.EACCES: Problem.STATE_NOT_PERMITTED,
    errno.EPERM: Problem.STATE_NOT_PERMITTED,
    errno.EROFS: Problem.STATE_READ_ONLY,
    errno.ENOSPC: Problem.STATE_FULL,
    errno.EDQUOT: Problem.STATE_FULL,
}


@contextlib.contextmanager
def explain_sqlite(path: Path) -> Iterator[None]:
    """Turn an error of SQLite about the file *path* into a ReportingError."""
    try:
        import sqlite3  # noqa: PLC0415  # most processes of a host never need it
    except ImportError as error:  # a Python that was built without it
        raise ReportingError(Problem.SQLITE_MISSING) from error
    try:
        yield
    # Its messages may quote a damaged file, and then they are not UTF-8.
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # sqlite3's own errors have no name, for example on text that is not UTF-8.
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        reason = f"{error}, {name}"  # "disk I/O error" alone says little
        raise ReportingError(
            _find_problem(name, path), path=path, reason=reason
        ) from error


def _find_problem(name: str, path: Path) -> Problem:
    word = name.split("_")[1]
    if word == "CANTOPEN":
        if not path.exists():  # deleted by another process
            return Problem.STATE_BUSY
        effective = os.access in os.supports_effective_ids
        if not os.access(path, os.R_OK, effective_ids=effective):
            return Problem.STATE_NOT_PERMITTED
    return _PROBLEMS.get(name) or _PROBLEMS.get(word, Problem.STATE_FAILED)


@contextlib.contextmanager
def explain_os(path: Path) -> Iterator[None]:
    """Turn an error of the file system about *path* into a ReportingError."""
    try:
        yield
    except NotRegularFileError as error:
        raise ReportingError(
            Problem.STATE_NOT_A_FILE,
            path=path.with_name(error.name),
            obstacle=error.obstacle,
        ) from error
    except (OSError, ValueError) as error:  # ValueError: the path holds a NUL
        number = getattr(error, "errno", None)
        raise ReportingError(
            _OS_PROBLEMS.get(number or 0, Problem.STATE_FAILED),
            path=path,
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
