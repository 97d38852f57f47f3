"""The numbered steps of docs/contributing.md, to be taken in a copy of the project.

A step begins with the file that it is about. Its block is a whole new file; or, in
`diff`, lines with `+` and `-` before them, around which the others stand as they are,
and `@@` alone parts one place from the next; or a command.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.support.pages import ROOT
from tests.support.repository import Repository, hermetic

PAGE = "docs/contributing.md"
_STEP = re.compile(
    r"^(?P<number>\d+)\. (?P<words>.*?)^ +```(?P<language>\w+)\n(?P<text>.*?)^ +```$",
    re.MULTILINE | re.DOTALL,
)
_DOCS = "$ python -m docs"


@dataclass(frozen=True)
class Step:
    """One step: in which file, and what; of a command, no file."""

    number: int
    file: str
    language: str
    text: str


def steps(title: str) -> list[Step]:
    """The steps below the heading *title*, in their order."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    section = re.search(
        rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)",
        _fenced(text),
        re.MULTILINE | re.DOTALL,
    )
    assert section, f"{PAGE} has no section {title!r}."
    found = [
        Step(
            int(it["number"]),
            _file(it["words"]) if it["language"] != "console" else "",
            it["language"],
            textwrap.dedent(it["text"].replace("\x00", "#")),
        )
        for it in _STEP.finditer(section[1])
    ]
    assert [it.number for it in found] == [*range(1, len(found) + 1)]
    return found


def _fenced(text: str) -> str:
    """*text*, in which no line of a block looks like a heading."""
    return re.sub(
        r"^( *)```.*?^\1```$",
        lambda block: re.sub(r"^#", "\x00", block[0], flags=re.MULTILINE),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def _file(words: str) -> str:
    named = re.match(r"`([^`]+)`: ", words)
    assert named, f"A step must begin with its file: {words!r}"
    return named[1]


def copy(folder: Path) -> Path:
    """A copy of the project as git keeps it, with the Worker's packages beside it."""
    tree = folder / "project"
    listed = Repository.at(ROOT).git(
        *("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    packages = ROOT / "worker" / "node_modules"
    if packages.is_dir():
        (tree / "worker" / "node_modules").symlink_to(packages)
    return tree


def take(tree: Path, these: Iterable[Step]) -> None:
    """Take *these* steps in *tree*."""
    for step in these:
        match step.language:
            case "console":
                assert step.text.strip() == _DOCS, step.text
                done = run(tree, "-m", "docs")
                assert done.returncode == 0, done.stderr
            case "diff":
                _change(tree / step.file, step.text)
            case _:
                assert not (tree / step.file).exists(), f"{step.file} is there already."
                (tree / step.file).write_text(step.text, encoding="utf-8")


def _change(path: Path, diff: str) -> None:
    text = path.read_text(encoding="utf-8")
    for place in diff.split("@@\n"):
        lines = [(it[:1], it[1:]) for it in place.splitlines(keepends=True)]
        assert {sign for sign, _ in lines} <= {" ", "+", "-", "\n"}, place
        before = "".join(it or "\n" for sign, it in lines if sign != "+")
        after = "".join(it or "\n" for sign, it in lines if sign != "-")
        if lines[-1][0] == " ":  # which stands as it is, and may go on
            before, after = before.rstrip("\n"), after.rstrip("\n")
        found = re.findall(f"^{re.escape(before)}", text, re.MULTILINE)
        assert len(found) == 1, (
            f"{path.name} has {len(found)} places as this:\n{before}"
        )
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def run(
    tree: Path, *arguments: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with *arguments* in *tree*, whose modules come before all others."""
    path = os.pathsep.join((str(tree), str(tree / "demo" / "src")))
    return subprocess.run(
        (sys.executable, *arguments),
        cwd=tree,
        env={**hermetic(os.environ), "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def fails(tree: Path, test: str) -> None:
    """See that *test* of *tree* fails, and not for want of being there."""
    status, said = _tested(tree, "-x", test)
    assert status in {1, 2, 4}, f"{test} passes all the same."
    assert "not found: " not in said, said


def passes(tree: Path, *tests: str) -> None:
    """See that *tests* of *tree* pass."""
    status, said = _tested(tree, *tests)
    assert status == 0, said


def _tested(tree: Path, *arguments: str) -> tuple[int, str]:
    """pytest's exit status and what it said; with no plugin but Django's, in a second."""
    done = run(
        tree,
        *("-m", "pytest", "-q", "-p", "pytest_django.plugin", "-p", "no:cacheprovider"),
        *arguments,
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    return done.returncode, done.stdout + done.stderr
