"""Makes a Debian root file system in a folder, and runs commands in it.

This needs root. Every command gets its own mounts and processes, which Linux ends with
the command: they are never visible outside it, and none is left over even if the test is
killed. What remains is an ordinary folder.
"""

import contextlib
import os
import shlex
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import require, require_root
from tests.support.temporary import make_folder

# Where the file system has this machine's certificates, which may include a proxy's. A
# name of its own, because installing ca-certificates there writes the usual file.
CERTIFICATES = "/etc/ssl/this-machine.pem"
# Makes Python, pip, Requests, git, curl and Node.js read them.
VARIABLES = dict.fromkeys(
    (
        *("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"),
        *("GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    ),
    CERTIFICATES,
)
_TOOLS = ("apt-get", "mmdebstrap", "unshare", "setpriv", "mount", "chroot")
# The new process namespace ends with its first process, which ends with `unshare`, which
# ends with this process. Mounts in a namespace end with its last process.
ISOLATED = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)
# The machine's settings that apt needs to reach the mirror.
_APT_SETTINGS = ("Check-Valid-Until", "Check-Date", "http::Proxy", "https::Proxy")


class RootFileSystemError(Exception):
    """A command in a root file system failed; the message is all that it printed."""


@dataclass(frozen=True)
class RootFileSystem:
    """A root file system in the folder *path*."""

    path: Path

    def run(
        self,
        *command: str,
        cwd: str = "/",
        environ: Mapping[str, str] | None = None,
        shared: Mapping[Path, str] | None = None,
        answer: str = "",
        capture: bool = True,
    ) -> str:
        """Run *command* with this as its root folder; return its standard output.

        Args:
            command: The program and its arguments.
            cwd: The folder to run it in, as the command sees it.
            environ: Variables to add. The command gets none of this machine's, except
                those that pip needs to find its index.
            shared: Folders of this machine, and where the command sees them, read-only.
            answer: The command's standard input.
            capture: Return what the command prints, instead of letting it appear here.

        Raises:
            RootFileSystemError: If its exit status is not 0.
        """
        mounts: list[tuple[str | Path, ...]] = [
            # A root folder that is a mount itself, as `unshare` and containers need.
            ("--bind", self.path, self.path),
            ("--rbind", "/dev", self.inside("/dev")),
            ("--rbind", "/sys", self.inside("/sys")),
            # Terminals and shared memory of its own.
            ("-t", "devpts", "devpts", self.inside("/dev/pts")),
            ("-t", "tmpfs", "tmpfs", self.inside("/dev/shm")),  # noqa: S108  # no file
            ("-t", "proc", "proc", self.inside("/proc")),
        ]
        for source, target in (shared or {}).items():
            self.inside(target).mkdir(parents=True, exist_ok=True)
            mounts.append(("--bind", "-o", "ro", source, self.inside(target)))
        script = [shlex.join(map(str, ("mount", *mount))) for mount in mounts]
        root = shlex.quote(str(self.path))
        script.append(f'exec chroot {root} env -C {shlex.quote(cwd)} "$@"')
        return _run(
            *command,
            before=("sh", "-euc", "\n".join(script), "sh"),
            environ={
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root",
                "LANG": "C.UTF-8",
                "DEBIAN_FRONTEND": "noninteractive",
                **_settings_of_pip(),
                **VARIABLES,
                **(environ or {}),
            },
            answer=answer,
            capture=capture,
        )

    def inside(self, path: str) -> Path:
        """Return where the absolute *path* of this file system is on this machine."""
        return self.path / path.lstrip("/")

    def install(self, *packages: str) -> None:
        """Install more of Debian's packages."""
        self.run("apt-get", "-qq", "update")
        self.run("apt-get", "-qq", "--no-install-recommends", "install", *packages)


@contextlib.contextmanager
def debian(
    suite: str, *packages: str, parent: Path | None = None
) -> Iterator[RootFileSystem]:
    """Make Debian's *suite* with *packages*, and remove it at the end.

    It has the machine's certificates, and reaches the network as the machine does. Skip
    the running test if a tool is missing.

    Args:
        suite: A release's name, such as "trixie" or "sid".
        packages: What to install next to Debian's minimal system.
        parent: The folder to make it in; by default the system's temporary folder.

    Raises:
        RootFileSystemError: If a package cannot be installed.
    """
    require(*_TOOLS)
    require_root()
    with make_folder(f"{suite}-", parent) as folder:
        # Other users must be able to pass, such as the user that apt downloads as.
        folder.chmod(0o755)
        made = RootFileSystem(folder / "root")
        _run(
            *("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"),
            *(f"--aptopt={setting}" for setting in _settings_of_apt()),
            *(f"--include={','.join(packages)}" for _ in packages[:1]),
            *(suite, str(made.path), *_mirror()),
        )
        _connect(made)
        yield made


def _connect(made: RootFileSystem) -> None:
    """Let programs in *made* resolve names and trust what this machine trusts."""
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        made.inside(name).unlink(missing_ok=True)
        shutil.copy(name, made.inside(name))
    trusted = ssl.get_default_verify_paths().cafile
    if trusted:
        made.inside(CERTIFICATES).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(trusted, made.inside(CERTIFICATES))


def _settings_of_apt() -> list[str]:
    """Return the machine's settings for downloads, in the form of apt.conf."""
    dumped = _run("apt-config", "dump").splitlines()
    starts = tuple(f"Acquire::{name} " for name in _APT_SETTINGS)
    return ['Acquire::Retries "3";'] + [it for it in dumped if it.startswith(starts)]


def _mirror() -> list[str]:
    """Return the machine's own mirror, or nothing to use mmdebstrap's default."""
    listed = _run("apt-get", "indextargets", "--format", "$(SITE)", "Label: Debian")
    return listed.splitlines()[:1]


def _settings_of_pip() -> dict[str, str]:
    """Return the variables that say which index pip uses, and how to reach it."""
    names = (
        *("PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "no_proxy"),
    )
    return {name: os.environ[name] for name in names if name in os.environ}


def _run(
    *command: str,
    before: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    answer: str = "",
    capture: bool = True,
) -> str:
    """Run *command* with its own mounts; *before* prepares these and then executes it."""
    done = subprocess.run(
        (*ISOLATED, *before, *command),
        env=environ,
        input=answer,
        capture_output=capture,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"$ {shlex.join(command)}\n{done.stdout or ''}{done.stderr or ''}"
        raise RootFileSystemError(message)
    return done.stdout or ""
