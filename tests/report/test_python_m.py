"""`python -m paperless_report`: how it finds the project, and how its process ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.report import counting_program
from tests.report.program import Program
from tests.support.endpoint import Endpoint
from tests.support.needs import require

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "paperless_report", "--project")
MODULE = counting_program.__name__
NOBODY = 65534


@pytest.fixture
def environ(data_dir: Path, endpoint: Endpoint) -> dict[str, str]:
    """A small environment, as an admin's shell has it."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}",
        "LANG": "C.UTF-8",
        "SHELF_DATA_DIR": str(data_dir),
        "SHELF_USAGE_REPORTING_URL": endpoint.url,
    }


@pytest.fixture
def broken_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that cannot be imported."""
    modules = {
        "fails_at_import": "raise RuntimeError('no\\nconfiguration')",
        "ends_at_import": "raise SystemExit(0)",
        "needs_another": "import no_such_dependency",
        "is_interrupted": "raise KeyboardInterrupt",
    }
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("broken_module")
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("shelf", "--project takes a module and the name of a Project in it"),
        ("shelf:", "--project takes a module and the name of a Project in it"),
        (":project", "--project takes a module and the name of a Project in it"),
        ("shelf.py:project", "The module shelf.py cannot be imported (ModuleNotFound"),
        ("./shelf:project", "--project takes a module and the name of a Project in it"),
        ("no_such_module:project", "The module no_such_module cannot be imported"),
        ("needs_another:project", "(ModuleNotFoundError: No module named 'no_such_"),
        ("fails_at_import:project", "(RuntimeError: no configuration)."),
        ("ends_at_import:project", "(SystemExit: 0)."),
        (f"{MODULE}:no_such", f"The module {MODULE} has no object called no_such."),
        (
            f"{MODULE}:not_a_project",
            "must be a Project or a Reporter, not a str.",
        ),
    ],
)
def test_a_project_that_is_not_found_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, path: str, sentence: str
) -> None:
    program = Program(monkeypatch)
    program.path = path

    done = program("status")

    assert sentence in " ".join(done.stderr.split())
    assert max(map(len, done.stderr.splitlines())) <= 80
    assert (done.status, done.stdout) == (2, "")


@pytest.mark.usefixtures("broken_module")
def test_ctrl_c_while_the_module_is_imported_has_status_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = Program(monkeypatch)
    program.path = "is_interrupted:project"

    done = program("status")

    assert (done.status, done.stderr) == (130, "Interrupted.\n")


def test_a_reporter_is_as_good_as_a_project(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setenv("SHELF_DATA_DIR", str(data_dir))
    program = Program(monkeypatch)
    program.path = f"{MODULE}:reporter"

    assert program("status").status == 0


@pytest.mark.parametrize(
    "arguments", [(), ("no-such-command",), ("status", "--yes")], ids=str
)
def test_a_wrong_command_line_has_status_2(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    done = Program(monkeypatch)(*arguments)

    assert (done.status, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: python -m paperless_report")
    assert "--project MODULE:OBJECT" in done.stderr


def run_in_shell(
    command: str, environ: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which $C is the program with its project."""
    require("bash")
    return subprocess.run(
        ("bash", "-o", "pipefail", "-c", command),
        env={**environ, "C": " ".join((*PROGRAM, counting_program.PATH))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_process_reports_from_the_first_command_to_the_last(
    environ: dict[str, str], endpoint: Endpoint, data_dir: Path
) -> None:
    done = run_in_shell(
        "$C on --yes && $C run --now && $C off && $C delete --yes", environ
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [it.path for it in endpoint.arrived] == ["/report"]
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "status", "stderr"),
    [
        ("$C status | true", 1, ""),
        (
            "$C status > /dev/full",
            1,
            "The output cannot be written: No space left on device.\n",
        ),
        pytest.param(
            *("$C status >&-", 1, "Standard output is closed.\n"),
            marks=pytest.mark.nightly,
        ),
        pytest.param("$C off nothing 2>&-", 2, "", marks=pytest.mark.nightly),
        pytest.param("$C on <&-", 0, "", marks=pytest.mark.nightly),
    ],
)
@pytest.mark.slow
def test_a_closed_or_full_stream_ends_in_a_sentence(
    environ: dict[str, str], command: str, status: int, stderr: str
) -> None:
    done = run_in_shell(command, environ)

    assert (done.returncode, done.stderr) == (status, stderr)


def enable_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def terminal(
    environ: dict[str, str], *arguments: str
) -> Iterator["pexpect.spawn[str]"]:
    executable, *rest = (*PROGRAM, counting_program.PATH, *arguments)
    child: pexpect.spawn[str] = pexpect.spawn(
        executable,
        rest,
        env=environ,
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 80),
        # A shell disables Ctrl-C for what it runs in the background.
        preexec_fn=enable_ctrl_c,
    )
    try:
        yield child
    finally:
        child.close(force=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "key",
    [
        pytest.param("\x03", id="Ctrl-C"),
        pytest.param("\x04", id="Ctrl-D", marks=pytest.mark.nightly),
    ],
)
def test_ctrl_c_and_ctrl_d_at_the_question_change_nothing(
    environ: dict[str, str], data_dir: Path, key: str
) -> None:
    with terminal(environ, "on") as child:
        child.expect_exact("Turn reporting on? [y/N]: ")
        child.send(key)
        child.expect(pexpect.EOF)
        child.wait()

    assert child.before is not None
    assert child.before.replace("\r", "").endswith("\nNothing changed.\n")
    assert (child.exitstatus, list(data_dir.iterdir())) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "method", "sentences"),
    [
        (("status",), "status", "Interrupted."),
        (("run",), "run", "Interrupted. A report may have arrived all the same."),
        (
            ("forget", "--yes"),
            "forget",
            "Interrupted. The reports may be deleted all the same.",
        ),
    ],
)
def test_an_interrupted_command_has_status_130(
    monkeypatch: pytest.MonkeyPatch,
    data_dir: Path,
    arguments: tuple[str, ...],
    method: str,
    sentences: str,
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("SHELF_DATA_DIR", str(data_dir))
    monkeypatch.setenv("SHELF_USAGE_REPORTING_URL", "http://127.0.0.1:9")
    program = Program(monkeypatch)
    program("on", "--yes")
    monkeypatch.setattr(f"paperless_report.reporter.Reporter.{method}", press)

    done = program(*arguments)

    assert (done.status, done.stderr) == (130, f"{sentences}\n")


@pytest.fixture
def nobodys_data_dir(environ: dict[str, str]) -> Iterator[Path]:
    """A data directory that another user owns and reaches.

    It is in /tmp: any pytest that starts takes the rights to its own folder from others.
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "data")
        path.mkdir()
        os.chown(path, NOBODY, NOBODY)
        environ["SHELF_DATA_DIR"] = str(path)
        yield path


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")
def test_all_commands_work_if_root_alone_can_read_the_package(
    environ: dict[str, str], nobodys_data_dir: Path, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    shutil.copytree(ROOT / "paperless_report", private / "paperless_report")
    private.chmod(0o700)
    environ["PYTHONPATH"] = f"{private}:{ROOT}"
    commands = (
        *("preview", "on --yes", "status", "run --now", "history", "export"),
        *("forget --yes", "off --yes", "delete --yes"),
    )

    for command in commands:
        done = run_in_shell(f"$C {command}", environ)
        assert (done.returncode, done.stderr) == (0, ""), command
    assert [*nobodys_data_dir.iterdir()] == []


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")
def test_a_command_that_root_starts_leaves_no_file_of_root(
    environ: dict[str, str], nobodys_data_dir: Path
) -> None:
    done = run_in_shell("$C on --yes", environ)

    assert (done.returncode, done.stderr) == (0, "")
    owners = {(it.stat().st_uid, it.stat().st_gid) for it in nobodys_data_dir.iterdir()}
    assert owners == {(NOBODY, NOBODY)}
