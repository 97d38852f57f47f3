"""Stops a build so that its frontend says why, even where it hides what a build prints."""

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from hatchling.bridge.app import Application


def stop_build(app: "Application", message: str) -> NoReturn:
    """Stop the build that *app* runs, with *message*.

    `python -m build -q` throws away what a failed build printed. It shows one thing: the
    message of an error that its own script, which runs hatchling, hands over in a file.

    Args:
        app: Hatchling's application.
        message: The message, in lines.
    """
    script = sys.modules.get("__main__")
    hand_over = getattr(script, "GotUnsupportedOperation", None)
    # pip runs the same script. It shows what a failed build printed, but not this error.
    is_pip = f"{os.sep}pip{os.sep}" in str(getattr(script, "__file__", ""))
    if hand_over and not is_pip and _is_output_captured():
        raise hand_over(message)
    app.abort(message)
    raise SystemExit(1)  # abort has exited


def _is_output_captured() -> bool:
    """Whether the program that started this one keeps its output to itself."""
    try:
        output, errors = os.fstat(1), os.fstat(2)
    except OSError:  # closed
        return False
    if not stat.S_ISFIFO(errors.st_mode) or not os.path.samestat(output, errors):
        return False
    with contextlib.suppress(OSError):  # only Linux says more
        parents = Path(f"/proc/{os.getppid()}/fd/2").stat()
        return not os.path.samestat(errors, parents)
    return True
