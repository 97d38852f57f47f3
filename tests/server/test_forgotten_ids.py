"""Of an installation that is forgotten, nothing is left on disk."""

import os
import random
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.server.databases import RECEIVED, fill
from tests.server.serving import Served, run, serve
from tests.support.waiting import wait_until
from tests.worker.reports import example_report
from usage_receiver import database
from usage_receiver.database import DATABASE

DAY = 86_400
BACKUP = f"{DATABASE}.before-migration"


def find_ids(folder: Path, ids: Iterable[str]) -> set[str]:
    """Search every file below *folder*."""
    content = b"".join(it.read_bytes() for it in folder.rglob("*") if it.is_file())
    return {it for it in ids if it.encode() in content}


def send(served: Served, path: str, ids: Iterable[str]) -> None:
    report = example_report() if path == "/report" else {}

    def send_one(identity: str) -> int:
        body = {**report, "uuid": identity}
        return requests.post(f"{served.url}{path}", json=body, timeout=30).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send_one, ids)) == {204}


def test_a_forgotten_id_leaves_the_database_and_its_log_within_seconds(
    tmp_path: Path,
) -> None:
    ids = [str(uuid.uuid4()) for _ in range(100)]
    forgotten, kept = ids[::2], ids[1::2]
    with serve(tmp_path / "data") as served:
        send(served, "/report", ids)
        assert find_ids(tmp_path, ids) == set(ids)

        send(served, "/forget", forgotten)

        wait_until(lambda: not find_ids(tmp_path, forgotten))
    assert find_ids(tmp_path, ids) == set(kept)


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, set[str]]:
    """A database in which SQLite has left copies of deleted rows, and their IDs."""
    for seed in range(5):
        folder = tmp_path_factory.mktemp("traces")
        ids = store_and_delete(fill(folder), random.Random(seed))  # noqa: S311  # repeatable
        if left := find_ids(folder, ids):
            return (folder / DATABASE).read_bytes(), left
    pytest.fail("secure_delete alone is enough now")


def store_and_delete(path: Path, numbers: random.Random) -> list[str]:
    """Store 3,000 installations, and delete most of them in a random order."""
    ids = [str(uuid.UUID(int=numbers.getrandbits(128), version=4)) for _ in range(3000)]
    # Rows of other lengths make SQLite move them to other pages.
    rows = [(RECEIVED, it, "2" * numbers.randrange(600)) for it in ids]
    deleted = numbers.sample(ids, 1800)
    with database.connect(path) as connection:
        for sql, parameters in (
            (
                "INSERT INTO installations (received, uuid, version) VALUES (?, ?, ?)",
                rows,
            ),
            ("DELETE FROM installations WHERE uuid = ?", [(it,) for it in deleted]),
        ):
            connection.execute("BEGIN")
            connection.executemany(sql, parameters)
            connection.execute("COMMIT")
    return deleted


@pytest.fixture
def data(tmp_path: Path, traces: tuple[bytes, set[str]]) -> Path:
    """A data folder with that database."""
    fill(tmp_path / "data").write_bytes(traces[0])
    return tmp_path / "data"


def test_the_daily_run_removes_what_sqlite_has_left(
    data: Path, traces: tuple[bytes, set[str]]
) -> None:
    with serve(data):
        # The server makes up for the run that it missed.
        wait_until(lambda: not find_ids(data, traces[1]))


def test_the_operator_removes_what_sqlite_has_left_in_a_large_file(
    data: Path, traces: tuple[bytes, set[str]]
) -> None:
    run("sql", data, "VACUUM")

    assert not find_ids(data, traces[1])


def test_a_backup_has_nothing_that_sqlite_has_left(
    data: Path, tmp_path: Path, traces: tuple[bytes, set[str]]
) -> None:
    (tmp_path / "backups").mkdir()

    run("backup", data, str(tmp_path / "backups" / "saved.sqlite"))

    assert not find_ids(tmp_path / "backups", traces[1])


@pytest.mark.parametrize(("days", "is_kept"), [(6, True), (8, False), (-8, False)])
def test_the_backup_from_before_a_migration_is_kept_for_a_week(
    tmp_path: Path, days: int, *, is_kept: bool
) -> None:
    """Also if it is from the future, because the clock was wrong."""
    folder = fill(tmp_path / "data").parent
    (folder / BACKUP).touch()
    made = time.time() - days * DAY
    os.utime(folder / BACKUP, (made, made))

    with serve(folder) as served:
        wait_until(lambda: "active installations" in served.read_log())
        served.stop()

    assert (folder / BACKUP).exists() is is_kept
