"""Reads the commands, blocks and tables of the project's pages, and runs the commands.

A command follows `$ ` in a console block, and its further lines follow `> `. If no test
can run it, a comment above the block gives the reason: `<!-- not run: REASON -->`.
"""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import require
from tests.support.repository import hermetic

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "demo").glob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
        *(ROOT / "projects").glob("*/*.md"),
    )
)
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<exempt>.+?) -->\n\n?)?"
    r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; *exempt* is the reason why no test runs it, or None."""

    language: str
    text: str
    exempt: str | None

    @property
    def commands(self) -> list[str]:
        """The commands of a console block, without their prompts."""
        prompted = re.findall(r"^ *\$ (.*(?:\n *> .*)*)", self.text, re.MULTILINE)
        return [re.sub(r"\n *> ", "\n", command) for command in prompted]


def blocks(page: str, language: str | None = None) -> list[Block]:
    """List the fenced blocks of *page*, a path in the project; of one *language* only."""
    text = (ROOT / page).read_text(encoding="utf-8")
    every = (
        Block(match["language"], match["text"], match["exempt"])
        for match in _BLOCK.finditer(text)
    )
    return [block for block in every if language in (None, block.language)]


def commands(page: str) -> list[str]:
    """List the commands of *page* that tests must run."""
    return _commands(page, exempt=False)


def exempt(page: str) -> list[str]:
    """List the commands of *page* that are exempt."""
    return _commands(page, exempt=True)


def _commands(page: str, *, exempt: bool) -> list[str]:
    return [
        command
        for block in blocks(page, "console")
        if (block.exempt is not None) == exempt
        for command in block.commands
    ]


def column(page: str, heading: str, section: str = "") -> list[str]:
    """Read the first column of the table below *heading*, without its backticks.

    It is the first such table of the page, or of the *section* with that title.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    if section:
        text = text.partition(f"\n## {section}\n")[2]
    lines = text.splitlines()
    start = next(i for i, it in enumerate(lines) if it.startswith(f"| {heading}")) + 2
    cells = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        cells.append(line.split("|")[1].strip().strip("`"))
    return cells


@contextlib.contextmanager
def follow(page: str) -> Iterator["FollowedPage"]:
    """Open *page* for a test that must run all of its commands before this ends."""
    followed = FollowedPage(page)
    yield followed
    assert not followed.remaining, (
        f"{page} has commands that the test did not run: {sorted(followed.remaining)}"
    )


class FollowedPage:
    """A page, and which of its commands the test has not run yet."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._all = commands(page)
        self.remaining = set(self._all)

    def check_off(self, command: str) -> str:
        """Check off *command*, which the page must have, and return it."""
        assert command in self._all, f"{self._page} has no command {command!r}."
        self.remaining.discard(command)
        return command

    def find(self, start: str) -> str:
        """Check off and return the page's one command that begins with *start*."""
        (command,) = {it for it in self._all if it.startswith(start)}
        return self.check_off(command)

    def run(
        self,
        folder: Path,
        *lines: str,
        answer: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> str:
        """Run commands of the page in one shell in *folder*; return what they print."""
        checked = map(self.check_off, lines)
        return run_commands(folder, *checked, answer=answer, environ=environ)


def run_commands(
    folder: Path,
    *lines: str,
    answer: str = "",
    environ: Mapping[str, str] | None = None,
) -> str:
    """Run *lines* in one shell in *folder*; return what they print.

    The shell finds the Python of this session first, with everything installed there.
    """
    require("bash")
    script = "\n".join(map(_without_isolation, lines))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ("bash", "-euc", script),
        cwd=folder,
        env={**hermetic(os.environ), "PATH": path, **(environ or {})},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def _without_isolation(line: str) -> str:
    """Make a build use the packages of this session, instead of downloading them."""
    if line.startswith("python -m build") or "--rebuild" in line:
        return f"{line} --no-isolation"
    return line
