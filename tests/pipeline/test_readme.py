"""The README and the demo host's are what they say they are."""

import re
from pathlib import Path

import pytest

from tests.pipeline import demo, flow
from tests.support import pages
from tests.support.pages import ROOT

TESTS = "python3 -m venv .venv && .venv/bin/pip install -qc constraints.txt nox && .venv/bin/nox"
# What differs from run to run and from machine to machine.
VARYING = (
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",  # the ID
    r"\b[0-9a-f]{40}\b|\b[0-9a-f]{9}\b",  # the commit
    r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?",  # a time
    r"127\.0\.0\.1:\d+",
    r"paperless_report-[\w.]+-py3",  # this project's own version
    r"\b3\.1\d\.\d+\b",  # Python's
    r"docker|source|release|x86_64|aarch64",  # where it runs
)


def test_ci_runs_the_readmes_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert TESTS in pages.exempt("README.md")
    assert script.splitlines()[-1] == f'{TESTS} "$@"'


def alike(text: str) -> str:
    return re.sub("|".join(VARYING), "*", text)


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints() -> None:
    """If this fails: `nox -s showcase`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(
        r"<!-- demo: begin -->\s+```text\n(.*?)```\s+<!-- demo: end -->",
        readme,
        re.DOTALL,
    )

    assert alike(shown) == alike(demo.transcript())


def test_its_picture_is_there_and_is_one() -> None:
    picture = "docs/statistics.png"

    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
    assert f"]({picture})" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_demo_host_runs_from_its_tree(tmp_path: Path) -> None:
    with pages.follow("demo/README.md") as page:
        page.check_off("pip install -e '.[report]'")  # as this session is installed

        printed = page.run(
            flow.ROOT,
            "python demo/manage.py migrate",
            "python demo/manage.py loaddata demo",
            "python demo/manage.py send_usage_report --dry-run",
            environ={"PAPERLESS_DATA_DIR": str(tmp_path / "data")},
        )

    assert "Documents       : 0\N{EN DASH}99" in printed
    assert printed.endswith("Dry run \N{EM DASH} nothing sent.\n")
