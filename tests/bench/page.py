"""docs/performance.md: each benchmark writes its own part."""

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path

from docs_tools import generated_blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def write(name: str, table: str) -> None:
    """Put *table*, and the machine that it was measured on, between the marks of *name*."""
    generated_blocks.update_file(PAGE, name, f"{machine()}\n\n{table}")


def machine() -> str:
    """The machine and the day, in a line."""
    git = subprocess.run(
        ("git", "--version"), capture_output=True, text=True, check=True
    )
    return (
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {os.cpu_count()} cores, "
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"{git.stdout.strip()}. The machine is shared, so trust the ratios more than the times."
    )
