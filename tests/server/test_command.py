"""`usage-receiver serve`: what it refuses, when it ends, and what it takes from outside."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.server.serving import serve
from tests.worker.client import get
from tests.worker.operator import SECRET, ask
from usage_receiver import command_line, scaffold
from usage_receiver.data import run_sql

pytestmark = pytest.mark.slow

SECONDS = 60


def fail(*arguments: str | Path) -> str:
    """Run a command that must fail with one line, and return the line."""
    done = subprocess.run(
        (sys.executable, "-m", "usage_receiver", *map(str, arguments)),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_second_server_of_a_database_is_refused_until_the_first_has_ended(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with serve(data) as first:
        assert f"the database in {data}. Stop it first" in fail(
            "serve", "--data", data, "--port", "0"
        )
        assert get(first, "/health").status_code == 200
        # Its lock ends with it, however it ends.
        first.process.kill()
        first.process.wait(SECONDS)
    with serve(data) as second:
        assert get(second, "/health").status_code == 200


def test_a_database_in_memory_is_locked_by_none(tmp_path: Path) -> None:
    with serve(":memory:", cwd=tmp_path) as one, serve(":memory:", cwd=tmp_path) as two:
        assert {get(it, "/health").status_code for it in (one, two)} == {200}
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    with serve(tmp_path / "data") as served:
        served.process.send_signal(number)
        assert served.process.wait(SECONDS) == 0


def test_it_ends_after_the_minutes_that_were_asked_for(tmp_path: Path) -> None:
    with serve(tmp_path / "data", "--minutes", "0.01") as served:
        assert served.process.wait(SECONDS) == 0


def test_made_up_reports_fill_the_page_of_an_empty_database_only(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with serve(data, "--sample", "25") as served:
        assert get(served, "/stats").json()["total"] >= 15

    before = run_sql(data, "SELECT * FROM reports")
    with serve(data, "--sample", "25") as served:
        assert get(served, "/health").status_code == 200
        notice = f"The database in {data} already has reports, so --sample adds none."
        assert notice in served.read_log()
    assert run_sql(data, "SELECT * FROM reports") == before
    fail("serve", "--data", ":memory:", "--port", "0", "--sample", "25")


def test_variables_that_change_node_are_ignored(tmp_path: Path) -> None:
    environ = {**os.environ, "NODE_OPTIONS": "--no-such-option", "NODE_DEBUG": "net"}

    with serve(tmp_path / "data", environ=environ) as served:
        assert get(served, "/health").status_code == 200
        assert "NET" not in served.read_log()


def test_a_project_can_be_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's 100%25 #1?"
    scaffold.create(folder, "Shelf life")

    # As in a shell in the folder, the project is the current one.
    with serve("data", cwd=folder) as served:
        assert "Shelf life" in get(served, "/").text
    assert (folder / "data" / "receiver.sqlite").is_file()


def test_the_secret_opens_the_view_and_is_in_no_output_or_argument(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    file.chmod(0o600)

    options = ("--operator-secret-file", str(file))
    with serve(tmp_path / "data", *options) as served:
        server = SimpleNamespace(url=served.url)
        assert ask(server, "/operator/installations").status_code == 200
        assert get(server, "/operator/installations").status_code == 401
        process = Path(f"/proc/{served.process.pid}")
        for name in ("cmdline", "environ"):
            assert SECRET.encode() not in (process / name).read_bytes()
        assert SECRET not in served.read_log()


@pytest.mark.parametrize(
    "option",
    [
        *("--port=65536", "--port=-1", "--port=http"),
        # Node would stop at once.
        *("--minutes=40000", "--minutes=inf", "--minutes=nan"),
        *("--minutes=0", "--minutes=-5", "--minutes=soon"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.create_parser().parse_args(["serve", option])

    assert stopped.value.code == 2
    name, _, _ = option.partition("=")
    assert f"argument {name}: " in capsys.readouterr().err.splitlines()[-1]


def test_a_failed_start_is_explained_in_one_line(tmp_path: Path) -> None:
    data, broken = tmp_path / "data", tmp_path / "broken"
    scaffold.create(broken, "Shelf life")
    (broken / "project.ts").write_text("export const nothing = 1;\n")
    assert "project" in fail(
        "serve", "--data", data, "--port", "0", "--project", broken
    )
    assert "It has production, preview, local." in fail("serve", "--env", "no-such")
    (broken / "wrangler.jsonc").write_text("{}")
    assert "d1_databases" in fail("serve", "--project", broken)


def test_it_prints_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command_line.create_parser().parse_args(["--version"])

    assert stop.value.code == 0
    assert re.fullmatch(
        r"usage-receiver (\d\S+|from a source tree)\n", capsys.readouterr().out
    )
