"""README.md and demo/README.md: what they claim is true, and their commands work."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.pipeline import commands
from tests.support import pages
from tests.support.pages import ROOT
from tests.support.preview import read_preview

TESTS = "python3 -m venv .venv && .venv/bin/pip install -qc constraints.txt nox && .venv/bin/nox"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert TESTS in pages.exempt("README.md")
    assert script.splitlines()[-1] == f'{TESTS} "$@"'


@pytest.mark.nightly
def test_the_first_command_shows_a_report_arrive_with_git_and_python_only(
    tmp_path: Path,
) -> None:
    programs, clone = tmp_path / "bin", tmp_path / "clone"
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git") or "git")
    # Not this environment's own, which has packages.
    (programs / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    commands.run("git", "clone", "--quiet", ROOT, clone)
    first = next(it for it in pages.exempt("README.md") if it.endswith("-s demo"))

    printed = commands.run(
        *("/bin/sh", "-c", first),
        environ={**os.environ, "PATH": str(programs), "HOME": str(tmp_path)},
        folder=clone,
    )

    assert "Report sent. Thank you!" in printed
    assert '"channel": "beta"' in printed


def test_the_picture_of_the_readme_exists() -> None:
    picture = "docs/pictures/statistics.png"

    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
    assert f"]({picture})" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_commands_of_the_demo_host_work(tmp_path: Path) -> None:
    with pages.follow("demo/README.md") as page:
        page.check_off(
            "pip install -e '.[report]'"
        )  # this session is installed like that

        printed = page.run(
            ROOT,
            "python demo/manage.py migrate",
            "python demo/manage.py loaddata demo",
            "python demo/manage.py send_usage_report --dry-run",
            environ={"PAPERLESS_DATA_DIR": str(tmp_path / "data")},
        )

    assert read_preview(printed)["doc_bucket"] == "0\N{EN DASH}99"
    assert printed.endswith("Dry run \N{EM DASH} nothing sent.\n")
