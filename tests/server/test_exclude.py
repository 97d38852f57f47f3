"""`usage-receiver exclude`, as an operator runs it beside a server."""

import shlex
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.server.databases import KNOWN
from tests.server.serving import attempt, run, serve
from usage_receiver import scaffold
from usage_receiver.data import run_sql

pytestmark = pytest.mark.slow

TOTALS = (
    "SELECT period, body ->> 'total' AS total FROM publications"
    " WHERE period LIKE '%d' ORDER BY period"
)


def read_totals(data: Path) -> set[Any]:
    return {row["total"] for row in run_sql(data, TOTALS)}


def test_a_wave_is_gone_after_a_count_beside_the_server_and_back_after_an_undo(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with serve(data, "--sample", "60") as served:
        before = requests.get(f"{served.url}/stats", timeout=30).json()
        value = before["fields"]["arch"]["cells"][-1]["value"]

        # Without consent, nothing changes.
        run("exclude", data, f"arch={value}")
        run("count", data)
        assert read_totals(data) == {before["total"]}
        printed = run("exclude", data, f"arch={value}", "--yes")
        assert "To see it now, run `count`." in " ".join(printed.split())
        run("count", data)
        after = requests.get(f"{served.url}/stats", timeout=30).json()
        run("exclude", data, f"arch={value}", "--undo", "--yes")
        run("count", data)
        restored = requests.get(f"{served.url}/stats", timeout=30).json()

    assert after["total"] < before["total"]
    assert value not in str(after["fields"]["arch"])
    assert restored["fields"] == before["fields"]


def test_the_line_of_a_wave_is_what_the_command_takes(tmp_path: Path) -> None:
    """Of a project of one's own, whose fields no page can name."""
    project, data = tmp_path / "shelf", tmp_path / "data"
    scaffold.create(project, "Shelf life")
    with serve(data, "--project", str(project)) as served:
        for _ in range(12):
            report = {"uuid": str(uuid.uuid4()), "version": "9.9.9", "search": False}
            sent = requests.post(f"{served.url}/report", json=report, timeout=30)
            assert sent.status_code == 204

        found = run("exclude", data, "--project", str(project), "--find").splitlines()
        arguments = ("--project", str(project), *shlex.split(found[1]), "--yes")
        printed = run("exclude", data, *arguments)

    assert "version=9.9.9 database= size= search=false" in found[1]
    assert printed.startswith("12 of 12 installations match.")


def test_ids_come_from_standard_input_or_a_file_and_are_in_no_output(
    tmp_path: Path,
) -> None:
    """Of a project that keeps the newest facts and counts what installations do."""
    project, data = tmp_path / "shelf", tmp_path / "data"
    scaffold.create(project, "Shelf life", counters=True)
    report = {"uuid": KNOWN, "version": "9.9.9"}
    with serve(data, "--project", str(project)) as served:
        sent = requests.post(f"{served.url}/report", json=report, timeout=30)
        assert sent.status_code == 204
        done = subprocess.run(
            (
                *(sys.executable, "-m", "usage_receiver", "exclude", "--data", data),
                *("--project", project, "--ids", "-", "--yes"),
            ),
            input=f"{KNOWN.upper()}\n",
            capture_output=True,
            text=True,
            check=True,
        )
        log = served.read_log()
    select = "SELECT excluded FROM installations"
    assert run_sql(data, select) == [{"excluded": 1}]
    assert done.stdout.startswith("1 of 1 installation matches (1 ID given).")
    assert "Counters have no ID" in done.stdout
    assert KNOWN not in done.stdout.lower() + done.stderr.lower() + log

    file = tmp_path / "ids"
    file.write_text(KNOWN)
    options = ("--project", str(project), "--ids", str(file), "--undo", "--yes")
    assert KNOWN not in run("exclude", data, *options)
    assert run_sql(data, select) == [{"excluded": 0}]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "Say which installations you mean"),
        (("--since", "2026-05-14T21:40"), "this project stores the day only"),
        (("--ids", "/no/such/file"), "There is no /no/such."),
        (("--ids", "/"), "/: Is a directory."),
        (("--ids", "/dev/null"), "There are no IDs."),
    ],
)
def test_a_selection_that_cannot_be_meant_is_explained(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    project = tmp_path / "shelf"
    scaffold.create(project, "Shelf life", counters=True)
    with serve(tmp_path / "data", "--project", str(project)):
        pass

    done = attempt("exclude", tmp_path / "data", "--project", str(project), *arguments)

    assert done.returncode == 1
    assert done.stderr.startswith(reason) or reason in " ".join(done.stderr.split())
    assert max(map(len, done.stderr.splitlines())) <= 80
