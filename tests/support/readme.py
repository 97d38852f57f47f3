"""The commands that README.md tells its readers to type."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path = ROOT / "README.md") -> list[str]:
    """Every line behind a `$ ` in the page's console blocks."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [
        line.removeprefix("$ ")
        for block in blocks
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
