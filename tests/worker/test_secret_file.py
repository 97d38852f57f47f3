"""`nox -s serve` takes the operator's secret from a file that only its owner can use."""

import io
import os
import pwd
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.worker.client import get
from tests.worker.operator import SECRET, ask
from worker.local import command_line, serve


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a secret, as a shell writes it."""
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def parse(file: Path) -> Path:
    arguments = ["serve", "--operator-secret-file", str(file)]
    path: Path = command_line.create_parser().parse_args(arguments).operator_secret_file
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_that_only_its_owner_can_use_is_accepted(file: Path, mode: int) -> None:
    file.chmod(mode)

    assert parse(file) == file


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o611])
def test_a_file_that_others_can_use_is_refused_with_the_fix(
    file: Path, mode: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file.chmod(mode)

    with pytest.raises(SystemExit):
        parse(file)

    printed = capsys.readouterr().err
    assert f"others can use {file}. Run `chmod 600 {file}`" in printed
    assert SECRET not in printed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "needs 32 characters or more"),
        (SECRET[:31].encode() + b"\n" * 9, "needs 32 characters or more"),
        (SECRET.encode() + b"\xff", "cannot be read as text"),
    ],
)
def test_a_file_without_a_secret_is_refused_without_its_content(
    file: Path, content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)

    with pytest.raises(SystemExit):
        parse(file)

    printed = capsys.readouterr().err
    assert reason in printed
    assert SECRET[:16] not in printed


def test_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(tmp_path)
    assert f"{tmp_path} cannot be read as text" in capsys.readouterr().err


def test_a_missing_file_is_named_with_the_command_that_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "missing"

    with pytest.raises(SystemExit):
        parse(path)

    printed = capsys.readouterr().err
    assert f"there is no {path}. `(umask 077 && python3 -c" in printed
    assert f"> {path})` makes a new one" in printed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_a_file_of_another_user_is_named_with_the_fix(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Anyone can reach it there.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        secret = file.rename(Path(folder, "secret"))
        user = pwd.getpwnam("nobody")
        os.seteuid(user.pw_uid)
        try:
            with pytest.raises(SystemExit):
                parse(secret)
        finally:
            os.seteuid(0)

    printed = capsys.readouterr().err
    assert f"nobody may not read {secret}, which belongs to the user root." in printed
    assert f"Run `chown nobody {secret}`" in printed


@pytest.mark.slow
@pytest.mark.nightly
def test_the_secret_opens_the_view_and_is_in_no_output_or_argument(
    tmp_path: Path, file: Path
) -> None:
    log = io.StringIO()
    data = tmp_path / "data"
    data.mkdir()
    serve.migrate(data)

    with serve.run_server(data, 0, log, secret_file=file) as (url, process):
        server = SimpleNamespace(url=url)
        assert ask(server, "/operator/installations").json() == []
        assert get(server, "/operator/installations").status_code == 401
        arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()

    assert SECRET.encode() not in arguments
    assert SECRET not in log.getvalue()
