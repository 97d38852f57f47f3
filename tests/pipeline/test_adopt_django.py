"""docs/adopt/django.md: a fresh Django project, with what the page adds, reports."""

import re
import sys
from pathlib import Path

import pytest

from paperless_report import contract
from tests.pipeline import flow, reports, shapes
from tests.support import pages
from tests.support.repository import Repository
from worker.local.harness import Harness

PAGE = "docs/adopt/django.md"
SETTINGS = "bookshelf.settings"
TAG = "v1.4.0-beta.rc1"


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """What `startproject` makes, and what the page adds, at a tagged commit."""
    folder = tmp_path / "project"
    folder.mkdir()
    flow.run(
        *(sys.executable, "-m", "django", "startproject", "bookshelf", folder),
    )
    (settings, version), (pyproject,), (ignored,) = (
        [it.text for it in pages.blocks(PAGE, language)]
        for language in ("python", "toml", "text")
    )
    path = folder / "bookshelf" / "settings.py"
    repository = Repository(folder)
    repository.write(
        {
            ".gitignore": f"build_info.py\n__pycache__/\n{ignored}",
            "pyproject.toml": pyproject,
            "bookshelf/settings.py": path.read_text(encoding="utf-8") + settings,
            "bookshelf/version.py": version,
        }
    )
    repository.commit("Report use")
    repository.tag(TAG)
    return repository


def shown() -> str:
    """What the page says that the command prints."""
    (printed,) = (
        it.text.partition("--dry-run\n")[2]
        for it in pages.blocks(PAGE, "console")
        if "--dry-run" in it.text
    )
    return printed


def labels(printed: str) -> str:
    """What is printed, without the values, which are this machine's."""
    return re.sub(r" : .*", "", printed)


@pytest.mark.slow
def test_the_page_is_followed(project: Repository, worker: Harness) -> None:
    # This session's own settings are not the reader's.
    environ = {"DJANGO_SETTINGS_MODULE": SETTINGS}
    root = project.root

    with pages.follow("docs/adopt/django.md") as page:
        page.check_off("pip install 'paperless-report[report]'")  # it is installed
        page.run(
            root,
            "mkdir -p data",
            "python manage.py migrate --verbosity 0",
            "python manage.py check",
            environ=environ,
        )
        printed = page.run(
            root, "python manage.py send_usage_report --dry-run", environ=environ
        )
        send = page.find("PAPERLESS_USAGE_REPORTING_URL=http://127.0.0.1:8787 ")
        sent = pages.run_commands(
            root,
            send.replace("http://127.0.0.1:8787", worker.url),
            answer="y\n",
            environ=environ,
        )

    assert labels(printed) == labels(shown())
    assert sent.endswith("Report sent. Thank you!\n")
    row = reports.stored(root / "data", worker)
    assert (row["version"], row["channel"], row["commit"]) == ("1.4.0", "dev", None)


@pytest.mark.slow
def test_a_beta_of_it_reports_what_was_tagged(
    project: Repository, worker: Harness, tmp_path: Path
) -> None:
    shapes.build("--wheel", project.root, tmp_path / "dist")
    (wheel,) = (tmp_path / "dist").iterdir()
    place = shapes.installed(wheel, tmp_path)
    data = place / "data"  # the folder that the page's settings name
    data.mkdir()
    reports.manage(place, data, "migrate", "--verbosity", "0", settings=SETTINGS)

    row = reports.sent(place, data, worker, SETTINGS)

    assert (row["version"], row["channel"]) == ("1.4.0", "beta")
    assert row["commit"] == project.git("rev-parse", "HEAD")[:9]
    assert row["build_date"] == flow.date_of(project)
    assert row["multi_user"] == 0
    for field in ("doc_bucket", "feature_mail", "feature_ai"):
        assert row[field] is None
    built_in = (place / "bookshelf" / "build_info.py").read_text(encoding="utf-8")
    assert 'REPORT_URL = "https://reports.example.org"' in built_in


def test_every_field_is_told_and_whether_a_report_goes_without_it() -> None:
    text = (flow.ROOT / PAGE).read_text(encoding="utf-8")

    assert pages.column(PAGE, "field") == list(contract.load_fields())
    for name, field in contract.load_fields().items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", text, re.MULTILINE)
        assert ("left out" in row) == (not field.required and name != "python"), row


def test_the_constants_that_it_names_are_there() -> None:
    page = (flow.ROOT / "worker" / "src" / "page.ts").read_text(encoding="utf-8")

    for name in ("PROJECT", "PRIVACY"):
        assert f"const {name} = " in page
