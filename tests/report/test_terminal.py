"""The command as a process: in a real terminal, in a pipe, and interrupted."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pexpect
import pytest

from paperless_report.state.identity import find_identity, obtain_identity
from tests.support.endpoint import Endpoint
from tests.support.misbehaving_servers import Connection, MisbehavingServer
from tests.support.needs import require

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MANAGE = (sys.executable, str(ROOT / "demo" / "manage.py"))
COMMAND = (*MANAGE, "send_usage_report")
PROMPT = "Send this report? [y/N]: "
FORGET_PROMPT = "Forget this installation? [y/N]: "
PATIENCE_SECONDS = 60
# Far less than the drivers wait by themselves.
MOST_SECONDS_TO_END = 30
COLUMNS = 80


@pytest.fixture
def environ(data_dir: Path, endpoint: Endpoint) -> dict[str, str]:
    """A small environment, as an admin's shell has it."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PAPERLESS_DATA_DIR": str(data_dir),
        "PAPERLESS_USAGE_REPORTING_URL": endpoint.url,
    }


def enable_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def terminal(
    environ: dict[str, str], *arguments: str
) -> Iterator["pexpect.spawn[str]"]:
    """Run the command in a terminal of 80 columns."""
    command, *rest = (*COMMAND, *arguments)
    child: pexpect.spawn[str] = pexpect.spawn(
        command,
        rest,
        env=environ,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        dimensions=(24, COLUMNS),
        # A shell disables Ctrl-C for what it runs in the background.
        preexec_fn=enable_ctrl_c,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def wait_for_end(child: "pexpect.spawn[str]") -> tuple[str, int]:
    """Return the rest of the output, and the exit status."""
    child.expect(pexpect.EOF)
    child.wait()
    rest = child.before
    assert rest is not None
    return rest.replace("\r\n", "\n"), child.exitstatus or 0


def run_in_shell(
    command: str, environ: dict[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which $C is the command."""
    require("bash")
    return subprocess.run(
        ("bash", "-o", "pipefail", "-c", command),
        env={**environ, "C": " ".join(COMMAND)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_a_yes_typed_into_a_terminal_sends(
    environ: dict[str, str], endpoint: Endpoint
) -> None:
    with terminal(environ) as child:
        child.expect_exact(PROMPT)
        child.sendline("y")
        rest, status = wait_for_end(child)

    assert rest == "y\nReport sent. Thank you!\n"
    assert status == 0
    assert len(endpoint.arrived) == 1


@pytest.mark.point("C3")
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_ctrl_c_and_ctrl_d_at_the_prompt_send_nothing(
    environ: dict[str, str], endpoint: Endpoint, key: str
) -> None:
    with terminal(environ) as child:
        child.expect_exact(PROMPT)
        child.send(key)
        rest, status = wait_for_end(child)

    assert rest.endswith("\nNothing sent.\n")
    assert "Traceback" not in rest
    assert status == 0
    assert endpoint.arrived == []


@pytest.mark.point("C3")
@pytest.mark.parametrize(
    ("arguments", "question", "sentence"),
    [
        ((), PROMPT, "Nothing sent."),
        (("--forget",), FORGET_PROMPT, "Nothing forgotten."),
    ],
    ids=["sending", "forgetting"],
)
@pytest.mark.parametrize("typed", ["y\n", "y", "n\ny\n"], ids=repr)
def test_what_was_typed_before_the_question_does_not_answer_it(
    environ: dict[str, str],
    data_dir: Path,
    endpoint: Endpoint,
    typed: str,
    arguments: tuple[str, ...],
    question: str,
    sentence: str,
) -> None:
    obtain_identity(data_dir)
    with terminal(environ, *arguments) as child:
        child.send(typed)
        child.expect_exact(question)
        child.sendline("")
        rest, status = wait_for_end(child)

    assert rest == f"\n{sentence}\n"
    assert status == 0
    assert endpoint.arrived == []


@contextmanager
def silent_postgresql() -> Iterator[dict[str, str]]:
    """Yield the variables of a server that accepts connections and never answers."""
    with silent_socket(".s.PGSQL.5432") as path:
        yield {"PAPERLESS_DBHOST": str(path.parent)}


@contextmanager
def silent_mariadb() -> Iterator[dict[str, str]]:
    """Do the same for another driver."""
    with silent_socket("socket") as path:
        yield {
            "DJANGO_SETTINGS_MODULE": "tests.support.mariadb_settings",
            "PAPERLESS_DBENGINE": "mariadb",
            "PAPERLESS_DBHOST": str(path),
        }


@contextmanager
def silent_socket(name: str) -> Iterator[Path]:
    # In /tmp: the path of a socket may have at most 107 characters.
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as folder,
        socket.socket(socket.AF_UNIX) as server,
    ):
        path = Path(folder, name)
        server.bind(str(path))
        server.listen()
        yield path


@contextmanager
def locked_sqlite() -> Iterator[dict[str, str]]:
    """Do the same with a locked file, whose driver does not notice Ctrl-C."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder, "db.sqlite3"))) as database,
    ):
        database.execute("BEGIN EXCLUSIVE")
        yield {
            "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
            "PAPERLESS_DATA_DIR": folder,
        }


@pytest.mark.point("C13")
@pytest.mark.parametrize("database", [silent_postgresql, silent_mariadb, locked_sqlite])
@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_a_database_that_does_not_answer_is_named_and_ctrl_c_ends_the_wait(
    environ: dict[str, str],
    database: Callable[[], AbstractContextManager[dict[str, str]]],
    option: str,
) -> None:
    with (
        database() as variables,
        terminal({**environ, **variables}, option) as child,
    ):
        child.expect_exact("Still waiting for the database ... Ctrl-C stops waiting.")
        child.sendintr()
        before = time.monotonic()
        rest, status = wait_for_end(child)

    assert time.monotonic() - before < MOST_SECONDS_TO_END
    assert "Traceback" not in rest
    assert ("Nothing sent." in rest, status) == (
        (True, 0) if option == "--dry-run" else (False, 130)
    )


@pytest.mark.parametrize(
    ("arguments", "question", "sentence"),
    [
        ((), PROMPT, "The report may have arrived all the same."),
        (
            ("--forget",),
            FORGET_PROMPT,
            "The reports may be deleted all the same.",
        ),
    ],
    ids=["sending", "forgetting"],
)
def test_ctrl_c_after_the_yes_exits_cleanly_and_keeps_the_id(
    environ: dict[str, str],
    data_dir: Path,
    arguments: tuple[str, ...],
    question: str,
    sentence: str,
) -> None:
    obtain_identity(data_dir)
    with (
        MisbehavingServer(Connection.stall) as server,
        terminal(
            {**environ, "PAPERLESS_USAGE_REPORTING_URL": server.url}, *arguments
        ) as child,
    ):
        child.expect_exact(question)
        child.sendline("y")
        child.expect_exact("Still waiting for the reporting endpoint ...")
        child.sendintr()
        rest, status = wait_for_end(child)

    assert f"Interrupted. {sentence}" in rest
    assert "Traceback" not in rest
    assert status == 0
    assert find_identity(data_dir)


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("--dry-run",), {}),
        (("--dry-run", "--verbosity", "3"), {}),
        # From 3.14 on, Python itself colours the help of a command.
        (("--help",), {"NO_COLOR": "1"}),
    ],
)
def test_the_output_fits_80_columns_and_has_no_colour(
    environ: dict[str, str], arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    with terminal({**environ, **variables}, *arguments) as child:
        printed, status = wait_for_end(child)

    assert status == 0
    assert max(map(len, printed.splitlines())) <= COLUMNS
    assert "\x1b" not in printed


def test_a_pipe_gets_the_same_text_as_a_terminal(environ: dict[str, str]) -> None:
    with terminal(environ, "--dry-run") as child:
        in_terminal, _ = wait_for_end(child)

    assert run_in_shell("$C --dry-run | cat", environ).stdout == in_terminal


def test_json_in_a_pipe_is_exactly_the_body(
    environ: dict[str, str], endpoint: Endpoint
) -> None:
    printed = run_in_shell("$C --json", environ).stdout
    run_in_shell("$C", environ, stdin="y\n")

    assert endpoint.arrived[0].body == printed.encode()


def test_json_in_a_terminal_is_one_line_without_colour(environ: dict[str, str]) -> None:
    with terminal(environ, "--json") as child:
        printed, _ = wait_for_end(child)

    assert re.fullmatch(r"\{.*\}\n", printed)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_closed_pipe_ends_the_command_silently_and_sends_nothing(
    environ: dict[str, str], endpoint: Endpoint, answer: str
) -> None:
    """Nobody can agree to a preview that they could not see."""
    done = run_in_shell(f"(sleep 0.2; echo {answer}) | $C | true", environ)

    assert (done.returncode, done.stderr) == (1, "")
    assert endpoint.arrived == []


def test_an_output_on_a_full_disk_is_an_error(environ: dict[str, str]) -> None:
    done = run_in_shell("$C --dry-run > /dev/full", environ)

    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: The output cannot be written: No space left on device.\n"
    )


@pytest.mark.parametrize("option", ["", "--dry-run", "--json", "--forget"])
def test_a_closed_standard_output_is_an_error_and_sends_nothing(
    environ: dict[str, str], endpoint: Endpoint, option: str
) -> None:
    done = run_in_shell(f"$C {option} >&-", environ, stdin="y\n")

    assert done.returncode == 1
    assert done.stderr == ("CommandError: Standard output is closed.\n")
    assert endpoint.arrived == []


def test_a_closed_standard_error_does_not_matter(
    environ: dict[str, str], data_dir: Path
) -> None:
    (data_dir / "usage_uuid").write_text("no uuid")

    done = run_in_shell("$C --json 2>&-", environ)

    assert (done.returncode, done.stdout[:9]) == (0, '{"uuid":"')


@pytest.mark.parametrize(
    ("option", "outcome"),
    [("", "Report sent. Thank you!\n"), ("--forget", "installation ID are deleted.\n")],
)
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_without_standard_error_the_answer_is_still_read(
    environ: dict[str, str],
    data_dir: Path,
    endpoint: Endpoint,
    option: str,
    outcome: str,
    stderr: str,
) -> None:
    obtain_identity(data_dir)

    done = run_in_shell(f"$C {option} {stderr}", environ, stdin="y\n")

    assert done.stdout.endswith(outcome)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(endpoint.arrived) == 1


def test_an_answer_without_end_is_no_yes(
    environ: dict[str, str], endpoint: Endpoint
) -> None:
    done = run_in_shell("yes | tr -d '\\n' | timeout 30 $C", environ)

    assert done.stdout.endswith("Nothing sent.\n")
    assert endpoint.arrived == []


@pytest.mark.point("C1")
@pytest.mark.parametrize("encoding", ["ascii", "latin1", "cp437", "utf-8"])
def test_a_terminal_that_lacks_the_dashes_gets_hyphens(
    environ: dict[str, str], encoding: str
) -> None:
    done = run_in_shell(
        f"PYTHONIOENCODING={encoding} $C --dry-run | iconv -f {encoding} -t utf-8",
        environ,
    )

    dash = "\N{EM DASH}" if encoding == "utf-8" else "-"
    assert done.stdout.endswith(f"Dry run {dash} nothing sent.\n")
    assert done.returncode == 0


def test_the_exit_status_is_as_documented(environ: dict[str, str]) -> None:
    environ["PAPERLESS_USAGE_REPORTING_URL"] = "http://127.0.0.1:9"
    cases = {
        "$C --dry-run": 0,
        "$C": 0,  # yes, and the endpoint is unreachable
        "$C --json": 0,
        "$C --forget": 0,
        "$C --forget --dry-run": 2,
        "$C --forget --dry-run 2>&-": 2,
        "$C --no-such-flag": 2,
        "PAPERLESS_SETTINGS_LACK=DATA_DIR $C --json": 1,
    }
    environ["DJANGO_SETTINGS_MODULE"] = "tests.support.bare_settings"

    results = {case: run_in_shell(case, environ, stdin="y\n") for case in cases}

    assert {case: done.returncode for case, done in results.items()} == cases
    for done in results.values():
        assert "Traceback" not in done.stderr


def test_help_answers_the_first_questions(environ: dict[str, str]) -> None:
    printed = run_in_shell("$C --help", environ).stdout

    for question in (
        "What is sent?",
        "Where does it go?",
        "How often?",
        "How am I identified?",
        "How do I leave?",
        "Exit status:",
    ):
        assert f"\n{question}" in printed
    assert "One report in 7 days is counted." in printed
