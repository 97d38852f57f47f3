"""Writes the results of a benchmark to its page in docs/explanation/."""

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path

from docs_tools import generated_blocks

DOCS = Path(__file__).resolve().parents[2] / "docs"
# The page of each generated block.
PAGES = {
    "stamp": "performance-build",
    "report": "performance-reporter",
    "reporter": "performance-reporter",
    "server": "performance-receiver",
    "worker": "performance-receiver",
    "stats": "performance-receiver",
    "disclosure": "disclosure",
}


def write(name: str, table: str) -> None:
    """Replace the generated block *name* with *table* and a line about the machine."""
    generated_blocks.update_file(
        DOCS / "explanation" / f"{PAGES[name]}.md",
        name,
        f"{describe_machine()}\n\n{table}",
    )


def describe_machine() -> str:
    """Describe the machine and the date in one line."""
    git = subprocess.run(
        ("git", "--version"), capture_output=True, text=True, check=True
    )
    return (
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {os.cpu_count()} cores, "
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"{git.stdout.strip()}. The machine is shared, so trust the ratios more than the times."
    )
