"""Boots a root file system with its own systemd, without a network but loopback.

Everything that it mounts and runs ends with the test, even if that is killed.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import require, require_root
from tests.support.rootfs import RootFileSystem, RootFileSystemError

# The control groups are in a folder of their own, since systemd changes them.
_BOOT = """
echo $$ > "$2/cgroup.procs"
exec setpriv --pdeathsig KILL unshare --mount --pid --uts --ipc --net --cgroup \\
  --fork --kill-child=KILL sh -euc "$0" sh "$1"
"""
# Services with users of their own need a root folder that is a mount, not a chroot.
_INIT = """
ip link set lo up
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs $folder; done
chmod 1777 tmp
for name in null zero full random urandom tty; do
  touch dev/$name
  mount --bind /dev/$name dev/$name
done
mkdir -p dev/pts dev/shm .machine
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
pivot_root . .machine
umount -l /.machine
exec env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd
"""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_START_SECONDS = 60


@dataclass(frozen=True)
class Machine:
    """A root file system whose systemd runs as the process *init*."""

    init: int

    def run(self, script: str, *, check: bool = True) -> str:
        """Run shell commands in it; return what they print on both outputs.

        Raises:
            RootFileSystemError: If the status is not 0, unless *check* is false.
        """
        return self._run(
            ("--mount", "--root", "--wd", "--pid", "--uts", "--ipc", "--cgroup"),
            ("env", "-i", f"PATH={_PATH}", "HOME=/root", "sh", "-euc", script),
            check=check,
        )

    def run_outside(self, *command: str, answer: str = "") -> str:
        """Run a command of the host that has the network of this machine only."""
        return self._run((), command, answer=answer)

    def _run(
        self,
        namespaces: tuple[str, ...],
        command: tuple[str, ...],
        *,
        check: bool = True,
        answer: str = "",
    ) -> str:
        done = subprocess.run(
            ("nsenter", "--target", str(self.init), "--net", *namespaces, *command),
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise RootFileSystemError(f"$ {command[-1]}\n{done.stdout}")
        return done.stdout


@contextlib.contextmanager
def boot(made: RootFileSystem) -> Iterator[Machine]:
    """Boot *made*, which has systemd, until the end of the block.

    Raises:
        RootFileSystemError: If it does not start.
    """
    require("nsenter", "unshare", "setpriv", "mount", "ip")
    require_root()
    with _make_control_group() as group:
        process = subprocess.Popen(
            ("sh", "-euc", _BOOT, _INIT, made.path, group),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with process:
            try:
                yield _wait(process)
            finally:
                process.kill()


@contextlib.contextmanager
def _make_control_group() -> Iterator[Path]:
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    mounts = [line.split()[1] for line in lines if line.split()[2] == "cgroup2"]
    group = Path(mounts[0], f"test-{os.getpid()}")
    group.mkdir()
    try:
        yield group
    finally:
        end = time.monotonic() + _START_SECONDS
        # Its processes have been killed, but may not have ended yet.
        while (group / "cgroup.procs").exists():
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    Path(folder).rmdir()
            assert time.monotonic() < end, f"{group} was not removed."
            time.sleep(0.1)


def _wait(process: subprocess.Popen[bytes]) -> Machine:
    end = time.monotonic() + _START_SECONDS
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while True:
        init = children.read_text(encoding="utf-8").split()
        if init:
            state = Machine(int(init[0])).run(
                "systemctl is-system-running || true", check=False
            )
            if state.strip() in {"running", "degraded"}:
                return Machine(int(init[0]))
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            assert process.stdout is not None
            printed = process.stdout.read().decode(errors="replace")
            raise RootFileSystemError(f"systemd has not started.\n{printed}")
        time.sleep(0.2)
