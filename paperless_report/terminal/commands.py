"""Runs a command of `usage_reporting`; every failure becomes a sentence and a status."""

import contextlib
import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from paperless_report.errors import Problem, ReportingError
from paperless_report.project import Project
from paperless_report.project_faults import require_sound
from paperless_report.state.privileges import give_up_root
from paperless_report.terminal import choose, leave, reports, status
from paperless_report.terminal.call import Call, CommandFailed, Status
from paperless_report.terminal.console import OutputError, discard_output
from paperless_report.translate import gettext as _
from paperless_report.words.other_files import describe_os_error

COMMANDS: Final[Mapping[str, Callable[[Call], None]]] = {
    "status": status.show_status,
    "on": choose.turn_on,
    "off": choose.turn_off,
    "preview": reports.show_preview,
    "run": reports.run,
    "history": reports.show_history,
    "export": reports.export,
    "forget": leave.forget,
    "delete": leave.delete,
}


# Root's Python may be in a folder that no other user can read, such as /root/.pyenv.
_IMPORTED_LATER: Final = (
    *("encodings.idna", "importlib.resources", "sqlite3", "requests"),
    *("paperless_report.forgetting", "paperless_report.runs"),
    *("paperless_report.version", "paperless_report.wire.session"),
)


def run_command(call: Call, *, is_process: bool) -> None:
    """Run the command that *call* names.

    Args:
        call: What it gets.
        is_process: Whether this process was started for it: then root is given up for
            good, and an output that is closed or full is explained.

    Raises:
        CommandFailed: If it does not end with exit status 0.
    """
    try:
        if is_process:
            _give_up_root(call.reporter.project)
        COMMANDS[call.options.command](call)
        # Flush here: at the interpreter's exit it is too late to report an error.
        call.console.flush()
    except ReportingError as error:
        is_usage = error.problem is Problem.UNKNOWN_GROUP
        status = Status.WRONG_USAGE if is_usage else Status.FAILED
        raise CommandFailed(status, call.describe(error)) from error
    except KeyboardInterrupt as error:
        raise CommandFailed(Status.INTERRUPTED, _("Interrupted.")) from error
    except OutputError as error:
        if not is_process:
            raise error.cause from None  # a caller that passed its own output handles it
        discard_output()
        # Silently, as programs do whose output goes to `head`.
        sentences = [] if error.is_closed_pipe else [error.describe()]
        raise CommandFailed(Status.FAILED, *sentences) from error
    except OSError as error:
        raise CommandFailed(Status.FAILED, describe_os_error(error)) from error


def _give_up_root(project: Project) -> None:
    """Become the owner of the data directory for good, if root runs this process.

    Raises:
        ReportingError: If that fails.
    """
    folder = _find_folder(project)
    if os.geteuid() == 0:
        for name in _IMPORTED_LATER:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    try:
        give_up_root(folder)
    except OSError as error:  # neither the folder nor the one above it is there
        reason = error.strerror or type(error).__name__
        raise ReportingError(
            Problem.STATE_NO_FOLDER, path=folder, reason=reason
        ) from error


def _find_folder(project: Project) -> Path:
    try:
        return project.find_data_dir()
    except ReportingError:
        raise
    except Exception as error:  # whatever the project's own function does
        require_sound(project)
        reason = f"data_dir: {type(error).__name__}"
        raise ReportingError(Problem.UNEXPECTED, reason=reason) from error
