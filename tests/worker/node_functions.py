"""Calls functions of the engine in Node, for tests of what they return."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from worker.local import toolchain

Call = Callable[..., Any]


@contextmanager
def run_functions(script: str) -> Iterator[Call]:
    """Run *script*, a file beside this one that answers each line of JSON with one."""
    process = subprocess.Popen(
        (toolchain.NODE, "--no-warnings", Path(__file__).with_name(script)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def call(**message: object) -> object:
        stdin.write(json.dumps(message) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())

    with process:  # closes its input, at which Node ends
        yield call
