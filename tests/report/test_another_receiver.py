"""The programs of docs/how-to/another-receiver.md do what the page says."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import pages
from tests.support.endpoint import Endpoint

PAGE = "docs/how-to/another-receiver.md"

Run = Callable[[str], str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in a folder that has the page's program."""
    program, read = pages.blocks(PAGE, "python")
    (tmp_path / "printer.py").write_text(program.text, "utf-8")
    (tmp_path / "read.py").write_text(read.text, "utf-8")
    kept = {it: os.environ[it] for it in ("LANG",) if it in os.environ}

    def run_in_folder(command: str) -> str:
        done = subprocess.run(
            (sys.executable, *shlex.split(command)[1:]),
            cwd=tmp_path,
            env={
                **kept,
                "HOME": str(tmp_path),
                "PYTHONPATH": str(pages.ROOT),
                "PRINTER_TRACKING_URL": os.environ["PRINTER_TRACKING_URL"],
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_in_folder


def test_the_page_sends_each_print_once_its_admin_agrees(
    run: Run, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRINTER_TRACKING_URL", endpoint.url)

    with pages.follow("docs/how-to/another-receiver.md") as page:
        run(page.check_off("python printer.py 1200"))
        module = "python -m paperless_report --project printer:project"
        shown = run(page.check_off(f"{module} preview"))
        assert endpoint.arrived == []
        assert run("python read.py") == "1 prints, 1200 seconds\n"
        run(page.check_off(f"{module} on --yes"))
        run(page.check_off(f"{module} run --now"))
        history = run(page.check_off(f"{module} history"))

    form, event = endpoint.arrived
    assert form.body.startswith(b"python=3.")
    assert event.path.endswith("/print_done?origin=local&elapsed=1200")
    assert "print_done?origin=local&elapsed=1200" in shown
    assert f"GET {endpoint.url}{event.path}" in history
