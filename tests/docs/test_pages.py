"""What every page must fulfil: tested commands, console blocks, working links, its length."""

import ast
import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from docs_tools.links import heading_anchor
from tests.support.pages import PAGES, ROOT, blocks, commands

# Languages of blocks that a reader may mistake for commands to type.
SHELLS = {"sh", "bash", "shell", "zsh", ""}
LINES = 300
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")


def followed_pages() -> set[str]:
    """The pages that some test reads commands from."""
    return {
        node.args[0].value
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).removeprefix("pages.") in {"follow", "commands"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_a_test_runs_the_commands_of_every_page() -> None:
    """`tests/projects/test_readmes.py` finds the pages of the projects by itself."""
    pages = {page for page in PAGES if commands(page)}

    assert followed_pages() == {it for it in pages if not it.startswith("projects/")}


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_in_console_blocks(page: str) -> None:
    scripts = (block.text for block in blocks(page) if block.language in SHELLS)

    assert [script for script in scripts if not script.startswith("#!")] == []


@pytest.mark.parametrize("page", PAGES)
def test_only_blocks_with_commands_are_exempt_and_say_why(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    exempt = [block for block in blocks(page, "console") if block.exempt]

    assert len(exempt) == len(re.findall(r"<!-- not run:", text))
    assert all(block.commands for block in exempt)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_has_a_target(page: str) -> None:
    folder = (ROOT / page).parent
    for target in re.findall(
        r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8")
    ):
        assert Path(folder / target).exists(), f"{page} links to {target}."


@cache
def anchors(page: Path) -> set[str]:
    """List the anchors of *page* on the repository's host, and those that it sets."""
    text = re.sub(
        r"^ *```.*?^ *```$",
        "",
        page.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {*map(heading_anchor, titles), *re.findall(r'<a name="(\w+)"', text)}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_heading_has_a_target(page: str) -> None:
    path = ROOT / page
    for file, anchor in _LINK.findall(path.read_text("utf-8")):
        target = (path.parent / file).resolve() if file else path
        assert anchor in anchors(target), f"{page} links to {file}#{anchor}."


def test_a_page_has_at_most_300_lines_outside_the_reference() -> None:
    long = {
        page
        for page in PAGES
        if page.startswith("docs/")
        and not page.startswith("docs/reference/")
        and len((ROOT / page).read_text("utf-8").splitlines()) > LINES
    }

    assert long == set()


def test_only_the_install_page_says_where_the_packages_are_not() -> None:
    """So that one page changes when they are published."""
    found = subprocess.run(
        ("git", "-c", "safe.directory=*", "grep", "-iEl", "not on a[ ]package index"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert found == ["docs/install.md"]


@pytest.mark.parametrize("page", [it for it in PAGES if "/project/" in it])
def test_every_file_that_a_page_for_contributors_names_exists(page: str) -> None:
    """Capitals stand for any name: `projects/paperless-ngx/migrations/NNNN_NAME.sql`."""
    text = (ROOT / page).read_text(encoding="utf-8")

    for name in re.findall(r"`([\w./-]+/[\w.-]+\.\w+)`", text):
        pattern = re.sub(r"[A-Z]{4,}", "*", name)
        assert any(ROOT.glob(pattern)), f"{page} names {name}."


def test_the_parsers_that_the_install_page_names_exist() -> None:
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    lines = re.findall(r"shtab --shell=bash ([\w.]+)\.(\w+) > ([\w-]+)", text)

    assert len(lines) == 2
    for module, function, command in lines:
        parser = getattr(importlib.import_module(module), function)()
        assert parser.prog == command
