"""Calls a function in a child process, which may crash, hang or take all memory."""

import contextlib
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

_CPU_SECONDS, _SECONDS = 20, 60  # the machine may be busy
_MEMORY_BYTES = 384 << 20
CRASHED, HUNG = 70, 71  # how a child may end, instead of its own status
_fork = multiprocessing.get_context("fork")  # its children need not import anything
Function = Callable[..., int | None]


def run_limited(
    folder: Path, function: Function, *arguments: object
) -> tuple[int, str]:
    """Call *function* in a new folder in *folder*; return its status and output."""
    current = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    output = current.with_suffix(".txt")
    child = _fork.Process(target=_call, args=(current, output, function, arguments))
    child.start()
    child.join(_SECONDS)
    is_hung = child.is_alive() or child.exitcode == -signal.SIGXCPU
    with contextlib.suppress(ProcessLookupError):  # all that it started has ended
        os.killpg(child.pid or 0, signal.SIGKILL)
    child.join()
    text = output.read_text(encoding="utf-8", errors="replace")
    status = child.exitcode or 0
    return (HUNG if is_hung else CRASHED if status < 0 else status), text


def _call(
    folder: Path, output: Path, function: Function, arguments: tuple[object, ...]
) -> None:
    os.setpgid(0, 0)
    os.chdir(folder)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 5))
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        status = function(*arguments) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  # a finding, whatever it is
        traceback.print_exc()
        status = CRASHED
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
