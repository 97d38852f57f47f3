"""Keeps root from writing its state into another user's folder."""

import os
import pwd
import stat
from pathlib import Path

from paperless_report.errors import Problem, ReportingError
from paperless_report.state.failures import explain_os

_ROOT = 0


def give_up_root(folder: Path) -> None:
    """Become the owner of *folder* for good, if this process runs as root.

    A command calls this before it opens a file. SQLite follows links and opens files by
    name, so root could be led to a file elsewhere. If the folder is missing, the owner
    of its parent counts. Nothing happens if that owner is root.

    Raises:
        ReportingError: If the owner cannot be found, or this process may not change its user.
    """
    if _ROOT not in (os.getuid(), os.geteuid()):
        return
    with explain_os(folder):
        owner = _find_owner(folder)
    if owner.st_uid == _ROOT:
        return
    try:
        account = pwd.getpwuid(owner.st_uid)
        name, group = account.pw_name, account.pw_gid
    except KeyError:  # a container often has no entry for the owner of a volume
        name, group = None, owner.st_gid
    try:
        if name is None:
            os.setgroups([group])
        else:
            os.initgroups(name, group)
        os.setgid(group)
        os.setuid(owner.st_uid)
    except OSError as error:
        raise ReportingError(
            Problem.ROOT_NOT_GIVEN_UP,
            path=folder,
            owner=owner.st_uid,
            reason=error.strerror or type(error).__name__,
        ) from error


def require_own(folder: Path) -> None:
    """Refuse to use another user's *folder* in a process of root.

    A library cannot give root up: its process needs it for something else.

    Raises:
        ReportingError: If root runs this process and another user owns the folder.
        OSError: If the folder cannot be looked at.
    """
    if os.geteuid() == _ROOT and (owner := _find_owner(folder).st_uid) != _ROOT:
        raise ReportingError(Problem.FOLDER_OF_ANOTHER_USER, path=folder, owner=owner)


def _find_owner(folder: Path) -> os.stat_result:
    """Look at *folder* or, if it is missing, at its parent.

    Raises:
        ReportingError: If a link on the way belongs neither to root nor to the owner: its
            owner could lead root into someone else's folder.
    """
    try:
        status = folder.stat()
    except FileNotFoundError:
        folder = folder.parent
        status = folder.stat()
    for part in (folder, *folder.absolute().parents):
        link = part.lstat()
        if stat.S_ISLNK(link.st_mode) and link.st_uid not in (_ROOT, status.st_uid):
            raise ReportingError(
                Problem.FOLDER_OF_ANOTHER_USER, path=part, owner=link.st_uid
            )
    return status
