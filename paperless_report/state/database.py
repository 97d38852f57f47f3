"""Opens the SQLite file that holds the state, for one transaction at a time.

Threads and forks share nothing, and no connection is open between two uses. So read all
rows of a query before you check them: the traceback of an error would keep a cursor, and with
it the connection and its lock. The journal
is SQLite's rollback journal. WAL would need shared memory, which network and some
container file systems lack, and would keep deleted content in a second file.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from paperless_report.errors import Problem, ReportingError
from paperless_report.state.failures import explain_os, explain_sqlite
from paperless_report.state.folder import require_regular
from paperless_report.state.forks import keep_forks_out
from paperless_report.state.privileges import require_own

if TYPE_CHECKING:
    from sqlite3 import Connection, Error

FILE = "usage_reporting.sqlite3"
# Each version of the tables, as the statements that lead to it from the one before.
MIGRATIONS = (
    """
CREATE TABLE choice (
    id INTEGER PRIMARY KEY, is_on INTEGER, at REAL, accepted TEXT, accepted_at REAL,
    notice_shown INTEGER NOT NULL, checksum INTEGER NOT NULL
);
CREATE TABLE groups_off (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE identities (
    uuid TEXT PRIMARY KEY, is_set_aside INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE sums (
    day TEXT, event TEXT, labels TEXT, name TEXT, value INTEGER NOT NULL,
    PRIMARY KEY (day, event, labels, name)
) WITHOUT ROWID;
CREATE TABLE sending (
    task TEXT PRIMARY KEY, token TEXT, claimed_until REAL,
    failures INTEGER NOT NULL DEFAULT 0, next_try REAL, last_sent REAL
) WITHOUT ROWID;
INSERT INTO sending (task) VALUES ('report'), ('forget');
CREATE TABLE history (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, url BLOB NOT NULL, body BLOB NOT NULL,
    digest BLOB, answer BLOB
)
""",
    """
CREATE TABLE log (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, event TEXT NOT NULL,
    properties TEXT NOT NULL
);
ALTER TABLE history ADD COLUMN method TEXT NOT NULL DEFAULT 'POST';
ALTER TABLE sending ADD COLUMN last_try REAL
""",
)
VERSION = len(MIGRATIONS)
_MODE, _FOLDER_MODE = 0o600, 0o700
_BUSY_SECONDS = 5.0
# The last two exist only if another program has switched the file to WAL.
_SUFFIXES = ("", "-journal", "-wal", "-shm")


class Database:
    """The SQLite file in a folder. To create this object does no I/O."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE

    @contextlib.contextmanager
    def read(self) -> Iterator["Connection | None"]:
        """Open the file for one transaction that reads; give None if there is none.

        Raises:
            ReportingError: If the file is there and cannot be read.
        """
        with explain_sqlite(self.path), keep_forks_out(self.path):
            if not self._find_file():
                yield None
                return
            with contextlib.closing(self._connect()) as connection:
                connection.execute("BEGIN")
                version = self._read_version(connection)
                if version in (0, VERSION):
                    yield connection if version else None
                    return
            with self._begin() as connection:
                yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator["Connection"]:
        """Open the file for one transaction; create it, and its folder, if missing.

        An exception in the body rolls the transaction back.

        Raises:
            ReportingError: If the file cannot be created or written.
        """
        with explain_sqlite(self.path), keep_forks_out(self.path):
            with explain_os(self.path):
                require_own(self.folder)
                self._create_files()
            with self._begin() as connection:
                yield connection

    @contextlib.contextmanager
    def update(self) -> Iterator["Connection | None"]:
        """Open the file for one transaction that writes; give None if there is none.

        This never creates the file again that `delete` has deleted meanwhile.

        Raises:
            ReportingError: If the file is there and cannot be written.
        """
        with explain_sqlite(self.path), keep_forks_out(self.path):
            if not self._find_file():
                yield None
                return
            with self._begin() as connection:
                yield connection

    def delete(self) -> list[str]:
        """Delete the file, even a damaged one, and what SQLite keeps beside it.

        Returns:
            The names of the files that were there.

        Raises:
            ReportingError: If it cannot be deleted.
        """
        with (
            explain_sqlite(self.path),
            keep_forks_out(self.path),
            contextlib.ExitStack() as stack,
            explain_os(self.path),
        ):
            if self._find_file():
                try:
                    with explain_sqlite(self.path):
                        connection = stack.enter_context(
                            contextlib.closing(self._connect())
                        )
                        # A process that waits for this lock then sees that the file is gone.
                        connection.execute("BEGIN EXCLUSIVE")
                except ReportingError as error:
                    if error.problem is Problem.STATE_BUSY:
                        raise
            paths = [it for it in map(self._beside, _SUFFIXES) if it.exists()]
            for path in paths:
                path.unlink(missing_ok=True)
        return [it.name for it in paths]

    @contextlib.contextmanager
    def _begin(self) -> Iterator["Connection"]:
        with contextlib.closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._migrate(connection)
            yield connection
            connection.execute("COMMIT")

    def _find_file(self) -> bool:
        """Return whether the file is there; refuse what SQLite must not open.

        Raises:
            ReportingError: If it must not be opened, or cannot be looked at.
        """
        with explain_os(self.path):
            try:
                require_own(self.folder)
                return self._check_files()
            except FileNotFoundError:  # not even the folder's parent
                return False

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(FILE + suffix)

    def _check_files(self) -> bool:
        """Refuse what SQLite must not open; return whether the file exists."""
        exists = []
        for suffix in _SUFFIXES:
            try:
                require_regular(self._beside(suffix).lstat(), FILE + suffix)
            except FileNotFoundError:
                continue
            exists.append(suffix)
        return "" in exists

    def _create_files(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(_FOLDER_MODE)
            self.folder.chmod(_FOLDER_MODE)  # whatever the umask
        if self._check_files():
            # A restored file may be open to others.
            if stat.S_IMODE(self.path.stat().st_mode) & ~_MODE:
                with contextlib.suppress(OSError):
                    self.path.chmod(_MODE)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        # SQLite gives its journal the same mode. It must not be open in this process yet:
        # closing a descriptor of a file drops all locks that the process has on it.
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(self.path, flags, _MODE)
            with contextlib.suppress(OSError):  # a file system without modes
                os.fchmod(descriptor, _MODE)
            os.close(descriptor)

    def _connect(self) -> "Connection":
        import sqlite3  # noqa: PLC0415  # most processes of a host never need it

        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
        )
        # A deleted ID must not stay in the free space of the file.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def _migrate(self, connection: "Connection") -> None:
        """Create the tables, or bring those of an older version up to date."""
        version = self._read_version(connection)
        for statements in MIGRATIONS[version:]:
            for statement in statements.split(";"):
                connection.execute(statement)
        if version != VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION:d}")

    def _read_version(self, connection: "Connection") -> int:
        """Return the version of the file's tables; 0 if it has none yet."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise ReportingError(Problem.STATE_NEWER, path=self.path, version=version)
        (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if bool(tables) != bool(version):
            raise ReportingError(
                Problem.STATE_DAMAGED, path=self.path, reason="not our tables"
            )
        return int(version)


def read_optional_time(value: float | None) -> datetime | None:
    """Read a stored time, if there is one."""
    return None if value is None else read_time(value)


def read_time(value: float) -> datetime:
    """Turn a stored number of seconds into a time in UTC."""
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise make_damage("a stored time is not a time") from None


def read_text(value: object) -> str:
    """Return a stored text; SQLite does not check the types of what it stores."""
    if not isinstance(value, str):
        raise make_damage("a stored text is not a text")
    return value


def make_damage(reason: str) -> "Error":
    """Make the error for content that this package cannot have written."""
    import sqlite3  # noqa: PLC0415  # the caller has a connection already

    return sqlite3.DatabaseError(reason)
