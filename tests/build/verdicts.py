"""Runs `build-stamp verify`, and returns the checks that fail."""

import contextlib
import io
import re
import resource
import subprocess
import sys
from pathlib import Path

from build_hooks import cli


def verify(*arguments: object) -> list[str]:
    """Return the lines of the checks that fail, without "FAIL"."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        status = cli.main(["verify", *map(str, arguments)])
    lines = output.getvalue().splitlines()
    failures = [it.partition("FAIL")[2].strip() for it in lines if "  FAIL  " in it]
    assert bool(status) == bool(failures), lines
    return failures


def verify_in_little_memory(artifact: Path) -> list[str]:
    """Do the same in a child process, which can take 300 MiB."""
    done = subprocess.run(
        (sys.executable, "-m", "build_hooks", "verify", str(artifact)),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (300 << 20,) * 2
        ),  # it starts no thread
    )
    assert (done.returncode, done.stderr) == (1, "")
    return re.findall("FAIL +(.*)", done.stdout)
