"""docs/faq.md: its commands work, and its answers lead to the page with the details."""

import re
from pathlib import Path

from docs_tools import public_surface
from tests.support import pages
from tests.support.pages import PAGES, ROOT
from tests.support.repository import Repository

TEXT = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")
# A project that setuptools builds, so the hook cannot run.
FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "shelf"
version = "1.4.0"
""",
    ".gitignore": "dist/\n*.egg-info/\nbuild/\n",
    "src/shelf/__init__.py": "",
}
OURS = ("build-stamp", "usage-receiver", "usage_reporting", "send_usage_report")
NAMED = re.compile(rf"`(?:python3 manage\.py )?((?:{'|'.join(OURS)}) [a-z-][^`]*)`")
# Options of a whole command, which the reference does not list.
GENERAL = {"--help", "--version"}


def list_answers() -> dict[str, str]:
    """Return each answer by its question."""
    sections = re.split(r"^#{2,3} ", TEXT, flags=re.MULTILINE)[1:]
    parts = (section.partition("\n") for section in sections)
    return {title: answer for title, _, answer in parts if title.endswith("?")}


def list_unknown(code: str, known: set[str]) -> list[str]:
    """List what *code* names and no parser has: its command, and options of it."""
    command, *words = code.split()
    if command != "send_usage_report":
        command = f"{command} {words[0].partition('|')[0]}"
    options = [it.partition("=")[0] for it in words if it.startswith("--")]
    names = [f"{command} {it}" for it in options if it not in GENERAL]
    exists = any(f"{it} ".startswith(f"{command} ") for it in known)
    return [*([] if exists or GENERAL & {*options} else [command]), *({*names} - known)]


def test_a_project_of_setuptools_gets_a_stamp_as_the_page_says(tmp_path: Path) -> None:
    project = Repository(tmp_path / "shelf")
    project.write(FILES)
    project.commit()
    project.tag("v1.4.0")

    with pages.follow("docs/faq.md") as page:
        printed = page.run(tmp_path, *pages.commands("docs/faq.md"))

    checks = printed.partition(".whl\n")[2]
    assert "ok    commit" in checks
    assert "ok    channel  stable" in checks
    assert "FAIL" not in checks


def test_every_answer_links_to_a_page() -> None:
    answers = list_answers()

    assert len(answers) > 25
    assert [
        question for question, answer in answers.items() if "](" not in answer
    ] == []


def test_every_command_that_a_page_names_in_a_sentence_exists() -> None:
    listed = public_surface.describe()["command-line"]
    known = {name.removeprefix("manage.py ") for name in listed}
    unknown = {
        f"{page}: {name}"
        for page in PAGES
        for code in NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
        for name in list_unknown(code, known)
    }

    assert unknown == set()
