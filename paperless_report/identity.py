"""The installation ID: one random UUID4 in one file (decision C10)."""

import contextlib
import errno
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from paperless_report import contract

FILE = "usage_uuid"
# How messages name it: where the data directory lies is nobody's business.
PLACE = f"PAPERLESS_DATA_DIR/{FILE}"

_MODE = 0o600
_TRIES, _WAIT_SECONDS = 10, 0.02
_MOST_LOCK_SECONDS = 3.0
_MOST_BYTES = 128  # a UUID and then some: enough to tell that a file holds none
_MEND = {
    errno.ENOENT: _("create the data directory"),
    errno.EACCES: _("run this as the user that the data directory belongs to"),
    errno.EPERM: _("run this as the user that the data directory belongs to"),
    errno.EROFS: _("make the data directory writable"),
    errno.ENOSPC: _("free some space"),
    errno.EDQUOT: _("free some space"),
    errno.EISDIR: _("move that directory away"),
    errno.ELOOP: _("remove that link"),
}


class IdentityError(Exception):
    """The file cannot be read, written or removed; `str()` of it is a clause."""

    def __init__(self, error: OSError | ValueError) -> None:
        number = getattr(error, "errno", None)
        said = getattr(error, "strerror", None) or type(error).__name__
        mend = _MEND.get(number or 0)
        super().__init__(f"{PLACE}: {said}{f'; {mend}' if mend else ''}")


@dataclass(frozen=True)
class Identity:
    """The ID, and whether it took the place of something that was none."""

    uuid: str
    path: Path
    replaced: bool = False


def find(data_dir: Path) -> Identity | None:
    """The ID kept in *data_dir*, if there is one. Makes none.

    Raises:
        IdentityError: If the file is there and cannot be read.
    """
    path = data_dir / FILE
    try:
        known = _id_in(_read(path))
    except (OSError, ValueError) as error:  # ValueError: no path at all
        raise IdentityError(error) from error
    return Identity(known, path) if known else None


def remove(known: Identity) -> None:
    """Delete the file, unless it holds another ID by now.

    Raises:
        IdentityError: If it cannot be deleted.
    """
    try:
        if _id_in(_read(known.path)) == known.uuid:
            # Behind a link, the ID itself lies elsewhere.
            known.path.resolve().unlink(missing_ok=True)
            known.path.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: no path at all
        raise IdentityError(error) from error


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
    except (OSError, ValueError) as error:  # ValueError: no path at all
        raise IdentityError(error) from error


def _read(path: Path) -> bytes | None:
    """The beginning of *path*; None if there is no file."""
    content = b""
    for _attempt in range(_TRIES):
        try:
            # Without waiting: a pipe in the file's place would keep us for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(_MOST_BYTES) or b""
        except FileNotFoundError:
            if path.is_symlink():
                # Whatever it points to is not ours to make.
                raise OSError(errno.ELOOP, _("it is a link to nothing")) from None
            return None
        if content:
            break
        # Another run may be between making the file and writing to it.
        time.sleep(_WAIT_SECONDS)
    return content


def _id_in(content: bytes | None) -> str | None:
    """The UUID4 that *content* is; None if it is none."""
    text = (content or b"").decode("ascii", "replace").strip().lower()
    return text if contract.load_fields()["uuid"].fits(text) else None


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
    end = time.monotonic() + _MOST_LOCK_SECONDS
    try:
        while time.monotonic() < end:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Another run is done at once; a backup may hold it for hours.
                time.sleep(_WAIT_SECONDS)
            except OSError:
                break  # a file system without locks
            else:
                break
        yield
    finally:
        os.close(descriptor)
