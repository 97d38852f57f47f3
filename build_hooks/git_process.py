"""Runs git's commands. No other module does."""

import contextlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from build_hooks.errors import GitStuckError, NoGitFactsError
from build_hooks.project_files import has_file
from build_hooks.text import as_clause

# The repository's settings may not change the facts, or run a program that it names.
_SETTINGS = (
    "core.checkStat=default",  # else a change of the same size can be missed
    "core.fsmonitor=false",  # a program
    "core.ignoreCase=false",  # hides a new file next to one of the same letters
    "core.symlinks=true",  # else a file with a link's path counts as the link
    "core.trustctime=true",  # as for checkStat
    "log.showSignature=false",  # prints into the lines we parse
    "safe.bareRepository=explicit",  # a folder of the tree may look like a repository
)
_READING = (
    "--no-optional-locks",  # a plain status rewrites .git/index
    *(it for setting in _SETTINGS for it in ("-c", setting)),
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_LITERAL_PATHSPECS": "1",  # a folder's name may look like a pattern
    "GIT_NO_REPLACE_OBJECTS": "1",  # HEAD itself, not its replacement
}
# A build neither asks for passwords nor fetches.
_OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# The caller's variables that git gets: settings, discovery, authors, connections and LFS.
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
    "GIT_LFS_",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
)
_CEILINGS = "GIT_CEILING_DIRECTORIES"
# Git reads a big tree from a slow disk for minutes, but it does not sleep then.
_IDLE_SECONDS, _MOST_SECONDS = 2, 300
_TRACE = '{"event":'
_REPORT = re.compile(r'\{"event":"def_param".*"value":"(?!false")')
_PREFIXES = ("fatal: ", "error: ", "warning: ", "hint: ")


class GitProcess:
    """A command of git, which runs while Python does something else."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        *arguments: str,
        online: bool = False,
        reported: Sequence[str] = (),
    ) -> None:
        """Start git.

        Args:
            folder: The folder to run it in, in a work tree.
            environ: The caller's environment.
            arguments: The command and its arguments.
            online: Whether git may connect, ask for a password, and take its time.
            reported: The names of settings that `has_reported` looks for.

        Raises:
            NoGitFactsError: If there is no git, or *folder* is not in a repository.
            ProjectFileError: If something else is in the place of `.git`.
        """
        top = find_top(folder)
        if top is None:
            raise NoGitFactsError(f"{folder} is not in a git repository")
        kept = {
            key: value
            for key, value in environ.items()
            if not key.startswith("GIT_") or key.startswith(_PASSED)
        }
        own = {
            **_ENVIRONMENT,
            # Whatever core.worktree and core.bare say: the facts must be of this tree,
            "GIT_WORK_TREE": str(top),
            # and of its own repository, not of one above a broken one.
            _CEILINGS: os.pathsep.join(
                filter(None, (kept.get(_CEILINGS), str(top.parent)))
            ),
        }
        if reported:  # git lists these on standard error, without another process
            own |= {"GIT_TRACE2_EVENT": "2"}
            own |= {"GIT_TRACE2_CONFIG_PARAMS": ",".join(reported)}
        try:
            self._process = subprocess.Popen(  # noqa: S603  # fixed words and paths
                ("git", *(() if online else _READING), *arguments),  # noqa: S607  # from PATH
                cwd=folder,
                env={**kept, **own, **({} if online else _OFFLINE)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise NoGitFactsError("there is no git on this machine") from error
        except OSError as error:
            raise NoGitFactsError(f"git cannot be run: {as_clause(error)}") from error
        self._top, self._is_online = top, online
        self._output = ""
        self.complaint: str | None = None
        self.is_silent = False
        self.has_reported = False

    def wait(self) -> bool:
        """Wait until git ends, and return whether it succeeded.

        If it failed, `complaint` is its whole message, and `is_silent` says that it
        printed none.

        Raises:
            GitStuckError: If it waits for something that does not come.
        """
        if self._process.returncode is None:
            output, errors = self._communicate()
            self._output = os.fsdecode(output)
            lines = os.fsdecode(errors).splitlines(keepends=True)
            self.has_reported = any(map(_REPORT.match, lines))
            if self._process.returncode:
                complaint = (it for it in lines if not it.startswith(_TRACE))
                message = "".join(complaint).strip()
                self.is_silent = not message
                self.complaint = message or as_clause("")
        return self.complaint is None

    def stop(self) -> None:
        """End git, if it runs still."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
            # A filter may still have the other ends, so nothing is read.
            for pipe in (self._process.stdout, self._process.stderr):
                if pipe:
                    pipe.close()

    def _communicate(self) -> tuple[bytes, bytes]:
        if self._is_online:
            return self._process.communicate()
        activity, idle = "", 0
        for _ in range(_MOST_SECONDS):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.communicate(timeout=1)
            before, activity = activity, _read_activity(self._process.pid)
            idle = idle + 1 if activity and activity == before else 0
            if idle == _IDLE_SECONDS:
                break
        self.stop()
        raise GitStuckError(
            f"git does not end in {self._top}. It may wait for a FIFO in the place of a "
            f"file: list them with find {quote(str(self._top))} -type p, and remove them."
        )

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

    Raises:
        ProjectFileError: If a `.git` is neither a folder nor a file.
    """
    for top in (folder, *folder.parents):
        git = f"{top}/.git"
        if os.path.isdir(git):  # noqa: PTH112  # fast
            if os.path.lexists(f"{git}/HEAD"):
                return top
        elif has_file(git):
            return top
    return None


def _read_activity(pid: int) -> str:
    """Return how often each thread of a process was woken, if all of them wait.

    "" if one computes or reads from a disk, if the process waits for another program, or
    if this system does not say.
    """
    try:
        threads = [*Path(f"/proc/{pid}/task").iterdir()]
        if any((thread / "children").read_text() for thread in threads):
            return ""
        texts = [(thread / "status").read_text() for thread in threads]
    except OSError:
        return ""
    if not all("\nState:\tS" in text for text in texts):
        return ""
    return "".join(
        line for text in texts for line in text.splitlines() if "ctxt_switches" in line
    )


def join_lines(complaint: str) -> str:
    """Join the lines of git's message to one, without "fatal:" and the final period."""
    text = ""
    for line in dict.fromkeys(map(_strip, complaint.splitlines())):
        if line:
            separator = " " if text.endswith((".", ":", ",", ";")) else ". "
            text = f"{text}{separator}{line}" if text else line
    return as_clause(text)


def _strip(line: str) -> str:
    line = line.strip()
    for prefix in _PREFIXES:
        line = line.removeprefix(prefix)
    return line
