"""Runs `build-stamp verify` in this process, and returns the checks that fail."""

import contextlib
import io

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
