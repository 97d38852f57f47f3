"""`nox -s serve` takes the operator's secret from a file that only its owner can use."""

import io
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


def test_a_missing_file_or_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SystemExit):
            parse(path)
        assert f"{path} cannot be read as text" in capsys.readouterr().err


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
