"""Draws the dry run of the demo as a terminal, from its transcript, and shows it in pages."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from docs_tools import generated_blocks, transcript

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs" / "tutorials" / "whole-path.md"
PICTURE = ROOT / "docs" / "pictures" / "dry-run.svg"
# Each page, and the path from it to the picture.
PAGES = {
    ROOT / "README.md": "docs/pictures/dry-run.svg",
    ROOT / "docs" / "index.md": "pictures/dry-run.svg",
}
COMMAND = "manage.py send_usage_report --dry-run"
_TITLE = "An admin reads a usage report that is not sent"
_PROMPT = "$ "
_SIZE, _LINE, _MARGIN, _BAR = 13, 19, 20, 32
# The width of a character of most monospaced fonts, in parts of the size of the font. The
# widest of those below has this one.
_ADVANCE = 0.61
_FONTS = (
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono',"
    " 'Liberation Mono', monospace"
)
_STYLE = """\
.window { fill: #f6f8fa; stroke: #57606a; }
.dot { fill: #afb8c1; }
.text { fill: #1f2328; white-space: pre; }
.prompt { fill: #0969da; }
@media (prefers-color-scheme: dark) {
  .window { fill: #161b22; stroke: #8b949e; }
  .dot { fill: #484f58; }
  .text { fill: #f0f6fc; }
  .prompt { fill: #58a6ff; }
}
"""


def files() -> Iterator[tuple[Path, str]]:
    """Give the path and the text of the picture, and of the pages that show it."""
    printed = transcript.read_step(
        transcript.read_transcript(TUTORIAL.read_text("utf-8")), f"Run {COMMAND}"
    )
    yield PICTURE, draw(COMMAND, printed)
    for page, picture in PAGES.items():
        shown = f"![{describe(COMMAND, printed)}]({picture})"
        yield (
            page,
            generated_blocks.replace_block(page.read_text("utf-8"), "preview", shown),
        )


def describe(command: str, printed: str) -> str:
    """Return all that the terminal shows in one line, for people who do not see the picture."""
    said = re.sub(r" +: +", ": ", printed)
    # A row of a table or a paragraph, which ends a sentence, is separate from the next.
    said = re.sub(r"(?<![.:\n])\n(?=\n|  )|(?<=[^.:\n])\n(?=[A-Z])", ". ", said)
    said = " ".join(said.split())
    return f"A terminal: {_PROMPT}{command}. {said}".replace("[", "(").replace("]", ")")


def draw(command: str, printed: str) -> str:
    """Return an SVG of a terminal in which *command* has *printed* its text.

    The text is real text, in lines as printed. Colors follow the reader's preference.
    """
    lines = printed.rstrip("\n").split("\n")
    longest = max(map(len, (_PROMPT + command, *lines)))
    width = round(longest * _SIZE * _ADVANCE) + 2 * _MARGIN
    height = _BAR + (len(lines) + 1) * _LINE + _MARGIN
    rows = [f'<tspan class="prompt">{_PROMPT}</tspan>{escape(command, quote=False)}']
    rows += [escape(line, quote=False) for line in lines]
    # A line without text keeps its place, and is empty where someone copies the text.
    text = "\n".join(
        f'<text class="text" xml:space="preserve" x="{_MARGIN}"'
        f' y="{_BAR + _LINE * (number + 1) - 5}">{row}</text>'
        for number, row in enumerate(rows)
    )
    dots = "".join(
        f'<circle class="dot" cx="{_MARGIN + 16 * number}" cy="18" r="5"/>'
        for number in range(3)
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"\
 height="{height}" role="img" aria-labelledby="title desc"\
 font-family="{_FONTS}" font-size="{_SIZE}">
<title id="title">{escape(_TITLE)}</title>
<desc id="desc">{escape(describe(command, printed))}</desc>
<style>
{_STYLE}</style>
<rect class="window" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>
{dots}
{text}
</svg>
"""
