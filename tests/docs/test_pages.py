"""What holds for every page."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.pages import PAGES, ROOT, blocks, commands

# What a reader may take for a command is in console blocks, behind a prompt.
SHELLS = {"sh", "bash", "shell", "zsh", ""}


def followed() -> set[str]:
    """The pages whose commands a test reads from the page."""
    return {
        node.args[0].value
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).removeprefix("pages.") in {"followed", "commands"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_page_with_commands_is_followed_by_a_test() -> None:
    assert followed() == {page for page in PAGES if commands(page)}


@pytest.mark.parametrize("page", PAGES)
def test_commands_stand_in_console_blocks(page: str) -> None:
    scripts = (it.text for it in blocks(page) if it.language in SHELLS)

    assert [it for it in scripts if not it.startswith("#!")] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_exempt_is_a_command_and_says_why(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    exempt = [it for it in blocks(page, "console") if it.exempt]

    assert len(exempt) == len(re.findall(r"<!-- not run:", text))
    assert all(it.commands for it in exempt)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target in re.findall(
        r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8")
    ):
        assert Path(folder / target).exists(), target


def test_every_file_that_the_contributors_page_names_exists() -> None:
    """Capitals stand for any name: `worker/migrations/NNNN_NAME.sql`."""
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")

    for name in re.findall(r"`([\w./-]+/[\w.-]+\.\w+)`", text):
        pattern = re.sub(r"[A-Z]{4,}", "*", name)
        assert any(ROOT.glob(pattern)), f"docs/contributing.md names {name}."
