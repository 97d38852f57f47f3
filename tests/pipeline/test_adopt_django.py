"""The pages on Django: from a new project to published numbers, counts and a release."""

import contextlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from paperless_report.host import collectors
from paperless_report.host import project as declared
from tests.pipeline import bookshelf, commands, hosts, reports
from tests.support import pages
from tests.support.preview import read_preview
from tests.support.repository import Repository
from worker.local.harness import run_worker

PAGE = bookshelf.PAGE
NEW_FIELD = "docs/how-to/django-new-field.md"
WEEKLY = "docs/how-to/django-weekly.md"
SETTINGS = "docs/reference/django-settings.md"
NOX = ".venv/bin/nox -s "
# This session has settings of its own.
ENVIRON = {"DJANGO_SETTINGS_MODULE": "bookshelf.settings"}
OWN = ("layout", "book_bucket", "has_loans")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the page with its receiver."""
    repository = bookshelf.create(tmp_path_factory.mktemp("finished") / "bookshelf")
    commands.run(*translate(find_command("new"), repository))
    repository.commit("Receive reports")
    return repository.root


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Repository:
    """A copy of it."""
    folder = tmp_path / "bookshelf"
    shutil.copytree(finished, folder, symlinks=True)
    return Repository(folder)


def find_command(session: str, page: str = PAGE) -> str:
    """Return the command of *page* that runs the nox session *session*."""
    (command,) = {it for it in pages.commands(page) if it.startswith(f"{NOX}{session}")}
    return command


def translate(command: str, project: Repository) -> tuple[str, ...]:
    """Return what nox runs for *command*, with this test's folders and a free port."""
    session, _, arguments = command.removeprefix(NOX).partition(" -- ")
    parent = project.root.parent
    words = shlex.split(arguments.replace("../", f"{parent}/").replace("8787", "0"))
    return (sys.executable, "-m", "worker.local", session, *words)


@contextlib.contextmanager
def serve(command: tuple[str, ...]) -> Iterator[str]:
    """Run the command that serves the receiver until the end of the block."""
    with subprocess.Popen(
        command, cwd=commands.ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def test_the_commands_of_the_page_lead_to_published_numbers(
    project: Repository,
) -> None:
    (shown,) = (
        block.text.partition("--dry-run\n")[2]
        for block in pages.blocks(PAGE, "console")
        if "--dry-run" in block.text
    )
    root = project.root

    with pages.follow("docs/how-to/django.md") as page:
        page.check_off("pip install 'paperless-report[report]'")  # is installed
        checked = page.run(
            root,
            "mkdir -p data",
            "python manage.py migrate --verbosity 0",
            "python manage.py check",
            environ=ENVIRON,
        )
        printed = page.run(
            root, "python manage.py send_usage_report --dry-run", environ=ENVIRON
        )
        page.check_off(find_command("new"))  # by the fixture
        send = page.find("BOOKSHELF_USAGE_REPORTING_URL=")
        serving = page.check_off(find_command("serve"))
        with serve(translate(serving, project)) as url:
            sent = pages.run_commands(
                root,
                send.replace("http://127.0.0.1:8787", url),
                answer="y\n",
                environ=ENVIRON,
            )
            count = page.check_off(find_command("count"))
            commands.run(*translate(count, project))
            page.check_off("curl --fail http://127.0.0.1:8787/stats")
            statistics = requests.get(f"{url}/stats", timeout=10).json()

    fields = bookshelf.load_fields()
    assert checked == "System check identified no issues (0 silenced).\n"
    assert read_preview(printed, fields).keys() == read_preview(shown, fields).keys()
    assert sent.endswith("Report sent. Thank you!\n")
    for name in OWN:
        assert statistics["fields"][name]["cells"] != []


def test_an_admin_of_the_project_sees_a_count_and_the_next_report(
    project: Repository,
) -> None:
    (events,) = pages.blocks(WEEKLY, "json")
    added, command = pages.blocks(WEEKLY, "python")
    (shown,) = pages.blocks(WEEKLY, "text")
    settings = project.root / "bookshelf" / "settings.py"
    project.write(
        {
            "bookshelf/events.schema.json": events.text,
            "bookshelf/settings.py": settings.read_text("utf-8") + added.text,
            "shelf/management/commands/import_books.py": command.text,
        }
    )
    (project.root / "data").mkdir()

    pages.run_commands(
        project.root, "python manage.py migrate --verbosity 0", environ=ENVIRON
    )
    with pages.follow("docs/how-to/django-weekly.md") as page:
        checked = page.run(
            project.root,
            "echo Emma > books.txt",
            "python manage.py import_books books.txt",
            "python manage.py check",
            environ=ENVIRON,
        )
        printed = page.run(
            project.root,
            "export BOOKSHELF_USAGE_REPORTING_URL=http://127.0.0.1:8787",
            "python manage.py usage_reporting on",
            "python manage.py usage_reporting status",
            answer="y\n",
            environ=ENVIRON,
        )

    assert checked == "System check identified no issues (0 silenced).\n"
    assert "  Reporting       : on\n" in printed
    assert "  Next report     : " in printed
    assert printed.endswith(shown.text)


def test_a_new_field_needs_its_declaration_a_collector_and_a_generated_migration(
    project: Repository, tmp_path: Path
) -> None:
    (diff,) = pages.blocks(NEW_FIELD, "diff")
    (tmp_path / "field.diff").write_text(diff.text, encoding="utf-8")

    project.git("apply", str(tmp_path / "field.diff"))
    with pages.follow("docs/how-to/django-new-field.md") as page:
        migrate = page.check_off(find_command("migrate", NEW_FIELD))
        commands.run(*translate(migrate, project))
        changed = project.git("status", "--porcelain", "--untracked-files=all")
        (project.root / "data").mkdir()
        pages.run_commands(
            project.root, "python manage.py migrate --verbosity 0", environ=ENVIRON
        )
        printed = page.run(
            project.root,
            "python manage.py check",
            "python manage.py send_usage_report --dry-run",
            environ=ENVIRON,
        )

    files = [it.split()[1] for it in changed.splitlines()]
    migration = "receiver/migrations/0002_add_has_covers.sql"
    assert files == [
        *("bookshelf/report.schema.json", "bookshelf/usage_report.py", migration)
    ]
    text = (pages.ROOT / NEW_FIELD).read_text("utf-8")
    assert migration in text
    assert "Covers are shown on the shelves : no" in text
    assert "  Covers are shown on the shelves : no\n" in printed
    with run_worker(project=project.root / "receiver") as worker:
        data = project.root / "data"
        host = hosts.Host.imported_from(project.root, data, worker.url, "bookshelf")
        host.manage("migrate", "--verbosity", "0")
        row = reports.send(host, worker)
        served = requests.get(f"{worker.url}/report.schema.json", timeout=10).json()
    assert row["has_covers"] == 0
    assert "has_covers" in served["properties"]


def test_a_report_from_the_wheel_of_a_beta_matches_its_tag(
    project: Repository, tmp_path: Path
) -> None:
    with pages.follow("docs/how-to/django-release.md") as page:
        page.check_off("pip install 'paperless-report[release]'")  # is installed
        verified = page.run(
            project.root,
            "git tag v1.4.0rc1",
            "python -m build --wheel",
            "build-stamp verify dist/bookshelf-1.4.0-py3-none-any.whl",
        )
    (wheel,) = (project.root / "dist").iterdir()
    place = commands.install(wheel, tmp_path)
    data = tmp_path / "data"
    data.mkdir()

    with run_worker(project=project.root / "receiver") as worker:
        host = hosts.Host.imported_from(place, data, worker.url, "bookshelf")
        host.manage("migrate", "--verbosity", "0")
        row = reports.send(host, worker)

    assert reports.read_stamp(row) == hosts.expected_stamp(project, "beta") | {
        "version": "1.4.0"
    }
    assert [row[name] for name in OWN] == ["grid", "0-99", 0]
    assert "ok    stamp" in verified
    assert "warn" not in verified
    built_in = (place / "bookshelf" / "build_info.py").read_text(encoding="utf-8")
    assert 'REPORT_URL = "https://reports.example.org"' in built_in


def test_the_reference_lists_every_key_of_the_setting() -> None:
    assert pages.column(SETTINGS, "key") == list(declared.KEYS)


def test_the_reference_lists_every_field_with_a_built_in_collector() -> None:
    assert pages.column(SETTINGS, "field") == list(collectors.COLLECTORS)
