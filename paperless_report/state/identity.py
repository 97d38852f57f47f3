"""Keeps the installation ID: one random UUID4 in one file (decision C10)."""

import contextlib
import errno
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paperless_report import contract
from paperless_report.errors import Problem, ReportingError

FILE = "usage_uuid"
# The reason that stands for a link whose target does not exist.
DANGLING_LINK = "dangling link"

_MODE = 0o600
_TRIES, _WAIT_SECONDS = 10, 0.02
_MOST_LOCK_SECONDS = 3.0
_MOST_BYTES = 128  # more than a UUID: enough to see that a file holds something else


@dataclass(frozen=True)
class Identity:
    """The installation ID, and whether it replaced something that was not an ID."""

    uuid: str
    path: Path
    replaced: bool = False


def find_identity(data_dir: Path) -> Identity | None:
    """Read the ID in *data_dir*, if there is one. Create nothing.

    Raises:
        ReportingError: If the file is there and cannot be read.
    """
    path = data_dir / FILE
    with _explained(Problem.ID_NOT_READ):
        known = _parse(_read(path))
    return Identity(known, path) if known else None


def obtain_identity(data_dir: Path) -> Identity:
    """Read the ID in *data_dir*, or create one and save it.

    The file appears whole or not at all. Two first runs at once end with one ID.

    Raises:
        ReportingError: If it can be neither read nor saved: reports under an ID that is
            lost could be neither deduplicated nor forgotten.
    """
    path = data_dir / FILE
    with _explained(Problem.ID_NOT_SAVED):
        if known := _parse(_read(path)):
            return Identity(known, path)
        with _locked(data_dir):
            # Another run may have been faster.
            content = _read(path)
            if known := _parse(content):
                return Identity(known, path)
            replaced = content is not None
            return Identity(_create(path, replace=replaced), path, replaced)


def remove_identity(known: Identity) -> None:
    """Delete the file, unless it holds another ID by now.

    Raises:
        ReportingError: If it cannot be deleted.
    """
    with _explained(Problem.ID_NOT_DELETED):
        if _parse(_read(known.path)) == known.uuid:
            # If the file is a link, delete the target, which holds the ID, too.
            known.path.resolve().unlink(missing_ok=True)
            known.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(problem: Problem) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: the path holds a NUL
        raise ReportingError(
            problem,
            number=getattr(error, "errno", None),
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from error


def _read(path: Path) -> bytes | None:
    """Return the beginning of *path*; None if there is no file."""
    content = b""
    for _attempt in range(_TRIES):
        try:
            # O_NONBLOCK: opening a pipe would wait for a writer forever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(_MOST_BYTES) or b""
        except FileNotFoundError:
            if path.is_symlink():
                # Creating the target would let the link's owner choose any place.
                raise OSError(errno.ELOOP, DANGLING_LINK) from None
            return None
        if content:
            break
        # Another run may have created the file and not written to it yet.
        time.sleep(_WAIT_SECONDS)
    return content


def _parse(content: bytes | None) -> str | None:
    """Return the UUID4 in *content*; None if it holds anything else."""
    text = (content or b"").decode("ascii", "replace").strip().lower()
    return text if contract.load_fields()["uuid"].fits(text) else None


def _create(path: Path, *, replace: bool) -> str:
    """Write a new ID to *path*; return the ID that is there in the end."""
    new = str(uuid.uuid4())
    # mkstemp creates the file with mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{new}\n")
            _give_to_owner(file.fileno(), path.parent)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
            return new
        return _link(temporary, path, new)
    finally:
        temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path, new: str) -> str:
    """Give *temporary* its final name; if another run was faster, return its ID."""
    try:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{new}\n")
                _give_to_owner(file.fileno(), path.parent)
    except FileExistsError:
        known = _parse(_read(path))
        if known is None:
            raise
        return known
    return new


def _give_to_owner(descriptor: int, data_dir: Path) -> None:
    """Give a file that root created to the owner of the data directory."""
    if os.geteuid() == 0:
        owner = data_dir.stat()
        with contextlib.suppress(PermissionError):  # a file system without owners
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Keep other runs out where the file system has locks: two could replace at once."""
    import fcntl  # noqa: PLC0415  # absent on Windows, where paperless-ngx does not run

    descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    end = time.monotonic() + _MOST_LOCK_SECONDS
    try:
        while time.monotonic() < end:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Another run finishes soon, but a backup may hold its lock for hours.
                time.sleep(_WAIT_SECONDS)
            except OSError:
                break  # a file system without locks
            else:
                break
        yield
    finally:
        os.close(descriptor)
