"""Attacks the published statistics of made-up populations, and compares rules for publishing."""

import subprocess
from pathlib import Path

from tests.bench import page
from worker.local import toolchain

ATTACKS = Path(__file__).with_name("inference") / "main.ts"


def main(_rounds: int) -> None:
    """Run the attacks with fixed seeds and write their tables to their page."""
    print("Attacking made-up populations. This takes a few minutes ...", flush=True)
    completed = subprocess.run(
        (toolchain.NODE, "--no-warnings", ATTACKS),
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode:
        raise RuntimeError(f"The attacks failed:\n{completed.stderr[-2000:]}")
    page.write("disclosure", completed.stdout)
