"""Runs git's commands. No other module does."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from build_hooks.errors import NoGitFactsError

_GIT = (
    "git",
    "--no-optional-locks",  # a plain status rewrites .git/index
    "-c", "core.fsmonitor=false",  # runs a program that the repository names
    "-c", "log.showSignature=false",  # prints into the lines we parse
)  # fmt: skip
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",  # a folder's name may look like a pattern
    "GIT_NO_REPLACE_OBJECTS": "1",  # HEAD itself, not its replacement
}
# A build neither asks for passwords nor fetches.
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
# The caller's variables that git gets: settings, discovery, authors and connections.
# GIT_DIR, GIT_TRACE and the like are for another repository, or change what git prints.
_PASSED = (
    "GIT_ALLOW_PROTOCOL",
    "GIT_ASKPASS",
    "GIT_AUTHOR_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMITTER_",
    "GIT_CONFIG_",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
)
_PREFIXES = ("fatal: ", "error: ", "warning: ", "hint: ")


class GitProcess:
    """A command of git, which runs while Python does something else."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        *arguments: str,
        online: bool = False,
    ) -> None:
        """Start git.

        Args:
            folder: The folder to run it in, in a work tree.
            environ: The caller's environment.
            arguments: The command and its arguments.
            online: Whether git may connect, and ask for a password.

        Raises:
            NoGitFactsError: If there is no git, or *folder* is not in a repository.
        """
        top = find_top(folder)
        if top is None:
            raise NoGitFactsError(f"{folder} is not in a git repository")
        kept = {
            key: value
            for key, value in environ.items()
            if not key.startswith("GIT_") or key.startswith(_PASSED)
        }
        # Whatever core.worktree and core.bare say: the facts must be of this tree.
        own = {**_ENVIRONMENT, "GIT_WORK_TREE": str(top)}
        try:
            self._process = subprocess.Popen(  # noqa: S603  # fixed words and paths
                (*_GIT, *arguments),
                cwd=folder,
                env={**kept, **own, **({} if online else _OFFLINE)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise NoGitFactsError("there is no git on this machine") from error
        except OSError as error:
            raise NoGitFactsError(f"git cannot be run: {error.strerror}") from error
        self._output = ""
        self.complaint: str | None = None

    def wait(self) -> bool:
        """Wait until git ends, and return whether it succeeded.

        If it failed, `complaint` is its whole message.
        """
        if self._process.returncode is None:
            output, complaint = self._process.communicate()
            self._output = os.fsdecode(output)
            if self._process.returncode:
                self.complaint = os.fsdecode(complaint).strip()
        return self.complaint is None

    def read(self) -> str:
        """Wait until git ends, and return its output.

        Raises:
            NoGitFactsError: If it failed.
        """
        if self.wait():
            return self._output
        raise NoGitFactsError(self.describe_failure())

    def describe_failure(self) -> str:
        """Return git's whole message as a clause."""
        return f"git says: {join_lines(self.complaint or '')}"


def find_top(folder: Path) -> Path | None:
    """Return the top of the work tree that *folder* lies in; None without one.

    As git does, skip an empty folder `.git`, which containers and tests leave behind.
    """
    for top in (folder, *folder.parents):
        git = top / ".git"
        if os.path.isfile(git) or os.path.lexists(git / "HEAD"):  # noqa: PTH113  # fast
            return top
    return None


def join_lines(complaint: str) -> str:
    """Join the lines of git's message to one, without "fatal:" and the final period."""
    text = ""
    for line in dict.fromkeys(map(_strip, complaint.splitlines())):
        if line:
            separator = " " if text.endswith((".", ":", ",", ";")) else ". "
            text = f"{text}{separator}{line}" if text else line
    return text.removesuffix(".") or "no reason given"


def _strip(line: str) -> str:
    line = line.strip()
    for prefix in _PREFIXES:
        line = line.removeprefix(prefix)
    return line
