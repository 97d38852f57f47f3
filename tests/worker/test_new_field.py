"""Nothing but the contract depends on the number, the names or the titles of the fields."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import commands

FIELD = {
    "title": "The order that documents are shown in",
    "description": "How documents are sorted. Answers: is the title in use?",
    "type": "string",
    "enum": ["created", "title"],
    "examples": ["created"],
    "x-published": True,
}
COLLECTOR = '''
def read_sort_order() -> str:
    """Return how documents are sorted."""
    return "created"


COLLECTORS["sort_order"] = read_sort_order
'''
TEST = """

def test_documents_are_sorted_by_their_date() -> None:
    assert paperless_ngx.read_sort_order() == "created"
"""


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of this tree with one more field, as docs/project/extending.md says."""
    folder = tmp_path / "tree"
    # A test that gives root up reads the tree as somebody else.
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(0o755)
    commands.copy_files(commands.list_working_tree(), folder)
    packages = Path("worker", "node_modules")
    (folder / packages).symlink_to(commands.ROOT / packages)
    file = folder / "paperless_report" / "contract" / "report.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["properties"]["sort_order"] = FIELD
    file.write_text(json.dumps(schema, indent=2), encoding="utf-8")
    append(folder / "paperless_report" / "host" / "paperless_ngx.py", COLLECTOR)
    append(folder / "tests" / "report" / "test_paperless_ngx.py", TEST)
    # Some tests ask git for the tracked files.
    for words in (("init", "--quiet"), ("add", "--all")):
        run(folder, "git", *words)
    for words in (("worker.local", "migrate"), ("worker.local", "describe")):
        run(folder, sys.executable, "-m", *words)
    run(folder, sys.executable, "-m", "docs_tools")
    catalogue = folder / "paperless_report/locale/de/LC_MESSAGES/django.po"
    translate(catalogue, FIELD["title"], "Die Reihenfolge der Dokumente")
    translate(catalogue, FIELD["description"], "Wie Dokumente sortiert sind.")
    return folder


def translate(catalogue: Path, text: object, translation: str) -> None:
    """Add the translation of *text*, which the catalogue has without one."""
    before, after = catalogue.read_text(encoding="utf-8").split(f'"{text}"\n', 1)
    assert after.startswith('msgstr ""\n')
    after = after.replace('msgstr ""', f'msgstr "{translation}"', 1)
    catalogue.write_text(f'{before}"{text}"\n{after}', encoding="utf-8")


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr


@pytest.mark.nightly
@pytest.mark.parametrize("tests", ["tests/report tests/docs", "tests/worker"])
def test_the_tests_pass_with_one_more_field(tree: Path, tests: str) -> None:
    run(
        tree,
        *(sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider"),
        *("-m", "not nightly", *tests.split()),
    )
