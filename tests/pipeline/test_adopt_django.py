"""docs/adopt/django.md: a new Django project with the page's additions can report."""

import json
import re
from pathlib import Path

import pytest

from paperless_report import contract
from tests.pipeline import bookshelf, commands, hosts, reports
from tests.support import pages
from tests.support.repository import Repository
from worker.local.harness import Harness

PAGE = bookshelf.PAGE


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    """The project of the page, tagged as a beta."""
    repository = bookshelf.create(tmp_path / "project")
    repository.tag("v1.4.0-beta.rc1")
    return repository


def labels(printed: str) -> str:
    """Remove the values of a preview, which depend on the machine."""
    return re.sub(r" : .*", "", printed)


@pytest.mark.slow
def test_the_commands_of_the_page_work(project: Repository, worker: Harness) -> None:
    (shown,) = (
        block.text.partition("--dry-run\n")[2]
        for block in pages.blocks(PAGE, "console")
        if "--dry-run" in block.text
    )
    # This session has settings of its own.
    environ = {"DJANGO_SETTINGS_MODULE": "bookshelf.settings"}
    root = project.root

    with pages.follow("docs/adopt/django.md") as page:
        page.check_off("pip install 'paperless-report[report]'")  # is installed already
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

    assert labels(printed) == labels(shown)
    assert sent.endswith("Report sent. Thank you!\n")
    row = reports.read_row(root / "data", worker)
    assert (row["version"], row["channel"], row["commit"]) == ("1.4.0", "dev", None)


@pytest.mark.slow
def test_a_report_from_the_wheel_of_a_beta_matches_its_tag(
    project: Repository, worker: Harness, tmp_path: Path
) -> None:
    commands.build(project.root, tmp_path / "dist", "--wheel")
    (wheel,) = (tmp_path / "dist").iterdir()
    place = commands.install(wheel, tmp_path)
    data = place / "data"  # as in the page's settings
    data.mkdir()
    host = hosts.Host.imported_from(place, data, worker.url, name="bookshelf")
    host.manage("migrate", "--verbosity", "0")

    row = reports.send(host, worker)

    assert reports.read_stamp(row) == hosts.expected_stamp(project, "beta") | {
        "version": "1.4.0"
    }
    assert row["multi_user"] == 0
    for field in ("doc_bucket", "feature_mail", "feature_ai"):
        assert row[field] is None
    built_in = (place / "bookshelf" / "build_info.py").read_text(encoding="utf-8")
    assert 'REPORT_URL = "https://reports.example.org"' in built_in


def test_the_page_lists_every_field_and_whether_it_can_be_left_out() -> None:
    fields = contract.load_fields()
    text = (commands.ROOT / PAGE).read_text(encoding="utf-8")

    assert pages.column(PAGE, "field") == list(fields)
    for name, field in fields.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", text, re.MULTILINE)
        assert ("left out" in row) == (not field.required and name != "python"), row


def test_the_file_that_names_the_project_is_the_one_in_the_page() -> None:
    text = (commands.ROOT / PAGE).read_text(encoding="utf-8")
    (file,) = re.findall(r"`([\w/]+/project\.json)`", text)

    named = json.loads((commands.ROOT / file).read_text(encoding="utf-8"))
    assert named.keys() == {"name", "page"}
