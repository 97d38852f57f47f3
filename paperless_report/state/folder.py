"""Reads, creates and deletes a small file of a folder, without following links.

Root may do this in a folder that another user owns. Every step goes by the folder's
descriptor, so a link that changes meanwhile cannot lead root to a file elsewhere.
"""

import contextlib
import errno
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from paperless_report.errors import Obstacle

_MODE = 0o600
_MOST_BYTES = 128  # more than a UUID: enough to see that a file holds something else
_MOST_LOCK_SECONDS = 3.0
_WAIT_SECONDS = 0.02
# A pipe has no writer to wait for, and a terminal must not become our own.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
# Linux alone has files without a name; a file system may lack them all the same.
_NAMELESS = getattr(os, "O_TMPFILE", 0)
_OBSTACLES = {
    stat.S_IFLNK: Obstacle.LINK,
    stat.S_IFDIR: Obstacle.FOLDER,
    stat.S_IFIFO: Obstacle.PIPE,
    stat.S_IFSOCK: Obstacle.SOCKET,
    stat.S_IFCHR: Obstacle.DEVICE,
    stat.S_IFBLK: Obstacle.DEVICE,
}


class NotRegularFileError(Exception):
    """The name belongs to a link or to something else that is not a regular file."""

    def __init__(self, obstacle: Obstacle, name: str) -> None:
        super().__init__(obstacle, name)
        self.obstacle = obstacle
        self.name = name


class Folder:
    """A folder that is open."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, name: str) -> bytes | None:
        """Read the beginning of the file *name*; return None if there is none.

        Raises:
            NotRegularFileError: If it is not a regular file of this folder.
            OSError: If it cannot be read.
        """
        try:
            # Check before opening: to open a device may already do something.
            require_regular(
                os.stat(name, dir_fd=self._descriptor, follow_symlinks=False), name
            )
            descriptor = os.open(name, _READ, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:  # it became a link after the check
                raise NotRegularFileError(Obstacle.LINK, name) from error
            raise
        with os.fdopen(descriptor, "rb") as file:
            require_regular(os.fstat(descriptor), name)
            return file.read(_MOST_BYTES)

    def list_names(self) -> list[str]:
        """List the names of what is in this folder.

        Raises:
            OSError: If the folder cannot be read.
        """
        return os.listdir(self._descriptor)  # noqa: PTH208  # pathlib has no descriptors

    def create(self, name: str, content: bytes) -> None:
        """Create the file *name*, private, completely or not at all.

        Raises:
            FileExistsError: If something has this name.
            OSError: If it cannot be created.
        """
        try:
            self._create_nameless(name, content)
        except FileExistsError:
            raise
        except OSError:  # no files without a name here, no hard links, or no /proc
            self._create_named(name, content)
        with contextlib.suppress(OSError):  # a file system that cannot do this
            os.fsync(self._descriptor)

    def delete(self, name: str) -> None:
        """Delete the file *name*, if it is there; if it is a link, the link itself.

        Raises:
            OSError: If it cannot be deleted.
        """
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._descriptor)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs out, where the file system has locks."""
        import fcntl  # noqa: PLC0415  # absent on Windows, where paperless-ngx does not run

        end = time.monotonic() + _MOST_LOCK_SECONDS
        while time.monotonic() < end:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # Another run finishes soon, but a backup may hold its lock for hours.
                time.sleep(_WAIT_SECONDS)
            except OSError:
                break  # a file system without locks
            else:
                break
        yield  # closing the folder unlocks it

    def _create_nameless(self, name: str, content: bytes) -> None:
        """Write a file that has no name yet: an interrupted run leaves nothing behind."""
        flags = os.O_WRONLY | os.O_DIRECTORY | _NAMELESS
        descriptor = os.open(".", flags, _MODE, dir_fd=self._descriptor)
        with os.fdopen(descriptor, "wb") as file:
            self._fill(file.fileno(), content)
            os.link(
                f"/proc/self/fd/{descriptor}",
                name,
                dst_dir_fd=self._descriptor,
                follow_symlinks=True,
            )

    def _create_named(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with _hold_signals():
            descriptor = os.open(name, flags, _MODE, dir_fd=self._descriptor)
            with os.fdopen(descriptor, "wb"):
                try:
                    self._fill(descriptor, content)
                except BaseException:
                    self.delete(name)
                    raise

    def _fill(self, descriptor: int, content: bytes) -> None:
        """Write *content*, and give a file that root created to the folder's owner."""
        os.write(descriptor, content)
        if os.geteuid() == 0:
            owner = os.fstat(self._descriptor)
            with contextlib.suppress(OSError):  # a file system without owners
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
        os.fsync(descriptor)


@contextlib.contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Open the folder *path*, which may be a link.

    Raises:
        OSError: If it is not there or must not be read.
        ValueError: If the path holds a NUL.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Folder(descriptor)
    finally:
        os.close(descriptor)


def require_regular(status: os.stat_result, name: str) -> None:
    """Raise NotRegularFileError if *status*, that of *name*, is not of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = stat.S_IFMT(status.st_mode)
        raise NotRegularFileError(_OBSTACLES.get(kind, Obstacle.DEVICE), name)


@contextlib.contextmanager
def _hold_signals() -> Iterator[None]:
    """Hold back signals that would end this process between two steps."""
    ending = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
