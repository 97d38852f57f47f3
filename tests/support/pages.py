"""The commands that the project's pages tell their readers to type.

A command stands behind `$ ` in a console block, its further lines behind `> `. One that no test can type is exempt,
for the reason that a comment above its block gives: `<!-- not run: the reason -->`.
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
    )
)
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<exempt>.+?) -->\n\n?)?"
    r"^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and why it is not run, if it is not."""

    language: str
    text: str
    exempt: str | None

    @property
    def commands(self) -> list[str]:
        """Every line behind a `$ `, of a console block, with those behind a `> ` after it."""
        found = re.findall(r"^ *\$ (.*(?:\n *> .*)*)", self.text, re.MULTILINE)
        return [re.sub(r"\n *> ", "\n", it) for it in found]


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of *page*, a path in the project; of one *language* only."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = (
        Block(it["language"], it["text"], it["exempt"]) for it in _BLOCK.finditer(text)
    )
    return [it for it in found if language in (None, it.language)]


def commands(page: str) -> list[str]:
    """What *page* tells its readers to type, but for what is exempt."""
    return _commands(page, exempt=False)


def exempt(page: str) -> list[str]:
    """The rest of it."""
    return _commands(page, exempt=True)


def _commands(page: str, *, exempt: bool) -> list[str]:
    return [
        command
        for block in blocks(page, "console")
        if (block.exempt is not None) == exempt
        for command in block.commands
    ]


def column(page: str, heading: str) -> list[str]:
    """The first column of the table under *heading*, without its backticks."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = next(i for i, it in enumerate(lines) if it.startswith(f"| {heading}")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append(line.split("|")[1].strip().strip("`"))
    return rows


@contextlib.contextmanager
def followed(page: str) -> Iterator["Followed"]:
    """*page*, all of whose commands are to be typed before this ends."""
    it = Followed(page)
    yield it
    assert not it.left, f"{page} has commands that nobody has typed: {sorted(it.left)}"


class Followed:
    """A page, and which of its commands are still to be typed."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._all = commands(page)
        self.left = set(self._all)

    def take(self, command: str) -> str:
        """*command*, which the page must have."""
        assert command in self._all, f"{self._page} has no command {command!r}."
        self.left.discard(command)
        return command

    def starting(self, start: str) -> str:
        """The page's one command that begins with *start*."""
        (command,) = {it for it in self._all if it.startswith(start)}
        return self.take(command)

    def types(
        self,
        folder: Path,
        *lines: str,
        answer: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> str:
        """Type *lines* of the page into one shell in *folder*; give what it printed."""
        return typed(folder, *map(self.take, lines), answer=answer, environ=environ)


def typed(
    folder: Path,
    *lines: str,
    answer: str = "",
    environ: Mapping[str, str] | None = None,
) -> str:
    """Type *lines* into one shell in *folder*; give what it printed.

    Python and what is installed beside it are this session's.
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
    """A build with what this session has installed and pinned."""
    if line.startswith("python -m build") or "--rebuild" in line:
        return f"{line} --no-isolation"
    return line
