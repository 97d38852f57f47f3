"""Describes a failure to the person who runs a command: what, where, and what to do."""

import os
import pwd
from pathlib import Path


def describe(error: Exception) -> str:
    """Return a sentence or more on *error*, which is our own or the operating system's."""
    if not isinstance(error, OSError) or error.filename is None:
        return str(error)
    path = Path(os.fsdecode(error.filename))
    if isinstance(error, PermissionError):
        return (
            f"You may not use {path}, which belongs to {find_owner(path)}. Run this as that"
            " user, or choose another place."
        )
    if isinstance(error, FileNotFoundError):
        missing = path if path.parent.is_dir() else path.parent
        return f"There is no {missing}. Check the path, or create it first."
    return f"{path}: {error.strerror}. Choose another place."


def find_owner(path: Path) -> str:
    """Return the name of the user that *path* belongs to, or else its nearest folder."""
    for place in (path, *path.parents):
        try:
            owner = place.lstat().st_uid
        except OSError:
            continue
        try:
            return f"the user {pwd.getpwuid(owner).pw_name}"
        except KeyError:
            return f"the user {owner}"
    return "another user"


def find_user() -> str:
    """Return the name of the user that runs this process."""
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
