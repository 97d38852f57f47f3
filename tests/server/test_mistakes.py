"""A wrong argument, file or folder is explained in one sentence, and leaves nothing behind."""

import os
import pwd
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.databases import KNOWN, fill
from tests.server.serving import attempt
from usage_receiver import cli, failures
from usage_receiver.database import DATABASE

# What each command needs apart from its database.
COMMANDS = {
    "backup": ("new.sqlite",),
    "count": (),
    "exclude": ("version=9.9.9",),
    "sql": ("SELECT * FROM reports",),
    "withhold": ("version", "9.9.9"),
}
every_command = pytest.mark.parametrize("command", COMMANDS)


def fail(command: str, data: Path, *arguments: str) -> str:
    done = attempt(command, data, *arguments)
    assert (done.returncode, done.stdout) == (1, ""), done.stdout
    assert "Traceback" not in done.stderr
    assert "Errno" not in done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@every_command
def test_a_folder_without_a_database_is_named_and_not_made(
    tmp_path: Path, command: str
) -> None:
    data = tmp_path / "dta"

    printed = fail(command, data, *COMMANDS[command])

    assert printed == f"There is no database at {data / DATABASE}. Check --data.\n"
    assert list(tmp_path.iterdir()) == []


@every_command
def test_a_file_that_is_not_a_database_is_named(tmp_path: Path, command: str) -> None:
    path = tmp_path / DATABASE
    path.write_text("not a database")
    tmp_path.chmod(0o700)

    printed = fail(command, tmp_path, *COMMANDS[command])

    assert printed.startswith(f"{path} is damaged, or not a database of SQLite.")
    assert path.read_text() == "not a database"


@pytest.mark.parametrize("command", ["serve", "restore"])
def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path, command: str) -> None:
    data, saved = tmp_path / "data", fill(tmp_path / "saved", KNOWN)
    data.write_text("")
    arguments = (str(saved),) if command == "restore" else ("--port", "0")

    assert fail(command, data, *arguments).startswith(f"{data} exists. Move it away")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing", None, "There is no file {}."),
        ("text", b"text", "{} is damaged, or not a database of SQLite."),
        ("broken.sql", b"not SQL;", '{}: near "not": syntax error'),
        ("cut", "half", "{} is damaged, or not a database of SQLite."),
    ],
)
def test_a_restore_from_what_is_no_backup_leaves_no_database(
    tmp_path: Path, name: str, content: bytes | str | None, reason: str
) -> None:
    file, data = tmp_path / name, tmp_path / "data"
    if content == "half":
        content = fill(tmp_path / "source", KNOWN).read_bytes()[:5000]
    if isinstance(content, bytes):
        file.write_bytes(content)

    printed = fail("restore", data, str(file))

    assert printed.startswith(reason.format(file))
    assert not list(data.glob(f"{DATABASE}*"))


def test_a_backup_into_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", KNOWN).parent

    printed = fail("backup", data, str(tmp_path / "no" / "new.sqlite"))

    assert printed == f"There is no folder {tmp_path / 'no'}. Create it first.\n"


def test_the_owner_of_a_file_of_another_user_is_named() -> None:
    error = PermissionError(13, "Permission denied", "/etc/no-such-file")

    assert failures.describe(error) == (
        "You may not use /etc/no-such-file, which belongs to the user root. Run this as"
        " that user, or choose another place."
    )


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only root may open, such as root's home, in one that all can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        path = Path(folder, "closed")
        path.mkdir(mode=0o700)
        yield path


@pytest.fixture
def nobody(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Act as the user nobody, in a folder that this user may not open, and return it."""
    monkeypatch.chdir(closed)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield closed
    finally:
        os.seteuid(0)


def test_a_command_runs_in_a_folder_that_its_user_may_not_open(
    nobody: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `runuser -u usage-receiver --` does in root's home."""
    data = nobody.parent / "data"

    assert cli.main(["count", "--data", str(data)]) == 1

    printed = capsys.readouterr().err
    assert printed == f"There is no database at {data / DATABASE}. Check --data.\n"


def test_a_project_that_its_user_may_not_open_is_named(
    nobody: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["count", "--project", str(nobody)])

    assert capsys.readouterr().err.endswith(
        f"argument --project: nobody may not open {nobody}. Let that user read it\n"
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (
            "127.0.0.1",
            "Another program listens on 127.0.0.1 port {}. Stop it, or choose",
        ),
        ("192.0.2.1", "Nothing can listen on 192.0.2.1 port {}: Cannot assign"),
    ],
)
def test_a_place_where_it_cannot_listen_is_named_before_a_database_is_made(
    tmp_path: Path, host: str, reason: str
) -> None:
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        printed = fail("serve", data, "--host", host, "--port", port)

    assert printed.startswith(reason.format(port))
    assert ("--port" if host == "127.0.0.1" else "--host") in printed
    assert not data.exists()
