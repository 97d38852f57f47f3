"""The state's file is private, and each way in which it cannot be used has a code."""

import ast
import contextlib
import functools
import os
import random
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from paperless_report.errors import Obstacle, Problem, ReportingError
from paperless_report.state import choices, history, identities, sending, sums
from paperless_report.state.database import FILE, VERSION, Database
from tests.support.needs import needs
from tests.support.small_disk import run_on_small_disk

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
NOBODY = 65534
STATE = Path(choices.__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "new"


@pytest.fixture
def database(folder: Path) -> Database:
    return Database(folder)


def write_all(database: Database) -> None:
    """Store something in every table."""
    with database.write() as connection:
        choices.store_choice(connection, on=True, at=NOW, accepted="{}")
        choices.set_group(connection, "a", on=False)
        sums.add(connection, "2026-11-26", {("e", "{}", "count"): 3})
        known = identities.choose_identities(database.folder, identity_file=False)
        known.set_aside(connection, known.obtain(connection, ID))
        row = history.begin(connection, NOW, "https://a.b", b"{}", ID)
        history.answer(connection, row, "204", ID)
        token = sending.claim(connection, NOW)
        assert token
        sending.finish(connection, token, NOW)


def read_all(database: Database) -> None:
    """Read every table."""
    known = identities.choose_identities(database.folder, identity_file=False)
    with database.read() as connection:
        choices.read_choice(connection)
        sums.list_days(connection, "2026-11-27")
        known.find(connection)
        known.list_set_aside(connection)
        history.list_sent(connection)
        sending.read_sending(connection)


def find_problem(action: Callable[[], object]) -> Problem:
    """Return the code of the ReportingError that *action* raises."""
    with pytest.raises(ReportingError) as caught:
        action()
    assert "path" in caught.value.details
    return caught.value.problem


def names(folder: Path) -> list[str]:
    return sorted(it.name for it in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reading_creates_nothing(database: Database, folder: Path) -> None:
    read_all(database)
    read_all(Database(folder / "further" / "down"))

    assert not folder.exists()


def test_an_empty_state_has_no_choice_and_nothing_to_send(database: Database) -> None:
    with database.read() as connection:
        assert choices.read_choice(connection) == choices.Choice()
        assert sums.list_days(connection, "2026-11-27") == []
        assert history.list_sent(connection) == []
        assert sending.read_sending(connection) == sending.Sending()


def test_what_is_stored_is_read_again(database: Database) -> None:
    write_all(database)

    with database.read() as connection:
        assert choices.read_choice(connection) == choices.Choice(
            on=True,
            at=NOW,
            accepted="{}",
            accepted_at=NOW,
            groups_off=frozenset({"a"}),
        )
        assert sending.read_sending(connection) == sending.Sending(NOW)


def test_an_error_within_a_transaction_undoes_all_of_it(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), database.write() as connection:
        choices.store_choice(connection, on=True, at=NOW)
        raise ZeroDivisionError

    with database.read() as connection:
        assert choices.read_choice(connection).on is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_nobody_else_can_read_the_state(
    database: Database, folder: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with database.write() as connection:
            choices.mark_notice_shown(connection)
            modes = {it.name: mode(it) for it in folder.iterdir()}
    finally:
        os.umask(before)

    assert modes == {FILE: 0o600, f"{FILE}-journal": 0o600}
    assert mode(folder) == 0o700


def test_a_restored_file_becomes_private_again(database: Database) -> None:
    write_all(database)
    database.path.chmod(0o644)

    write_all(database)

    assert mode(database.path) == 0o600


def test_importing_the_state_does_not_import_sqlite() -> None:
    code = (
        "import sys\n"
        "from paperless_report.state import choices, history, identities, sending, sums\n"
        "print({'sqlite3', '_sqlite3'} & set(sys.modules))"
    )
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


@pytest.mark.parametrize("path", sorted(STATE.glob("*.py")), ids=lambda it: it.name)
def test_no_statement_numbers_its_values(path: Path) -> None:
    # Python 3.12 warns about `?1`, and a program may turn its warnings into errors.
    strings = [
        it.value
        for it in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(it, ast.Constant) and isinstance(it.value, str)
    ]

    assert [it for it in strings if re.search(r"\?\d", it)] == []


def test_a_python_without_sqlite_is_a_problem_with_a_code(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)

    for action in (read_all, write_all, Database.delete):
        with pytest.raises(ReportingError) as caught:
            action(database)
        assert caught.value.problem is Problem.SQLITE_MISSING


def test_delete_leaves_nothing_of_the_file(database: Database, folder: Path) -> None:
    write_all(database)

    database.delete()
    database.delete()

    assert names(folder) == []


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 80])
def test_delete_removes_a_damaged_file(
    database: Database, folder: Path, content: bytes
) -> None:
    folder.mkdir()
    database.path.write_bytes(content)
    (folder / f"{FILE}-journal").write_bytes(content)

    database.delete()

    assert names(folder) == []


def test_a_process_that_waited_for_a_deleted_file_writes_a_new_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not write to the deleted file, and not mix up the journals of the two."""
    write_all(database)
    connect = sqlite3.connect

    def delete_first(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)  # type: ignore[call-overload]  # passed on
        connection.execute("PRAGMA user_version")
        with monkeypatch.context() as undone:
            undone.setattr(sqlite3, "connect", connect)
            database.delete()
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", delete_first)
        assert find_problem(lambda: write_all(database)) is Problem.STATE_BUSY

    assert names(database.folder) == []
    write_all(database)


def listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):
        server.bind(path.name)


def link(path: Path) -> None:
    """Link to another program's SQLite file."""
    victim = path.parent.parent / "victim"
    with contextlib.closing(sqlite3.connect(victim)) as connection:
        connection.execute("CREATE TABLE a (b)")
    path.symlink_to(victim)


@pytest.mark.parametrize(
    ("put", "obstacle"),
    [
        (link, Obstacle.LINK),
        (lambda it: it.symlink_to("nothing"), Obstacle.LINK),
        (Path.mkdir, Obstacle.FOLDER),
        (os.mkfifo, Obstacle.PIPE),
        (listen, Obstacle.SOCKET),
    ],
    ids=["link", "link to nothing", "folder", "pipe", "socket"],
)
@pytest.mark.parametrize("suffix", ["", "-journal", "-wal", "-shm"])
@pytest.mark.parametrize("action", [read_all, write_all, Database.delete])
def test_anything_but_a_regular_file_is_named_and_left_alone(
    database: Database,
    folder: Path,
    put: Callable[[Path], object],
    obstacle: Obstacle,
    suffix: str,
    action: Callable[[Database], object],
) -> None:
    folder.mkdir()
    path = folder / f"{FILE}{suffix}"
    put(path)
    before = path.lstat()

    with pytest.raises(ReportingError) as caught:
        action(database)

    assert caught.value.problem is Problem.STATE_NOT_A_FILE
    assert caught.value.details == {"path": path, "obstacle": obstacle}
    assert os.path.samestat(path.lstat(), before)
    assert names(folder) == [path.name]


def test_a_file_of_a_newer_version_is_left_alone(database: Database) -> None:
    write_all(database)
    with contextlib.closing(sqlite3.connect(database.path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = database.path.read_bytes()

    assert find_problem(lambda: read_all(database)) is Problem.STATE_NEWER
    assert find_problem(lambda: write_all(database)) is Problem.STATE_NEWER
    assert database.path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE a (b)", f"PRAGMA user_version = {VERSION:d}"],
    ids=["another program's", "without tables"],
)
def test_a_database_that_is_not_ours_is_damaged(
    database: Database, folder: Path, statement: str
) -> None:
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(database.path)) as connection:
        connection.execute(statement)

    assert find_problem(lambda: read_all(database)) is Problem.STATE_DAMAGED
    assert find_problem(lambda: write_all(database)) is Problem.STATE_DAMAGED


# As damage of the file does.
_A_REQUEST_WITHOUT_BODY = """
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '');
PRAGMA writable_schema = RESET;
UPDATE history SET body = NULL"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE choice SET is_on = 0",
        "UPDATE choice SET is_on = NULL",
        "UPDATE choice SET at = at + 1",
        "UPDATE choice SET accepted = '{'",
        "UPDATE choice SET accepted_at = 'x'",
        "UPDATE choice SET notice_shown = 1",
        "UPDATE choice SET checksum = checksum + 1",
        "UPDATE sending SET next_try = 1e300",
        "UPDATE sums SET labels = '{'",
        "UPDATE sums SET labels = x'ff'",
        "UPDATE sums SET day = '2026-11-1'",
        "UPDATE sums SET value = 'x'",
        "UPDATE sums SET event = x'ff'",
        "UPDATE sums SET name = x'ff'",
        "UPDATE groups_off SET name = x'ff'",
        "UPDATE identities SET uuid = x'ff'",
        "UPDATE identities SET uuid = '-1'",
        "UPDATE sending SET failures = 'x'",
        _A_REQUEST_WITHOUT_BODY,
        "DELETE FROM sending",
        "DROP TABLE sums",
    ],
)
def test_content_that_we_did_not_write_is_damaged(
    database: Database, statement: str
) -> None:
    """A choice that was off must never become on by itself."""
    write_all(database)
    with contextlib.closing(sqlite3.connect(database.path)) as connection, connection:
        connection.executescript(statement)

    assert find_problem(lambda: read_all(database)) is Problem.STATE_DAMAGED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sums SET value = 'x'",
        "UPDATE groups_off SET name = CAST(name AS BLOB)",
        "UPDATE identities SET uuid = '-' || uuid",
        "UPDATE history SET at = 1e300",
    ],
)
def test_an_error_that_is_kept_locks_nobody_out(
    database: Database, statement: str
) -> None:
    """Its traceback keeps what was read halfway, and with it the connection."""
    write_all(database)
    with database.write() as connection:
        for name in "uvwxyz":
            choices.set_group(connection, name, on=False)
            sums.add(connection, "2026-11-26", {(name, "{}", "count"): 3})
            history.begin(connection, NOW, "https://a.b", b"{}", ID)
            connection.execute("INSERT INTO identities VALUES (?, FALSE)", (name,))
        connection.execute(statement)

    with pytest.raises(ReportingError) as kept:
        read_all(database)

    assert kept.value.__traceback__
    with contextlib.closing(sqlite3.connect(database.path, timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")


def damage(content: bytes, seed: int) -> bytes:
    """Change, cut off or replace some bytes of *content*."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    changed = bytearray(content)
    for _ in range(chance.choice([1, 20, 500])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.choice([len(changed), chance.randrange(6000)])])


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_no_damage_of_the_file_is_a_traceback(database: Database, start: int) -> None:
    write_all(database)
    content = database.path.read_bytes()

    for seed in range(start, start + 20):
        database.path.write_bytes(damage(content, seed))
        for action in (read_all, write_all):
            with contextlib.suppress(ReportingError):
                action(database)
    database.delete()


def test_a_file_that_others_use_for_long_is_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paperless_report.state.database._BUSY_SECONDS", 0.1)
    write_all(database)

    with contextlib.closing(sqlite3.connect(database.path)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        for action in (read_all, write_all, Database.delete):
            problem = find_problem(functools.partial(action, database))
            assert problem is Problem.STATE_BUSY

    read_all(database)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("gone/folder", Problem.STATE_NO_FOLDER),
        ("file/folder", Problem.STATE_NO_FOLDER),
        ("file", Problem.STATE_NO_FOLDER),
        ("loop", Problem.STATE_FAILED),
        ("link to nothing", Problem.STATE_NO_FOLDER),
        ("a\0b", Problem.STATE_FAILED),
        ("a" * 300, Problem.STATE_FAILED),
    ],
)
def test_a_folder_that_cannot_exist_has_a_code(
    tmp_path: Path, path: str, problem: Problem
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "link to nothing").symlink_to("nothing")

    assert find_problem(lambda: write_all(Database(tmp_path / path))) is problem


@pytest.mark.parametrize("name", ["a b?c#d%20&mode=memory", "ä", os.fsdecode(b"\xff")])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    database = Database(tmp_path / name)

    write_all(database)
    read_all(database)

    assert names(tmp_path / name) == [FILE]


@contextlib.contextmanager
def use_as_nobody(folder_mode: int, file_mode: int) -> Iterator[Database]:
    """Give a state in /tmp to a user that has these rights only, and be that user."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # others can reach it there
        database = Database(Path(name))
        write_all(database)
        user = os.geteuid()
        if user == 0:
            os.chown(name, NOBODY, NOBODY)
            os.chown(database.path, NOBODY, NOBODY)
        database.path.chmod(file_mode)
        Path(name).chmod(folder_mode)
        try:
            if user == 0:
                os.seteuid(NOBODY)
            yield database
        finally:
            os.seteuid(user)
            Path(name).chmod(0o700)


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "reading", "writing"),
    [
        (0o700, 0o600, None, None),
        (0o500, 0o600, None, Problem.STATE_READ_ONLY),
        (0o500, 0o400, None, Problem.STATE_READ_ONLY),
        (0o000, 0o600, Problem.STATE_NOT_PERMITTED, Problem.STATE_NOT_PERMITTED),
        (0o700, 0o000, Problem.STATE_NOT_PERMITTED, Problem.STATE_NOT_PERMITTED),
    ],
)
def test_without_rights_on_the_folder_or_file_there_is_a_code(
    folder_mode: int,
    file_mode: int,
    reading: Problem | None,
    writing: Problem | None,
) -> None:
    with use_as_nobody(folder_mode, file_mode) as database:
        for action, problem in ((read_all, reading), (write_all, writing)):
            if problem is None:
                action(database)
            else:
                assert find_problem(functools.partial(action, database)) is problem


def test_storage_without_shared_memory_is_enough(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own storage for network file systems has no shared memory, and no WAL."""
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3,
        "connect",
        lambda path, **options: connect(f"{path}&vfs=unix-dotfile", **options),
    )

    write_all(database)
    write_all(database)
    read_all(database)

    assert names(folder) == [FILE]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("SQLITE_IOERR_LOCK", Problem.STATE_FAILED),  # a file system without locks
        ("SQLITE_IOERR_READ", Problem.STATE_FAILED),
        ("SQLITE_NOMEM", Problem.STATE_FAILED),
        ("SQLITE_PROTOCOL", Problem.STATE_BUSY),
        ("SQLITE_CANTOPEN", Problem.STATE_FAILED),  # no descriptor is left
    ],
)
def test_a_rare_error_of_sqlite_has_a_code_and_its_name(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, problem: Problem
) -> None:
    write_all(database)
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sqlite3, "connect", fail)
    with pytest.raises(ReportingError) as caught:
        read_all(database)

    assert caught.value.problem is problem
    assert caught.value.details["reason"] == f"disk I/O error, {name}"


# What a program prints that finds a small file system full, then removes what filled it.
ON_A_FULL_DISK = """
rest = folder / "rest"
try:
    with open(rest, "wb", buffering=0) as file:
        while file.write(b"x" * 4096): pass
except OSError: pass
show(lambda: add(1000))
show(read)
rest.unlink()
show(lambda: add(1))
show(read)
"""
ON_A_READ_ONLY_DISK = """
show(lambda: add(1))
show(read)
subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
show(lambda: add(1))
"""


@needs("unshare", "sh", "mount")
@pytest.mark.parametrize("is_new", [False, True], ids=["in use", "new"])
@pytest.mark.parametrize(
    ("before", "code", "printed"),
    [
        ("", ON_A_FULL_DISK, ["STATE_FULL", 0, None, 1]),
        (
            'subprocess.run(["mount", "-o", "remount,ro", folder], check=True)',
            ON_A_READ_ONLY_DISK,
            ["STATE_READ_ONLY", 0, None],
        ),
    ],
    ids=["full", "read-only"],
)
def test_a_full_or_read_only_disk_loses_only_what_is_written_then(
    before: str, code: str, printed: list[object], *, is_new: bool
) -> None:
    start = (
        "import pathlib, subprocess, sys\n"
        "from paperless_report.errors import ReportingError\n"
        "from paperless_report.state import sums\n"
        "from paperless_report.state.database import Database\n"
        "folder = pathlib.Path(sys.argv[1]); database = Database(folder)\n"
        "def add(number):\n"
        "    with database.write() as it:\n"
        "        keys = [('e', '{}', str(n)) for n in range(number)]\n"
        "        sums.add(it, '2026-11-26', dict.fromkeys(keys, 1))\n"
        "def read():\n"
        "    with database.read() as it:\n"
        "        return sum(row.value for row in sums.list_days(it, '2026-11-27'))\n"
        "def show(action):\n"
        "    try: print(action())\n"
        "    except ReportingError as error: print(error.problem.name)\n"
    )
    first = "" if is_new else "add(1)\n"

    done = run_on_small_disk("size=256k", f"{start}{first}{before}\n{code}")

    stored = 0 if is_new else 1
    expected = [it + stored if isinstance(it, int) else it for it in printed]
    assert (done.stdout.split(), done.stderr) == ([str(it) for it in expected], "")
