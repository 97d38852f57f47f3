"""Reads the files of a project: regular ones of a sane size, without waiting for any."""

import os
import stat
from pathlib import Path

from build_hooks.errors import ProjectFileError
from build_hooks.text import as_clause

# Ten times the longest pyproject.toml or version.py. Parsing more takes gigabytes.
MOST_BYTES = 1 << 20
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def has_file(path: Path | str) -> bool:
    """Whether there is a file at *path*.

    Raises:
        ProjectFileError: If something else is there: a FIFO would make its reader wait,
            and a device may never end.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # a build does this often
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _make_error(path, error) from error
    _check(path, status)
    return True


def read_file(path: Path | str) -> bytes | None:
    """Return the content of the file at *path*; None if there is none.

    Raises:
        ProjectFileError: If it is not a regular file, is too long, or cannot be read.
    """
    if not has_file(path):
        return None
    try:
        # It may become a FIFO now, and some files in /proc make their reader wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            _check(path, os.fstat(descriptor))
            content = b""
            while len(content) <= MOST_BYTES:
                block = file.read(MOST_BYTES + 1)
                if not block:
                    break
                content += block
    except OSError as error:
        raise _make_error(path, error) from error
    if block is None:
        raise ProjectFileError(f"{path} cannot be read: it would wait.")
    if len(content) > MOST_BYTES:
        raise _make_length_error(path)
    return content


def _check(path: Path | str, status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise ProjectFileError(
            f"{path} is {_KINDS.get(kind, 'not a file')}: remove it."
        )
    if status.st_size > MOST_BYTES:
        raise _make_length_error(path)


def _make_error(path: Path | str, error: OSError) -> ProjectFileError:
    return ProjectFileError(f"{path} cannot be read: {as_clause(error)}.")


def _make_length_error(path: Path | str) -> ProjectFileError:
    return ProjectFileError(
        f"{path} is too long: at most {MOST_BYTES >> 20} MiB are read. Shorten it."
    )
