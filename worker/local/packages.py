"""Installs the locked npm packages without changing those that a running program uses.

Each lock file gets a folder of its own in `worker/.packages`, and `worker/node_modules` is a link
to the current one, so that an update is a single rename. The link leads to links to the packages
and not to the packages themselves: `npm ci` in `worker` follows `node_modules` and empties it.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

from worker.local import toolchain

_FOLDERS = toolchain.WORKER / ".packages"
_LOCK_FILE = "package-lock.json"
# Says which lock file the packages are from.
_MARK = ".installed-from"


def install_needed() -> bool:
    """Whether the current packages differ from those in the lock file."""
    mark = toolchain.PACKAGES / _MARK
    current = toolchain.PACKAGES.is_symlink() and mark.is_file()
    return not current or mark.read_text() != _hash_lock_file()


def install() -> None:
    """Install the packages in the lock file, and remove those that no program uses.

    Raises:
        subprocess.CalledProcessError: If npm fails; it has printed the reason.
    """
    _FOLDERS.mkdir(exist_ok=True)
    with (_FOLDERS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another command may have installed them in the meantime.
        if install_needed():
            folder = _FOLDERS / _hash_lock_file()
            if not folder.is_dir():
                _download(folder)
            _switch(_link_each(folder))
            _remove_unused(folder)


def hold() -> IO[bytes]:
    """Keep the current packages until the returned file is closed, whatever is installed."""
    file = (toolchain.PACKAGES.resolve().parent / _LOCK_FILE).open("rb")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def _hash_lock_file() -> str:
    return hashlib.sha256((toolchain.WORKER / _LOCK_FILE).read_bytes()).hexdigest()


def _download(folder: Path) -> None:
    """Make *folder* with the packages, whole or not at all."""
    made = folder.with_name("new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    for name in ("package.json", _LOCK_FILE):
        shutil.copy(toolchain.WORKER / name, made)
    # No package needs an install script, and a script could fetch something unlocked.
    command = [
        # Use the system's certificates, as pip does: some networks have their own.
        *(str(toolchain.NODE), "--use-system-ca", str(toolchain.NPM), "ci"),
        *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
    ]
    path = f"{toolchain.NODE.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(  # noqa: S603  # no argument comes from a user
        command,
        cwd=made,
        env={**os.environ, "PATH": path},
        stdout=sys.stderr,
        check=True,
    )
    (made / "node_modules" / _MARK).write_text(folder.name)
    made.rename(folder)


def _link_each(folder: Path) -> Path:
    """Return the folder of links to the packages in *folder*, and add those that are missing."""
    packages, links = folder / "node_modules", folder / "links"
    for package in (*packages.glob("[!@]*"), *packages.glob("@*/*")):
        link = links / package.relative_to(packages)
        link.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            link.symlink_to(os.path.relpath(package, link.parent))
    return links


def _switch(links: Path) -> None:
    """Make `node_modules` a link to *links*."""
    link = _FOLDERS / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(links, toolchain.WORKER))
    if toolchain.PACKAGES.is_dir() and not toolchain.PACKAGES.is_symlink():
        # `npm ci` in `worker` has made it. It is removed with the other folders.
        replaced = _FOLDERS / "replaced"
        shutil.rmtree(replaced, ignore_errors=True)
        toolchain.PACKAGES.rename(replaced)
    link.rename(toolchain.PACKAGES)


def _remove_unused(current: Path) -> None:
    for folder in (it for it in _FOLDERS.iterdir() if it.is_dir() and it != current):
        with contextlib.suppress(BlockingIOError):
            with (folder / _LOCK_FILE).open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
