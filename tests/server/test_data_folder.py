"""How the data folder is prepared before the server opens it."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.databases import KNOWN, MIGRATIONS, fill
from tests.support.needs import as_root
from usage_receiver.data import prepare, run_sql
from usage_receiver.database import DATABASE, DataError

BACKUP = f"{DATABASE}.before-migration"
OTHERS = 65534


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """A umask that takes nothing away, and the former one afterwards."""
    before = os.umask(0)
    yield
    os.umask(before)


def read_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_folder_and_its_database_are_private(tmp_path: Path, umask: int) -> None:
    os.umask(umask)

    prepare(tmp_path / "data", MIGRATIONS)
    with sqlite3.connect(tmp_path / "data" / DATABASE) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE new (id)")
        modes = {it.name: read_mode(it) for it in (tmp_path / "data").iterdir()}
    database.close()

    assert read_mode(tmp_path / "data") == 0o700
    assert modes == {
        DATABASE: 0o600,
        f"{DATABASE}-wal": 0o600,
        f"{DATABASE}-shm": 0o600,
    }


def test_what_others_could_read_becomes_private(tmp_path: Path) -> None:
    path = fill(tmp_path / "data", KNOWN)
    path.chmod(0o644)
    (tmp_path / "data" / "lock").touch()
    path.parent.chmod(0o755)

    prepare(path.parent, MIGRATIONS)

    assert (read_mode(path.parent), read_mode(path)) == (0o700, 0o600)


def test_a_folder_with_other_files_that_others_can_open_is_refused(
    tmp_path: Path,
) -> None:
    """As /tmp or a home folder: it must not be closed to others by mistake."""
    (tmp_path / "notes.txt").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(DataError, match=f"chmod 700 {tmp_path}"):
        prepare(tmp_path, MIGRATIONS)

    assert read_mode(tmp_path) == 0o755
    tmp_path.chmod(0o700)
    prepare(tmp_path, MIGRATIONS)


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"])
@pytest.mark.parametrize("kind", ["link", "link to nothing", "hard link", "folder"])
def test_a_link_in_place_of_a_file_is_refused(
    tmp_path: Path, name: str, kind: str
) -> None:
    target = tmp_path / "target"
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / name
    if kind == "folder":
        path.mkdir()
    elif kind == "link to nothing":
        path.symlink_to(target)
    else:
        target.touch(0o644)
        (path.symlink_to if kind == "link" else path.hardlink_to)(target)

    with pytest.raises(DataError, match=f"{name} is a link or another user's"):
        prepare(tmp_path / "data", MIGRATIONS)

    assert not target.exists() or read_mode(target) == 0o644


@as_root
@pytest.mark.parametrize("name", ["", DATABASE])
def test_what_belongs_to_another_user_is_refused(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "data", KNOWN)
    os.chown(tmp_path / "data" / name, OTHERS, OTHERS)

    with pytest.raises(DataError, match=r"another user's|belongs to the user"):
        prepare(tmp_path / "data", MIGRATIONS)


def test_a_folder_may_be_a_link_to_one(tmp_path: Path) -> None:
    """As systemd makes it for a service with DynamicUser."""
    (tmp_path / "private").mkdir(0o700)
    (tmp_path / "data").symlink_to(tmp_path / "private")

    prepare(tmp_path / "data", MIGRATIONS)

    assert (tmp_path / "private" / DATABASE).is_file()


def test_a_database_that_will_change_is_backed_up_and_one_backup_is_kept(
    tmp_path: Path, older: Path
) -> None:
    data = fill(tmp_path / "data", KNOWN, migrations=older).parent
    (data / BACKUP).write_text("of an earlier migration")

    prepare(data, MIGRATIONS)

    (data / BACKUP).rename(tmp_path / DATABASE)
    assert run_sql(tmp_path, "SELECT uuid FROM reports") == [{"uuid": KNOWN}]
    assert read_mode(tmp_path / DATABASE) == 0o600


@pytest.mark.parametrize("is_filled", [False, True])
def test_a_database_that_will_not_change_is_not_backed_up(
    tmp_path: Path, *, is_filled: bool
) -> None:
    if is_filled:
        fill(tmp_path / "data", KNOWN)

    prepare(tmp_path / "data", MIGRATIONS)

    assert not (tmp_path / "data" / BACKUP).exists()


def test_a_database_from_a_newer_version_is_refused(
    tmp_path: Path, older: Path
) -> None:
    data = fill(tmp_path / "data", KNOWN).parent
    (newest,) = {it.name for it in MIGRATIONS.iterdir()} - {
        it.name for it in older.iterdir()
    }
    before = (data / DATABASE).read_bytes()

    with pytest.raises(DataError, match=f"newer version .* {newest}"):
        prepare(data, older)

    assert (data / DATABASE).read_bytes() == before
