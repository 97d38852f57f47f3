"""What `sql`, `backup` and `restore` do with a database."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.databases import KNOWN, MIGRATIONS, RECEIVED, dump, fill
from usage_receiver.data import back_up, run_sql, to_json
from usage_receiver.database import DATABASE, DataError
from usage_receiver.restore import restore

COUNT = "SELECT COUNT(*) AS reports FROM reports"
Save = Callable[[Path, Path], Path]


def save_backup(source: Path, folder: Path) -> Path:
    back_up(source, folder / "saved.sqlite")
    return folder / "saved.sqlite"


def save_dump(source: Path, folder: Path) -> Path:
    return dump(source / DATABASE, folder / "saved.sql")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A data folder with a database."""
    return fill(tmp_path / "source", KNOWN).parent


@pytest.fixture(params=[save_backup, save_dump])
def saved(request: pytest.FixtureRequest, source: Path, tmp_path: Path) -> Path:
    """A backup of that database, and then a dump of it."""
    save: Save = request.param
    return save(source, tmp_path)


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def keep_all(folder: Path) -> str:
    """Stand in for the server's purge."""
    assert (folder / DATABASE).is_file()
    return "report: purged 0\n"


def list_modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def test_sql_returns_the_rows_of_the_first_query(source: Path) -> None:
    sql = (
        "UPDATE reports SET arch = 'a;b' -- a; comment\n;"
        " SELECT arch, randomblob(2) IS NOT NULL AS x FROM reports; SELECT 2; -- end"
    )

    assert run_sql(source, sql) == [{"arch": "a;b", "x": 1}]
    assert run_sql(source, "DELETE FROM reports") == []
    assert run_sql(source, COUNT) == [{"reports": 0}]


def test_sql_is_printed_as_json_with_a_row_a_line(source: Path) -> None:
    rows = run_sql(source, "SELECT X'00ff' AS a UNION ALL SELECT 'é'")

    assert to_json(rows) == '[{"a": [0, 255]},\n{"a": "é"}]'
    assert to_json([]) == "[]"


@pytest.mark.parametrize("sql", ["SELECT 1 FROM nothing", "SELECT 'a", "SELECT ("])
def test_sql_that_fails_is_named_with_its_database(source: Path, sql: str) -> None:
    with pytest.raises(DataError, match=r"receiver\.sqlite: "):
        run_sql(source, sql)


def test_a_folder_without_a_database_stays_without_one(tmp_path: Path) -> None:
    for command in (
        lambda: run_sql(tmp_path, "SELECT 1"),
        lambda: back_up(tmp_path, tmp_path / "b"),
    ):
        with pytest.raises(DataError, match="There is no database at "):
            command()

    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_taken_for_a_database(source: Path, tmp_path: Path) -> None:
    (tmp_path / DATABASE).symlink_to(source / DATABASE)

    with pytest.raises(DataError, match="There is no database at "):
        run_sql(tmp_path, COUNT)


@pytest.mark.usefixtures("umask")
def test_everything_on_disk_is_private_whatever_the_umask(
    source: Path, tmp_path: Path
) -> None:
    back_up(source, tmp_path / "saved.sqlite")
    modes = []

    def purge(folder: Path) -> str:
        modes.append(folder.stat().st_mode & 0o777)
        modes.extend(list_modes(folder).values())
        return ""

    restore(tmp_path / "new", tmp_path / "saved.sqlite", MIGRATIONS, purge)

    assert modes == [0o700, 0o600]
    assert (tmp_path / "saved.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert list_modes(tmp_path / "new") == {DATABASE: 0o600}


@pytest.mark.parametrize("kind", ["file", "link", "link to nothing"])
def test_a_backup_replaces_nothing(source: Path, tmp_path: Path, kind: str) -> None:
    target, other = tmp_path / "target", tmp_path / "other"
    if kind != "link to nothing":
        other.write_text("kept")
    if kind == "file":
        other.rename(target)
    else:
        target.symlink_to(other)

    with pytest.raises(DataError, match="exists"):
        back_up(source, target)

    assert [it.read_text() for it in (target, other) if it.exists()] in (
        ["kept"],
        ["kept", "kept"],
        [],
    )
    assert not other.exists() or other.read_text() == "kept"


def test_a_backup_that_fails_leaves_no_file(source: Path, tmp_path: Path) -> None:
    path = source / DATABASE
    os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(DataError, match=r"receiver\.sqlite is damaged"):
        back_up(source, tmp_path / "saved.sqlite")

    assert sorted(it.name for it in tmp_path.iterdir()) == ["source"]


def test_a_backup_has_nothing_of_a_deleted_row(source: Path, tmp_path: Path) -> None:
    with sqlite3.connect(source / DATABASE) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("DELETE FROM reports")
    database.close()
    assert KNOWN.encode() in (source / DATABASE).read_bytes()

    saved = save_backup(source, tmp_path)

    assert KNOWN.encode() not in saved.read_bytes()


def test_a_restored_database_has_the_same_rows(
    source: Path, saved: Path, tmp_path: Path
) -> None:
    run_sql(source, "UPDATE reports SET arch = 'one''s \"ID\";\n--''\u2028\r\n;'")
    saved.unlink()
    save = save_dump if saved.suffix == ".sql" else save_backup
    save(source, tmp_path)

    lines = restore(tmp_path / "new", saved, MIGRATIONS, keep_all)

    for sql in (
        "SELECT * FROM reports",
        "SELECT name, sql FROM sqlite_schema ORDER BY 1",
        "SELECT * FROM rounding_secret",
        "SELECT * FROM d1_migrations",
    ):
        assert run_sql(tmp_path / "new", sql) == run_sql(source, sql)
    assert lines[0] == "report: purged 0"


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal"])
def test_a_restore_replaces_no_database(
    source: Path, tmp_path: Path, name: str
) -> None:
    saved = save_backup(source, tmp_path)
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / name).symlink_to(tmp_path / "nothing")

    with pytest.raises(DataError, match=f"{name} exists"):
        restore(folder, saved, MIGRATIONS, keep_all)


def test_a_restore_says_since_when_requests_to_forget_are_lost(
    saved: Path, tmp_path: Path
) -> None:
    """The newest report: the backup was made later, so it loses nothing from before."""
    lines = restore(tmp_path / "new", saved, MIGRATIONS, keep_all)

    assert lines[-1] == (
        f"Requests to forget that arrived after {RECEIVED} are lost."
        " Repeat those that you know of."
    )


@pytest.mark.parametrize(
    ("first_line", "expected"),
    [
        ("-- Backed up at 2026-06-01T00:00:00Z\n", "2026-06-01T00:00:00Z"),
        # A clock that ran ahead has dated the newest report.
        ("UPDATE reports SET received = '2999-01-01';\n", "2001-09-09T01:46:40Z"),
    ],
)
def test_the_time_of_a_dump_counts_if_it_is_known(
    source: Path, tmp_path: Path, first_line: str, expected: str
) -> None:
    file = save_dump(source, tmp_path)
    text = file.read_text("utf-8")
    is_comment = first_line.startswith("--")
    file.write_text(first_line + text if is_comment else text + first_line, "utf-8")
    os.utime(file, (1e9, 1e9))

    lines = restore(tmp_path / "new", file, MIGRATIONS, keep_all)

    assert f" after {expected} are lost" in lines[-1]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_without_its_end_is_refused(
    saved: Path, tmp_path: Path, share: float
) -> None:
    os.truncate(saved, int(saved.stat().st_size * share))

    with pytest.raises(DataError):
        restore(tmp_path / "new", saved, MIGRATIONS, keep_all)

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(
            ("empty.sql", b""),
            ("empty", b""),
            ("text", b"no database"),
            ("x.sql", b"\xff"),
        ),
        ("other.sql", b"CREATE TABLE notes (text);\n"),
        ("missing", None),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError):
        restore(tmp_path / "new", tmp_path / name, MIGRATIONS, keep_all)

    assert not (tmp_path / "new" / DATABASE).exists()


def test_a_restore_that_was_killed_is_repeated(saved: Path, tmp_path: Path) -> None:
    left = tmp_path / "new" / f"{DATABASE}.restoring"
    left.mkdir(parents=True)
    (left / DATABASE).write_text("half")

    restore(tmp_path / "new", saved, MIGRATIONS, keep_all)

    assert [it.name for it in (tmp_path / "new").iterdir()] == [DATABASE]
    assert run_sql(tmp_path / "new", COUNT) == [{"reports": 1}]


def test_a_restore_whose_purge_fails_leaves_no_database(
    saved: Path, tmp_path: Path
) -> None:
    def fail(_: Path) -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        restore(tmp_path / "new", saved, MIGRATIONS, fail)

    assert list((tmp_path / "new").iterdir()) == []
