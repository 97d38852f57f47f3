"""The installation ID: one random UUID4 in one file (decision C10)."""

import contextlib
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paperless_report.contract import FIELDS

FILE = "usage_uuid"

_MODE = 0o600
_TRIES, _WAIT_SECONDS = 10, 0.02
_MOST_BYTES = 128  # a UUID and then some: enough to tell that a file holds none


class IdentityError(Exception):
    """The ID can be neither read nor saved; `str()` of it is a clause."""


@dataclass(frozen=True)
class Identity:
    """The ID, and whether it took the place of something that was none."""

    uuid: str
    path: Path
    replaced: bool = False


def obtain(data_dir: Path) -> Identity:
    """Read the ID kept in *data_dir*, or make one and keep it.

    The file appears whole or not at all, and of two first runs at once, both
    end with the same ID.

    Raises:
        IdentityError: If it can be neither read nor saved: an ID that is lost
            could be neither deduped nor forgotten.
    """
    path = data_dir / FILE
    try:
        if known := _id_in(_read(path)):
            return Identity(known, path)
        with _alone(data_dir):
            # Another run may have come first.
            content = _read(path)
            if known := _id_in(content):
                return Identity(known, path)
            replaced = content is not None
            return Identity(_create(path, replace=replaced), path, replaced)
    except OSError as error:
        raise IdentityError(f"{path}: {error.strerror or error}") from error


def _read(path: Path) -> bytes | None:
    """The beginning of *path*; None if there is no file."""
    content = b""
    for _ in range(_TRIES):
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return None
        if content:
            break
        # Another run may be between making the file and writing to it.
        time.sleep(_WAIT_SECONDS)
    return content


def _id_in(content: bytes | None) -> str | None:
    """The UUID4 that *content* is; None if it is none."""
    text = (content or b"").decode("ascii", "replace").strip().lower()
    return text if FIELDS["uuid"].fits(text) else None


def _create(path: Path, *, replace: bool) -> str:
    """Write a new ID to *path*; give the one that is there in the end."""
    new = str(uuid.uuid4())
    # mkstemp's mode is 0600 by itself.
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
        return _publish(temporary, path, new)
    finally:
        temporary.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path, new: str) -> str:
    """Give *temporary* its name, unless another run was first: then its ID holds."""
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
        known = _id_in(_read(path))
        if known is None:
            raise
        return known
    return new


def _give_to_owner(descriptor: int, data_dir: Path) -> None:
    """Leave a file made by root to the data directory's owner."""
    if os.geteuid() == 0:
        owner = data_dir.stat()
        with contextlib.suppress(PermissionError):  # a file system without owners
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold off other runs, where the file system can: two might replace at once."""
    import fcntl  # noqa: PLC0415  # absent on Windows, where the host does not run either

    descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
